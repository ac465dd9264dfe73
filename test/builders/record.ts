import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import type { Bounds } from '../../src/domain/plan/intent.ts';
import type { Measurement } from '../../src/domain/plan/measurement.ts';
import { answerSeen, queryRecord, type QueryRecord } from '../../src/domain/record/query-record.ts';
import { concurrencyRecord, type ConcurrencyRecord } from '../../src/domain/record/concurrency-record.ts';
import { decide as decideScale, firstMemory, type Memory, type Seen } from '../../src/domain/scale/decide.ts';
import type { Scaled } from '../../src/domain/scale/scaled.ts';
import { scalingOf } from '../../src/domain/scale/scaling.ts';
import type { DeciderSpec } from '../../src/domain/scale/spec.ts';
import { decide, type Standing } from '../../src/domain/signal/ladder.ts';
import { instant } from '../../src/domain/time.ts';
import { scaledOf, specOf } from './scale.ts';
import { after, answerOf, failure, historyOf, numberAt, standingWith, type Said } from './signal.ts';
import { NOW } from './world.ts';

export const measurementWith = (standing: Standing, changed: Partial<Measurement> = {}): Measurement => ({
  server: plainServer('main', 'http://prometheus.monitoring:9090'),
  query: 'sum(rate(requests[1m]))',
  policy: standing.policy,
  target: standing.target,
  bounds: { min: 1, max: 100 },
  ...changed,
});

export interface QueryCase {
  readonly said: readonly Said[];
  /** Seconds after `NOW`. */
  readonly at: number;
  readonly standing?: Parameters<typeof standingWith>[0];
  readonly bounds?: Bounds;
  readonly query?: string;
}

/** What is recorded after these answers. */
export function queryRecordOf({ said, at, standing: changed, ...measured }: QueryCase): QueryRecord {
  const standing = standingWith(changed);
  const history = historyOf(said, standing.policy);
  const [when, what] = said.at(-1) ?? [];
  const reading = typeof what === 'number' ? numberAt(what, after(when ?? 0)) : what && failure(what);
  return queryRecord({
    at: after(at),
    measurement: measurementWith(standing, measured),
    answer: reading && answerSeen(answerOf(reading, after(when ?? 0))),
    history,
    scale: { replicas: standing.replicas, readyPods: standing.readyPods },
    target: standing.target,
    decision: decide(history, standing, after(at)),
  });
}

/** What is recorded of a decision from these averages, with ten in flight for each pod and bounds from annotations. */
export function concurrencyRecordOf(
  seen: Seen,
  { spec, memory, from = seen.ready, ...scaled }: ConcurrencyCase = {},
): ConcurrencyRecord {
  const all = specOf({ target: 10, total: 12.5, utilization: 0.8, ...spec });
  const decision = decideScale(all, seen, memory ?? firstMemory(all, 1, NOW), NOW);
  const active = { status: 'True', since: instant(0) } as const;
  const scaling = scalingOf(scaledOf({ active, ...scaled }), decision.pods, NOW, true);
  if ('prove' in scaling) throw new Error('asked for a probe');
  return concurrencyRecord({ decision, scaling, from });
}

export interface ConcurrencyCase extends Partial<Scaled> {
  readonly spec?: Partial<DeciderSpec>;
  readonly memory?: Memory | undefined;
  readonly from?: number;
}
