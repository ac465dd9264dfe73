import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import { either } from '../either.ts';
import { decimalText } from '../k8s/decimal.ts';
import { quantityOfMebibytes, quantityOfNumber } from '../k8s/quantity.ts';
import type { Settings } from '../annotation/settings.ts';
import { shown } from '../shown.ts';
import { part, refused } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';

export type MetricType = 'AverageValue' | 'Utilization' | 'Value';
export type TargetOf = 'cpu' | 'memory' | 'query';

/** What KEDA takes for each, the default first. */
const METRIC_TYPES: Readonly<Record<TargetOf, readonly MetricType[]>> = {
  cpu: ['Utilization', 'AverageValue'],
  memory: ['AverageValue', 'Utilization'],
  query: ['AverageValue', 'Value'],
};

/** The metric type of the default trigger (autoscaler-keda: resources/keda.go, less what KEDA would refuse). */
export function metricTypeOf(of: TargetOf, { metricType }: Settings): Part<MetricType> {
  const allowed = METRIC_TYPES[of];
  const fallback = of === 'cpu' ? 'Utilization' : 'AverageValue';
  if (metricType === undefined) return part(fallback);
  const found = allowed.find((type) => type === metricType);
  if (found !== undefined) return part(found);
  const what = of === 'query' ? 'a query' : of;
  return part(fallback, [
    refused(keyOfSetting('metricType'), `is ${shown(metricType)}: expected ${either(allowed)} for ${what}`),
  ]);
}

/** Scaling modifiers refer to the trigger of the query by its name; an empty one is none. */
export const nameOfTrigger = ({
  triggerPrometheusName: name = 'default-trigger-custom',
}: Settings): { readonly name?: string } => (name === '' ? {} : { name });

/** The HPA counts thousandths in an int64, and beyond this a double no longer counts one by one. */
const LARGEST = Number.MAX_SAFE_INTEGER;
const SMALLEST = 0.001;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  readonly print: (target: number) => string;
}

/** Percentages are whole and rounded up, as autoscaler-keda rounds them; all else is exact. */
function rangeOf(of: TargetOf, type: MetricType): Range {
  if (of === 'query') return { from: SMALLEST, to: LARGEST, unit: '', print: decimalText };
  if (type === 'Utilization')
    return {
      from: Number.MIN_VALUE,
      to: 2_147_483_647,
      unit: ' percent of the request',
      print: (target) => decimalText(Math.ceil(target)),
    };
  return of === 'cpu'
    ? { from: SMALLEST, to: LARGEST, unit: ' cores', print: quantityOfNumber }
    : { from: SMALLEST, to: Math.floor(LARGEST / 2 ** 20), unit: ' MiB', print: quantityOfMebibytes };
}

/** The target as the trigger says it: a plain number for a query, whole percent, or a quantity of cores or bytes. */
export function targetText(of: TargetOf, type: MetricType, target: number): Part<string> {
  const { from, to, unit, print } = rangeOf(of, type);
  if (target >= from && target <= to) return part(print(target));
  const range = from === SMALLEST ? `from ${SMALLEST} to ${to}` : `above 0 and at most ${to}`;
  return part('', [
    refused(
      keyOfSetting('target'),
      `is ${target}: expected a number ${range}${unit}, for example ${ANNOTATIONS.target.example}`,
    ),
  ]);
}
