import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';

/** The object in a field; empty when there is none. */
export const objectIn = (value: JsonObject, field: string): JsonObject => {
  const inner = value[field];
  return isJsonObject(inner) ? inner : {};
};

/** The objects of the list in a field. */
export const objectsIn = (value: JsonObject, field: string): readonly JsonObject[] => {
  const inner = value[field];
  return Array.isArray(inner) ? (inner as readonly Json[]).filter(isJsonObject) : [];
};

/** The texts of the list in a field. */
export const textsIn = (value: JsonObject, field: string): readonly string[] => {
  const inner = value[field];
  return Array.isArray(inner) ? (inner as readonly Json[]).filter((item) => typeof item === 'string') : [];
};

/** The text in a field; empty when there is none. */
export const textIn = (value: JsonObject, field: string): string => {
  const inner = value[field];
  return typeof inner === 'string' ? inner : '';
};

export const numberIn = (value: JsonObject, field: string): number | undefined => {
  const inner = value[field];
  return typeof inner === 'number' ? inner : undefined;
};

/** The same object without some of its fields. */
export function omit(object: JsonObject, ...fields: readonly string[]): JsonObject {
  const kept: Record<string, Json | undefined> = { ...object };
  for (const field of fields) Reflect.deleteProperty(kept, field);
  return kept;
}

/** The same object without fields that are undefined. */
export const defined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
