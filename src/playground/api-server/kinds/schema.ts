import type { Json, JsonObject } from '../../../domain/json.ts';

/**
 * The part of a structural schema that this server heeds, in the spelling of a CustomResourceDefinition, so that definitions that come at
 * runtime need no translation and the built-in kinds are written the same way.
 */
export interface Schema extends JsonObject {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly default?: Json;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
}

/** A schema that allows everything: maps are merged field by field, lists are replaced. */
export const ANYTHING: Schema = { 'x-kubernetes-preserve-unknown-fields': true };

export const text: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const flag: Schema = { type: 'boolean' };
export const texts: Schema = { type: 'object', additionalProperties: text };
export const atLeast = (minimum: number): Schema => ({ type: 'integer', minimum });
export const between = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum });
export const oneOf = (...words: readonly string[]): Schema => ({ type: 'string', enum: words });

/** An object whose unknown fields are dropped. */
export const struct = (
  properties: Readonly<Record<string, Schema>>,
  needed: readonly string[] = [],
): Schema => ({ type: 'object', properties, ...(needed.length === 0 ? {} : { required: needed }) });

/** An object of which we describe only some fields; the others are kept as they come. */
export const open = (
  properties: Readonly<Record<string, Schema>>,
  needed: readonly string[] = [],
): Schema => ({ ...struct(properties, needed), 'x-kubernetes-preserve-unknown-fields': true });

/** An object that is owned and replaced as a whole. */
export const whole = (schema: Schema): Schema => ({ ...schema, 'x-kubernetes-map-type': 'atomic' });

/** A list that is owned and replaced as a whole. */
export const list = (items: Schema): Schema => ({ type: 'array', items, 'x-kubernetes-list-type': 'atomic' });
export const setOf = (items: Schema): Schema => ({ type: 'array', items, 'x-kubernetes-list-type': 'set' });

/** A list whose items are told apart, merged and owned by these fields. */
export const keyed = (keys: readonly string[], items: Schema): Schema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

/** The schema of one field of an object; `ANYTHING` where nothing is said about it. */
export function fieldSchema(schema: Schema, field: string): Schema {
  const named = schema.properties?.[field];
  if (named !== undefined) return named;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : ANYTHING;
}

export const itemSchema = (schema: Schema): Schema => schema.items ?? ANYTHING;
export const isAtomicMap = (schema: Schema): boolean => schema['x-kubernetes-map-type'] === 'atomic';
export const mapKeysOf = (schema: Schema): readonly string[] | undefined =>
  schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined;
export const isSet = (schema: Schema): boolean => schema['x-kubernetes-list-type'] === 'set';

/** The key of an item of a keyed list: its key fields in order, with the defaults that the schema gives them. */
export function itemKey(item: JsonObject, keys: readonly string[], schema: Schema): JsonObject {
  const key: Record<string, Json> = {};
  for (const name of [...keys].sort()) {
    const value = item[name] ?? fieldSchema(itemSchema(schema), name).default;
    if (value !== undefined) key[name] = value;
  }
  return key;
}
