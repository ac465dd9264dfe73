import { isNumber, type Reading } from './answer.ts';

/** What is taken for zero beside numbers: nothing, an empty result, or all that KEDA calls null values. */
export type ZeroFor = 'nothing' | 'empty' | 'nulls';

/** What KEDA ignores (keda: pkg/scalers/prometheus_scaler.go). Several series, a text or a range are never zero. */
const ZEROS: Readonly<Record<ZeroFor, readonly Reading['is'][]>> = {
  nothing: [],
  empty: ['prometheus_empty'],
  nulls: ['prometheus_empty', 'prometheus_nan', 'prometheus_infinite'],
};

/** The number that a reading stands for, or undefined. */
export function numberOf(reading: Reading, zeroFor: ZeroFor): number | undefined {
  if (isNumber(reading)) return reading.number;
  return ZEROS[zeroFor].includes(reading.is) ? 0 : undefined;
}
