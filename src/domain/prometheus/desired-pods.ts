import type { Bounds } from '../plan/intent.ts';
import { podsOf, shownNumber } from '../record/numbers.ts';

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

/** `value 47.2 / target 10 per pod -> 5 pods` */
export function meaningOf(value: number, { target, metricType, bounds, replicas }: Comparison): string {
  const pods = desiredPods(value, { target, metricType, bounds, replicas });
  const per = metricType === 'Value' ? `in all, with ${podsOf(Math.max(1, replicas))} now` : 'per pod';
  const most = bounds.max === 2 ** 31 - 1 ? 'no maximum' : `at most ${bounds.max}`;
  return `value ${shownNumber(value)} / target ${shownNumber(target)} ${per} -> ${podsOf(pods)} (at least ${bounds.min}, ${most})`;
}
