import type { Json, JsonObject } from '../json.ts';
import type { HorizontalPodAutoscaler } from '../k8s/read/children.ts';
import { parseQuantity } from '../k8s/quantity.ts';
import type { ToldTarget } from '../signal/told.ts';
import { QUERY_METRIC } from './hpa.ts';
import { objectIn } from './scaled-object-override.ts';

/**
 * What an HPA compares the value that it is told with; undefined where it does not ask for one. It is the target in the object and not the
 * one that is wanted: between an edit and its write, only a value made of the former keeps the replicas.
 */
export function targetInForce(hpa: HorizontalPodAutoscaler | undefined): ToldTarget | undefined {
  const metrics = hpa?.spec['metrics'];
  const external = (Array.isArray(metrics) ? (metrics as readonly Json[]) : []).map((metric) =>
    objectIn(metric, 'external'),
  );
  const ours = external.find((one) => isOurs(objectIn(one, 'metric')['name']));
  return ours === undefined ? undefined : targetIn(objectIn(ours, 'target'));
}

/** KEDA puts the place of the trigger before the name. */
const isOurs = (name: Json | undefined): boolean => typeof name === 'string' && name.endsWith(QUERY_METRIC);

function targetIn({ type, value, averageValue }: JsonObject): ToldTarget | undefined {
  const metricType = type === 'Value' ? 'Value' : 'AverageValue';
  const text = metricType === 'Value' ? value : averageValue;
  const quantity = typeof text === 'string' ? parseQuantity(text) : undefined;
  if (quantity?.ok !== true) return undefined;
  const { unscaled, exponent } = quantity.value.amount;
  const target = Number(`${unscaled}e${exponent}`);
  return target > 0 ? { target, metricType } : undefined;
}
