import { isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import type { Outcome } from './replay.ts';

/** A number as the recordings write it: infinities and NaN are words, and there is no negative zero. */
export function recordedNumber(x: number): Json {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? '+Inf' : '-Inf';
  return x === 0 ? 0 : x;
}

/** Without what says nothing: recordings leave out `false`, `0`, `""` and empty lists. Negative zero is zero. */
function meaning(value: Json | undefined): Json | undefined {
  if (value === false || value === 0 || value === '' || value === null) return undefined;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => meaning(item) ?? null);
    return items.length === 0 ? undefined : items;
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, meaning(item)]));
}

/** Compares what was recorded with what we answered; absent members have the zero value. */
export const compared = (expected: JsonObject, actual: JsonObject): Outcome =>
  sameJson(meaning(expected), meaning(actual)) ? { is: 'same' } : { is: 'different', expected, actual };
