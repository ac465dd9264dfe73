import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import { nanos, SECOND } from '../../src/domain/go/duration.ts';
import type { Bounds } from '../../src/domain/plan/intent.ts';
import type { Measurement } from '../../src/domain/plan/measurement.ts';
import { answerSeen, queryRecord, type QueryRecord } from '../../src/domain/record/query-record.ts';
import { scaleRecord, type ScaleDecided, type ScaleRecord } from '../../src/domain/record/scale-record.ts';
import { decide as decideScale, firstMemory, type Memory, type Seen } from '../../src/domain/scale/decide.ts';
import type { DeciderSpec } from '../../src/domain/scale/spec.ts';
import { decide, type Standing } from '../../src/domain/signal/ladder.ts';
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

/** Ten in flight for each pod, seventy percent of what it can carry, as config-autoscaler has it. */
export const SPEC: DeciderSpec = {
  metric: 'concurrency',
  target: 10,
  total: 12.5,
  utilization: 0.8,
  from: 'target',
  maxScaleUpRate: 10,
  maxScaleDownRate: 2,
  targetBurstCapacity: 211,
  activatorCapacity: 100,
  panicThreshold: 2,
  stableWindow: nanos(60n * SECOND),
  scaleDownDelay: nanos(0n),
  initialScale: 1,
  reachable: true,
  activationScale: 0,
};

/** What is recorded of a decision from these averages. */
export function scaleRecordOf(
  seen: Seen,
  changed: Partial<DeciderSpec> = {},
  made: Partial<ScaleDecided> & { readonly memory?: Memory } = {},
): ScaleRecord {
  const spec = { ...SPEC, ...changed };
  const { memory = firstMemory(spec, 1, NOW), ...rest } = made;
  return scaleRecord({
    decision: decideScale(spec, seen, memory, NOW),
    scaling: undefined,
    replicas: seen.ready,
    ...rest,
  });
}
