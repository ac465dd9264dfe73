import type { Measurement } from '../plan/measurement.ts';
import { isNumber, outcomeOf, type Answer } from '../prometheus/answer.ts';
import type { History } from '../signal/history.ts';
import type { Decision } from '../signal/ladder.ts';
import type { Scale } from '../signal/scale-value.ts';
import type { ToldTarget } from '../signal/told.ts';
import type { Instant } from '../time.ts';
import { hpaCount } from './hpa-count.ts';
import { limited, type Limit, type Limited, type QueryLimit } from './limit.ts';

/** Everything that a decision about the query of a revision was made from. */
export interface QueryDecided {
  readonly at: Instant;
  readonly measurement: Measurement;
  /** The newest one; undefined before the first. */
  readonly answer: AnswerSeen | undefined;
  readonly history: History | undefined;
  readonly scale: Scale;
  /** What the value is compared with: the target that the autoscaler has, else the one that it is to have. */
  readonly target: ToldTarget;
  readonly decision: Decision;
}

/** What is kept of an answer: neither its body nor what was asked beside it. */
export interface AnswerSeen {
  /** The kind of the answer: `scalar`, `vector`, or the code of a fault without `prometheus_`. */
  readonly outcome: string;
  /** Absent where there was none. */
  readonly number: number | undefined;
  /** The moment that it was evaluated for, by the clock of Prometheus. */
  readonly at: Instant | undefined;
  readonly receivedAt: Instant;
  readonly obtained: Answer['obtained'];
  /** What was said beside or instead of a number. */
  readonly notes: readonly string[];
}

export function answerSeen({ reading, receivedAt, obtained }: Answer): AnswerSeen {
  const has = isNumber(reading);
  return {
    outcome: outcomeOf(reading),
    number: has ? reading.number : undefined,
    at: has ? reading.at : undefined,
    receivedAt,
    obtained,
    notes: has ? reading.warnings : [reading.message],
  };
}

/** A decision about a revision that scales by a query of ours. */
export interface QueryRecord extends QueryDecided {
  readonly signal: 'query';
  /** Replicas that there were; undefined: unknown. */
  readonly from: number | undefined;
  /** The number that counts, before anything weaker or lower was held against it. */
  readonly number: number | undefined;
  /** What the HPA makes of the value that it is told; undefined: no value is told, and the replicas stay. */
  readonly pods: number | undefined;
  readonly limits: readonly Limit<QueryLimit>[];
}

/** The record of a decision, with the arithmetic that an HPA does with the value that it is told. */
export function queryRecord(decided: QueryDecided): QueryRecord {
  const { decision, history } = decided;
  const { rung } = decision;
  const number = rung === 'fresh' || rung === 'last-good' ? history?.good?.value : undefined;
  const { pods, limits = [] }: Partial<Limited> = askedFor(decided, number) ?? {};
  return { ...decided, signal: 'query', from: decided.scale.replicas, number, pods, limits };
}

function askedFor(decided: QueryDecided, number: number | undefined): Limited | undefined {
  const { decision, target, scale, measurement } = decided;
  const { rung, value } = decision;
  if (value === undefined) return undefined;
  const told = hpaCount(value, target, scale);
  const { min, max } = measurement.bounds;
  return limited(number === undefined ? told.exact : hpaCount(number, target, scale).exact, [
    [rung === 'fresh' ? 'window' : 'evidence', () => told.exact],
    ['tolerance', () => told.tolerated],
    ['min-scale', (pods) => Math.max(min, pods)],
    ['max-scale', (pods) => Math.min(max, pods)],
  ]);
}
