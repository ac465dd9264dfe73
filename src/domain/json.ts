/** What JSON can say. Everything that comes from the API server or from a user's JSON annotation has this type until a view reads it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/** True for a JSON object: neither null, nor an array, nor a scalar. */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Equality of JSON values. A field that is absent equals one that is undefined; the order of fields does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, i) => sameJson(item, b[i] as Json));
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  for (const field of Object.keys(a)) if (!sameJson(a[field], b[field])) return false;
  return Object.keys(b).every((field) => b[field] === undefined || a[field] !== undefined);
}

/**
 * True when `actual` says everything that `wanted` says; what `wanted` does not mention may be anything. Lists must be equal in length,
 * item by item. This is how a desired object is compared with one that the API server completed with defaults.
 */
export function covers(actual: Json | undefined, wanted: Json | undefined): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted))
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item: Json, i) => covers(actual[i] as Json, item))
    );
  if (!isJsonObject(wanted)) return sameJson(actual, wanted);
  return isJsonObject(actual) && Object.keys(wanted).every((field) => covers(actual[field], wanted[field]));
}
