import { limitsOf, needsOf } from '../scale/limits.ts';
import type { ScaleRecord } from '../scale/record.ts';
import type { Instant } from '../time.ts';
import type { Limit } from './limit.ts';

/** A decision about a revision that scales by what its pods carry. */
export interface ConcurrencyRecord {
  readonly signal: 'concurrency' | 'rps';
  readonly at: Instant;
  /** Replicas that there were. */
  readonly from: number;
  /** Undefined: the replicas are left as they are. */
  readonly pods: number | undefined;
  readonly limits: readonly Limit[];
  readonly scale: ScaleRecord;
}

export function concurrencyRecord(scale: ScaleRecord): ConcurrencyRecord {
  const { decision, scaling, from } = scale;
  const moved = limitsOf(decision, scaling);
  const limits = moved.map(({ by, pods }, i): Limit => ({
    by,
    from: moved[i - 1]?.pods ?? needsOf(decision),
    to: pods,
  }));
  return {
    signal: decision.spec.metric === 'rps' ? 'rps' : 'concurrency',
    at: decision.at,
    from,
    pods: scaling.replicas,
    limits: limits.filter((limit) => limit.from !== limit.to),
    scale,
  };
}
