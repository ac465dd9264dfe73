import { max, toInt32 } from '../go/math.ts';
import type { DeciderSpec } from './spec.ts';

const LEAST_ACTIVATORS = 2;

/**
 * How many requests more than now, beyond the burst to be absorbed, the ready pods could carry; an int32. Negative: the activator has to
 * stay in the path. `panic` is the average over the panic window (serving: pkg/autoscaler/scaling/autoscaler.go).
 */
export function excessBurstCapacity(
  { targetBurstCapacity, total }: Pick<DeciderSpec, 'targetBurstCapacity' | 'total'>,
  ready: number,
  panic: number,
): number {
  if (targetBurstCapacity === 0) return 0;
  return targetBurstCapacity > 0 ? toInt32(Math.floor(ready * total - targetBurstCapacity - panic)) : -1;
}

/** The same before anything was measured: what the initial pods can carry beyond the burst, cut toward zero (multiscaler.go). */
export function firstBurstCapacity({
  targetBurstCapacity,
  total,
  initialScale,
}: Pick<DeciderSpec, 'targetBurstCapacity' | 'total' | 'initialScale'>): number {
  if (targetBurstCapacity === -1 || targetBurstCapacity === 0) return targetBurstCapacity;
  return toInt32(initialScale * total - targetBurstCapacity);
}

/** How many activators the path needs while they are in it: at least 2 (serving: pkg/reconciler/autoscaling/kpa/kpa.go). */
export function activatorsFor(
  {
    targetBurstCapacity,
    total,
    activatorCapacity,
  }: Pick<DeciderSpec, 'targetBurstCapacity' | 'total' | 'activatorCapacity'>,
  ready: number,
): number {
  if (targetBurstCapacity === 0) return LEAST_ACTIVATORS;
  const capacity = ready * total + (targetBurstCapacity > 0 ? targetBurstCapacity : 0);
  return toInt32(max(LEAST_ACTIVATORS, Math.ceil(capacity / activatorCapacity)));
}
