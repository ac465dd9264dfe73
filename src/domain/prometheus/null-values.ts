import { isNumber, type Reading } from './answer.ts';

/** What counts as zero where nulls are ignored (keda: pkg/scalers/prometheus_scaler.go). Several series, a text or a range never do. */
const NULLS: readonly Reading['is'][] = ['prometheus_empty', 'prometheus_nan', 'prometheus_infinite'];

/** The number that a reading stands for, or undefined. Empty is not zero unless the server says `ignoreNullValues`, as KEDA has it. */
export function numberOf(reading: Reading, ignoreNullValues: boolean): number | undefined {
  if (isNumber(reading)) return reading.number;
  return ignoreNullValues && NULLS.includes(reading.is) ? 0 : undefined;
}
