import type { Decision } from '../scale/decide.ts';
import type { Scaling } from '../scale/scaling.ts';
import type { ZeroReason } from '../scale/to-zero.ts';
import { limited, type Limit, type LimitName } from './limit.ts';

/** Everything that a decision about a revision's concurrency or requests per second became. */
export interface ScaleDecided {
  readonly decision: Decision;
  /** What the reconcile made of it; undefined where it has not seen it yet. */
  readonly scaling: Exclude<Scaling, { readonly prove: true }> | undefined;
  /** What the Deployment is told to have; undefined while it is unknown. */
  readonly replicas: number | undefined;
}

/** A decision about a revision that scales by what its pods carry. What changes in place is no part of it. */
export interface ScaleRecord extends Omit<Decision, 'memory' | 'pods'> {
  readonly signal: 'concurrency' | 'rps';
  readonly isPanic: boolean;
  readonly scale: { readonly replicas: number | undefined; readonly readyPods: number };
  /** What decided about the last pods, if nobody needs any. */
  readonly zero: ZeroReason | undefined;
  /** Undefined: the replicas are left as they are. */
  readonly pods: number | undefined;
  readonly limits: readonly Limit[];
}

/** The record of a decision. The limits stand in the order in which they are applied (serving: pkg/autoscaler/scaling/autoscaler.go). */
export function scaleRecord({ decision, scaling, replicas }: ScaleDecided): ScaleRecord {
  const { memory, pods: decided, ...kept } = decision;
  const { spec, seen } = decision;
  const isPanic = memory.panicAt !== undefined;
  const { needs, pods: stepped } = averageThatCounts(kept, isPanic);
  const final = scaling === undefined ? decided : (scaling.replicas ?? replicas);
  const through = limited(needs, [
    ['scale-down-rate', (pods) => Math.max(pods, decision.least)],
    ['scale-up-rate', (pods) => Math.min(pods, decision.most)],
    ['activation-scale', () => stepped],
    ['panic', () => decision.undelayed],
    ['scale-down-delay', () => decided],
    [scaling?.limited.by ?? 'min-scale', (pods) => scaling?.limited.pods ?? pods],
    ['last-pod', (pods) => (scaling?.zero === undefined ? pods : (final ?? pods))],
  ] satisfies readonly (readonly [LimitName, (pods: number) => number])[]);
  return {
    ...kept,
    signal: spec.metric === 'rps' ? 'rps' : 'concurrency',
    isPanic,
    scale: { replicas, readyPods: seen.ready },
    zero: scaling?.zero,
    pods: final,
    limits: through.limits,
  };
}

/** The average that asks for more pods counts in a panic; else the one over the stable window. */
export function averageThatCounts(
  decision: Pick<Decision, 'stableNeeds' | 'panicNeeds' | 'stablePods' | 'panicPods'>,
  isPanic: boolean,
): { readonly over: 'stable' | 'panic'; readonly needs: number; readonly pods: number } {
  const { stableNeeds, panicNeeds, stablePods, panicPods } = decision;
  return isPanic && panicNeeds > stableNeeds
    ? { over: 'panic', needs: panicNeeds, pods: panicPods }
    : { over: 'stable', needs: stableNeeds, pods: stablePods };
}
