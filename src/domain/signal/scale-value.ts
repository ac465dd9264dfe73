import { decimalOf, roundedUp } from '../k8s/decimal.ts';
import type { ToldTarget } from './told.ts';

/** How many pods there are. */
export interface Scale {
  /** What the Deployment is told to have; undefined while it is unknown. */
  readonly replicas: number | undefined;
  /** Pods that are Running and Ready. */
  readonly readyPods: number;
}

const MILLI = -3;

/** Thousandths of the target: the HPA rounds them up and counts in nothing finer (kubernetes: podautoscaler/replica_calculator.go). */
const milliTargetOf = ({ target }: ToldTarget): bigint => {
  const { unscaled, exponent } = roundedUp(decimalOf(target), MILLI);
  return unscaled * 10n ** BigInt(exponent - MILLI);
};

/** Through its digits: a quotient of doubles may be the neighbour of the double that reads as the same thousandths. */
const ofMilli = (milli: bigint): number => Number(`${milli}e${MILLI}`);

/** The target as an HPA counts it, for who would round it otherwise. */
export const countedTarget = (target: ToldTarget): number => ofMilli(milliTargetOf(target));

/**
 * The value with which an HPA keeps the replicas that there are: its ratio to the target is exactly 1. Undefined while the replicas are
 * unknown. `Value` is compared with the target whatever they are.
 */
export function valueThatKeeps(target: ToldTarget, { replicas }: Scale): number | undefined {
  if (replicas === undefined) return undefined;
  const milli = milliTargetOf(target);
  return ofMilli(target.metricType === 'Value' ? milli : milli * BigInt(Math.max(0, replicas)));
}

/**
 * The value if an HPA wants more replicas by it than there are, else the one that keeps them. For `Value` a ratio above 1 is not enough:
 * it is multiplied by the pods that are ready, which may be few. Undefined while the replicas are unknown.
 */
export function neverLower(value: number, target: ToldTarget, scale: Scale): number | undefined {
  const keeps = valueThatKeeps(target, scale);
  if (keeps === undefined) return undefined;
  const { replicas = 0, readyPods } = scale;
  const raises = target.metricType === 'Value' ? value * readyPods > keeps * replicas : value > keeps;
  return raises ? Math.max(value, keeps) : keeps;
}

/**
 * The value with which an HPA wants so many replicas, within its tolerance. For `Value` it multiplies by the pods that are ready: the
 * value is rounded down there, because the HPA rounds the replicas up. Undefined if none is ready.
 */
export function valueFor(wanted: number, target: ToldTarget, { readyPods }: Scale): number | undefined {
  const milli = milliTargetOf(target) * BigInt(wanted);
  if (target.metricType === 'AverageValue') return ofMilli(milli);
  return readyPods > 0 ? ofMilli(milli / BigInt(readyPods)) : undefined;
}
