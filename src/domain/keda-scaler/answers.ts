import { countedTarget } from '../signal/scale-value.ts';
import type { Told, ToldTarget } from '../signal/told.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';
import type { Key } from '../key.ts';
import { QUERY_METRIC } from '../plan/hpa.ts';
import type { Refusal } from './refusal.ts';

/** The one metric of a revision. The HPA of KEDA knows it as `s0-hpa-bridge-query`: the prefix is the place of the trigger. */
export interface MetricSpec {
  readonly metricName: string;
  /** Above 0; per pod or for all, as `metricType` of the trigger says. */
  readonly targetSizeFloat: number;
}

export interface MetricValue {
  readonly metricName: string;
  /** Not below 0. */
  readonly metricValueFloat: number;
}

/** The HPA counts thousandths in an int64; also the largest target that a trigger takes. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** KEDA rounds to three digits half to even, Kubernetes up: a value that keeps the replicas is meant for the latter. */
export const metricSpec = (target: ToldTarget): MetricSpec => ({
  metricName: QUERY_METRIC,
  targetSizeFloat: countedTarget(target),
});

/**
 * The told value, or why there is none. KEDA takes a number that is not above 0 from another field, which says 0: what is negative cannot
 * be said (KEDA: external_scaler.go).
 */
export function metricValue(key: Key, told: Told | undefined): Result<MetricValue, Refusal> {
  const value = valueOf(key, told);
  return value.ok
    ? ok({ metricName: QUERY_METRIC, metricValueFloat: Math.min(Math.max(value.value, 0), LARGEST) })
    : value;
}

/**
 * Whether there is anything to do. KEDA wakes a Deployment from 0 by it and, while its minimum is 0, puts it to sleep; as KEDA's own
 * triggers have it, a value has to be above the activation threshold.
 */
export function isActive(
  key: Key,
  told: Told | undefined,
  { activationThreshold = 0 }: Pick<ToldTarget, 'activationThreshold'> = {},
): Result<boolean, Refusal> {
  const value = valueOf(key, told);
  return value.ok ? ok(value.value > activationThreshold) : value;
}

function valueOf(key: Key, told: Told | undefined): Result<number, Refusal> {
  if (told === undefined) return err(notMeasured(key));
  if (told.is === 'nothing') return err({ code: 'UNAVAILABLE', message: told.message });
  return ok(told.value);
}

export const notMeasured = (key: Key): Refusal => ({
  code: 'NOT_FOUND',
  message: `No query of a revision ${shown(key)} is measured here: expected the name and namespace of a ScaledObject that hpa-bridge made.`,
});

/** Undefined when the metric is the one that we have. */
export const unknownMetric = (metricName: string): Refusal | undefined =>
  metricName === QUERY_METRIC
    ? undefined
    : {
        code: 'INVALID_ARGUMENT',
        message: `metricName is ${shown(metricName)}: expected "${QUERY_METRIC}", as GetMetricSpec says it.`,
      };
