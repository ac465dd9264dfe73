import { valueThatKeeps, type Scale } from '../signal/scale-value.ts';
import type { ToldTarget } from '../signal/told.ts';
import { UNLIMITED } from '../plan/bounds.ts';

/** The tolerance of an HPA where nobody says another one (kubernetes: --horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 0.1;
/** So much more does the tolerance cover for us than it says: sums of doubles are not exact. */
const NOISE = 1e-9;

/** How the HPA counts replicas from a value, before its bounds, windows and rates (kubernetes: podautoscaler/replica_calculator.go). */
export interface HpaCount {
  /** Value by target: replicas for `AverageValue`, their factor for `Value`. */
  readonly quotient: number;
  /** The quotient, rounded up; for `Value` times the pods that are ready. */
  readonly exact: number;
  /** The same, or the replicas that there are where the value is within the tolerance of what keeps them. */
  readonly tolerated: number;
}

/** `value` is finite; a negative one asks for none. */
export function hpaCount(value: number, target: ToldTarget, scale: Scale): HpaCount {
  const { replicas, readyPods } = scale;
  const quotient = Math.min(Number.MAX_VALUE, Math.max(0, value) / target.target);
  const keeps = valueThatKeeps(target, scale);
  const ratio = keeps === undefined || keeps <= 0 ? undefined : Math.max(0, value) / keeps;
  if (replicas !== undefined && ratio === 1) return { quotient, exact: replicas, tolerated: replicas };
  const wanted = Math.ceil(target.metricType === 'Value' ? quotient * readyPods : quotient);
  const exact = Math.min(UNLIMITED, wanted);
  const isWithin = ratio !== undefined && Math.abs(ratio - 1) <= TOLERANCE + NOISE;
  return { quotient, exact, tolerated: isWithin && replicas !== undefined ? replicas : exact };
}
