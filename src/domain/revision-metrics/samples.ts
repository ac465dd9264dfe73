import { readSettings } from '../annotation/parse.ts';
import { scaleBounds } from '../annotation/resolve.ts';
import type { Key } from '../key.ts';
import { annotationsOf } from '../plan/intent-of.ts';
import { queryFactsOf } from '../plan/query-template.ts';
import type { Scaling, World } from '../plan/world.ts';
import type { DecisionRecord } from '../record/record.ts';
import { needsOf } from '../scale/limits.ts';
import { originOf } from '../scale/record.ts';
import type { OwnLabels, RevisionMetric } from './table.ts';

/** One number of one revision. */
export interface Sample<N extends string = RevisionMetric> {
  readonly name: N;
  /** Beside namespace and revision. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SamplesOfRevision<N extends string = RevisionMetric> {
  readonly key: Key;
  readonly samples: readonly Sample<N>[];
}

/** Moves that were asked for. */
export type Moves = Readonly<Record<'up' | 'down', number>>;

export interface RevisionFacts {
  readonly world: World;
  /** What the newest plan found. */
  readonly scaling: Scaling;
  /** The newest decision; undefined where we decide nothing. */
  readonly record: DecisionRecord | undefined;
  readonly moves: Moves;
}

/** Every series of one revision that there is something to say of. */
export function samplesOf(facts: RevisionFacts): readonly Sample[] {
  const { record } = facts;
  return [...ofWorld(facts), ...(record === undefined ? [] : ofRecord(record, facts.moves))];
}

const sample = <N extends RevisionMetric>(name: N, labels: OwnLabels<N>, value: number): Sample => ({
  name,
  labels,
  value,
});

type Unlabelled = { [N in RevisionMetric]: [keyof OwnLabels<N>] extends [never] ? N : never }[RevisionMetric];

/** A series without labels of its own, where its number is known. */
const known = (name: Unlabelled, value: number | undefined): readonly Sample[] =>
  value === undefined ? [] : [sample(name, {}, value)];

function ofWorld({ world, scaling: { signal, backend } }: RevisionFacts): readonly Sample[] {
  const { pa, deployment, readyPods, config } = world;
  const { settings } = readSettings(annotationsOf(world));
  const { min, max } = scaleBounds(settings, config.autoscaler, pa.spec.reachability);
  const service = queryFactsOf(pa, world.revision).serviceName ?? '';
  return [
    sample('hpa_bridge_revision_info', { service, signal, backend }, 1),
    ...known('hpa_bridge_revision_replicas', deployment?.spec.replicas),
    ...known('hpa_bridge_revision_ready_pods', readyPods),
    ...known('hpa_bridge_revision_desired_replicas', pa.status.desiredScale),
    ...known('hpa_bridge_revision_min_replicas', min),
    ...known('hpa_bridge_revision_max_replicas', max > 0 ? max : undefined),
  ];
}

function ofRecord(record: DecisionRecord, moves: Moves): readonly Sample[] {
  return [
    ...(record.signal === 'query' ? ofQuery(record) : ofRequests(record)),
    ...[...new Set(record.limits.map(({ by }) => by))].map((limit) =>
      sample('hpa_bridge_revision_limit', { limit }, 1),
    ),
    sample('hpa_bridge_revision_moves_total', { direction: 'up' }, moves.up),
    sample('hpa_bridge_revision_moves_total', { direction: 'down' }, moves.down),
  ];
}

function ofQuery(record: Extract<DecisionRecord, { signal: 'query' }>): readonly Sample[] {
  const { number, target, decision, limits, pods } = record;
  const { rung, fault, at } = decision;
  const per = target.metricType === 'Value' ? 'revision' : 'pod';
  return [
    ...known('hpa_bridge_revision_value', number),
    ...known(
      'hpa_bridge_revision_unlimited_replicas',
      number === undefined ? undefined : (limits[0]?.from ?? pods),
    ),
    sample('hpa_bridge_revision_target', { per }, target.target),
    ...known('hpa_bridge_revision_evidence_timestamp_seconds', at / 1000),
    sample('hpa_bridge_revision_rung', { rung }, 1),
    ...(fault === undefined ? [] : [sample('hpa_bridge_revision_fault', { fault }, 1)]),
  ];
}

function ofRequests({
  scale,
}: Extract<DecisionRecord, { signal: 'concurrency' | 'rps' }>): readonly Sample[] {
  const { decision } = scale;
  const { seen, spec } = decision;
  const origin = originOf(decision);
  return [
    ...known('hpa_bridge_revision_value', seen.stable),
    ...known('hpa_bridge_revision_unlimited_replicas', needsOf(decision)),
    sample('hpa_bridge_revision_target', { per: 'pod' }, spec.target),
    ...known('hpa_bridge_revision_evidence_timestamp_seconds', origin && (decision.at - origin.age) / 1000),
    sample('hpa_bridge_revision_rung', { rung: 'concurrency' }, 1),
  ];
}
