import type { Bounds } from '../plan/intent.ts';

/** What a value is compared with. */
export interface Comparison {
  readonly target: number;
  /** `AverageValue`: the target is for one pod. `Value`: for all of them together. */
  readonly metricType: 'AverageValue' | 'Value';
  readonly bounds: Bounds;
  /** Replicas now; of no meaning for `AverageValue`. */
  readonly replicas: number;
}

/** How many pods a value asks for, as the HPA counts, without its tolerance and windows. Negative values ask for none. */
export function desiredPods(value: number, { target, metricType, bounds, replicas }: Comparison): number {
  const ratio = Math.max(0, value) / target;
  const wanted = Math.ceil(metricType === 'Value' ? ratio * Math.max(1, replicas) : ratio);
  return Math.min(bounds.max, Math.max(bounds.min, wanted));
}
