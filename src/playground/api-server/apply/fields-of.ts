import { isJsonObject, sameJson, type Json, type JsonObject } from '../../../domain/json.ts';
import {
  fieldSchema,
  isAtomicMap,
  isSet,
  itemKey,
  itemSchema,
  mapKeysOf,
  type Schema,
} from '../kinds/schema.ts';
import { difference, LEAF, NO_FIELDS, node, type FieldSet } from './field-set.ts';

/** One part of a value that can be owned by itself. */
export interface Part {
  readonly value: Json;
  readonly schema: Schema;
}

/**
 * The separately owned parts of a value by path element, or `undefined` when the value is owned as a whole: a scalar, an atomic map, or a
 * list without keys.
 */
export function partsOf(value: Json, schema: Schema): ReadonlyMap<string, Part> | undefined {
  if (isJsonObject(value)) return isAtomicMap(schema) ? undefined : partsOfMap(value, schema);
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly Json[];
  if (isSet(schema))
    return new Map(
      items.map((item) => [`v:${JSON.stringify(item)}`, { value: item, schema: itemSchema(schema) }]),
    );
  const keys = mapKeysOf(schema);
  if (keys === undefined || !items.every(isJsonObject)) return undefined;
  return new Map(
    items.map((item) => [
      `k:${JSON.stringify(itemKey(item, keys, schema))}`,
      { value: item, schema: itemSchema(schema) },
    ]),
  );
}

const partsOfMap = (value: JsonObject, schema: Schema): ReadonlyMap<string, Part> => {
  const parts = new Map<string, Part>();
  for (const [field, inner] of Object.entries(value))
    if (inner !== undefined) parts.set(`f:${field}`, { value: inner, schema: fieldSchema(schema, field) });
  return parts;
};

/** What somebody who writes this value says: its leaves, its list items, and the entries of maps whose keys the schema does not name. */
export function fieldsOf(value: Json, schema: Schema): FieldSet {
  const parts = partsOf(value, schema);
  if (parts === undefined) return LEAF;
  const entries = [...parts].map(([element, part]): readonly [string, FieldSet] => {
    const inner = fieldsOf(part.value, part.schema);
    const said =
      !element.startsWith('f:') ||
      isHollow(part.value) ||
      schema.properties?.[element.slice(2)] === undefined;
    return [element, said ? { ...inner, member: true } : inner];
  });
  return node(false, entries);
}

const isHollow = (value: Json): boolean =>
  value === null || (isJsonObject(value) && Object.keys(value).length === 0);

/** Every node of a value: what appears or vanishes with it. */
function everyField(value: Json, schema: Schema): FieldSet {
  const parts = partsOf(value, schema);
  if (parts === undefined) return LEAF;
  return node(
    true,
    [...parts].map(([element, part]) => [element, everyField(part.value, part.schema)]),
  );
}

/** What differs between two versions of a value. */
export interface Comparison {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}
const SAME: Comparison = { changed: NO_FIELDS, removed: NO_FIELDS };

export function compare(before: Json | undefined, after: Json | undefined, schema: Schema): Comparison {
  if (before === after) return SAME;
  if (before === undefined || after === undefined)
    return {
      changed: after === undefined ? NO_FIELDS : everyField(after, schema),
      removed: before === undefined ? NO_FIELDS : everyField(before, schema),
    };
  const [old, now] = [partsOf(before, schema), partsOf(after, schema)];
  if (old !== undefined && now !== undefined) return compareParts(old, now);
  if (sameJson(before, after)) return SAME;
  // One is owned as a whole and the other is not: what was below is gone.
  const [was, is] = [everyField(before, schema), everyField(after, schema)];
  return { changed: is, removed: difference(was, is) };
}

type Parts = ReadonlyMap<string, Part>;

function compareParts(old: Parts, now: Parts): Comparison {
  const changed = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  for (const [element, part] of new Map([...old, ...now])) {
    const inner = compare(old.get(element)?.value, now.get(element)?.value, part.schema);
    changed.set(element, inner.changed);
    removed.set(element, inner.removed);
  }
  return { changed: node(false, changed), removed: node(false, removed) };
}
