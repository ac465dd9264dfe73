import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import {
  fieldSchema,
  isAtomicMap,
  isSet,
  itemKey,
  itemSchema,
  mapKeysOf,
  type Schema,
} from '../kinds/schema.ts';
import { isEmpty, NO_FIELDS, type FieldSet } from './field-set.ts';
import { partsOf } from './fields-of.ts';

/** What is there, overlaid with what is applied: maps field by field, keyed lists item by item, everything else as a whole. */
export function overlay(live: Json | undefined, applied: Json, schema: Schema): Json {
  if (live === undefined) return applied;
  if (isJsonObject(live) && isJsonObject(applied) && !isAtomicMap(schema)) {
    const merged: Record<string, Json | undefined> = { ...live };
    for (const [field, value] of Object.entries(applied))
      if (value !== undefined) merged[field] = overlay(live[field], value, fieldSchema(schema, field));
    return merged;
  }
  return Array.isArray(live) && Array.isArray(applied)
    ? overlayList(live as readonly Json[], applied as readonly Json[], schema)
    : applied;
}

function overlayList(live: readonly Json[], applied: readonly Json[], schema: Schema): Json {
  const keys = mapKeysOf(schema);
  if (keys === undefined && !isSet(schema)) return applied;
  const nameOf = (item: Json): string =>
    JSON.stringify(keys !== undefined && isJsonObject(item) ? itemKey(item, keys, schema) : item);
  const items = new Map(live.map((item) => [nameOf(item), item]));
  for (const item of applied)
    items.set(nameOf(item), overlay(items.get(nameOf(item)), item, itemSchema(schema)));
  return [...items.values()];
}

/** Takes away the members of `gone`, unless something at or below them is `kept` by somebody else. */
export function without(value: Json, gone: FieldSet, kept: FieldSet, schema: Schema): Json | undefined {
  if (isEmpty(gone)) return value;
  if (gone.member && isEmpty(kept)) return undefined;
  const parts = partsOf(value, schema);
  if (parts === undefined) return value;
  const left = new Map<string, Json>();
  for (const [element, part] of parts) {
    const inner = without(
      part.value,
      gone.children.get(element) ?? NO_FIELDS,
      kept.children.get(element) ?? NO_FIELDS,
      part.schema,
    );
    if (inner !== undefined) left.set(element, inner);
  }
  if (Array.isArray(value)) return [...left.values()];
  const fields: Record<string, Json> = {};
  for (const [element, inner] of left) fields[element.slice(2)] = inner;
  return fields satisfies JsonObject;
}
