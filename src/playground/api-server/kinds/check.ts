import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import { invalidValue, notSupported, required, type Cause } from '../status.ts';
import { fieldSchema, itemSchema, type Schema } from './schema.ts';

/** The same value without fields that the schema does not know, and with the schema's defaults filled in. */
export function prune(value: Json, schema: Schema): Json {
  if (Array.isArray(value)) return value.map((item: Json) => prune(item, itemSchema(schema)));
  if (!isJsonObject(value)) return value;
  const kept: Record<string, Json> = {};
  for (const [field, inner] of Object.entries(value))
    if (inner !== undefined && isKept(inner, schema, field))
      kept[field] = prune(inner, fieldSchema(schema, field));
  for (const [field, next] of Object.entries(schema.properties ?? {}))
    if (next.default !== undefined && kept[field] === undefined) kept[field] = next.default;
  return kept;
}

function isKept(value: Json, schema: Schema, field: string): boolean {
  const named = schema.properties?.[field];
  // A null stands for "not set", unless the schema says that null is a value.
  if (named !== undefined) return value !== null || named.nullable === true;
  return isKnown(schema);
}

function isKnown(schema: Schema): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  if (schema.additionalProperties !== undefined) return schema.additionalProperties !== false;
  return schema.properties === undefined && schema.type !== 'object';
}

/** Everything in which the value differs from the schema, with the path of each field. */
export function check(value: Json, schema: Schema, path: string): Cause[] {
  const wrong = typeMistake(value, schema, path);
  if (wrong !== undefined) return [wrong];
  if (value === null) return [];
  if (Array.isArray(value)) return checkList(value as readonly Json[], schema, path);
  if (isJsonObject(value)) return checkObject(value, schema, path);
  return checkScalar(value as string | number | boolean, schema, path);
}

function checkObject(value: JsonObject, schema: Schema, path: string): Cause[] {
  const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
  const causes = (schema.required ?? [])
    .filter((field) => value[field] === undefined || value[field] === null)
    .map((field) => required(at(field)));
  for (const [field, inner] of Object.entries(value))
    if (inner !== undefined) causes.push(...check(inner, fieldSchema(schema, field), at(field)));
  return causes;
}

function checkList(value: readonly Json[], schema: Schema, path: string): Cause[] {
  const causes: Cause[] = [];
  if (schema.minItems !== undefined && value.length < schema.minItems)
    causes.push(invalidValue(path, value.length, `should have at least ${schema.minItems} items`));
  value.forEach((item, i) => causes.push(...check(item, itemSchema(schema), `${path}[${i}]`)));
  return causes;
}

function checkScalar(value: string | number | boolean, schema: Schema, path: string): Cause[] {
  const causes: Cause[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    causes.push(notSupported(path, value, schema.enum.map(String)));
  if (typeof value === 'number') causes.push(...checkRange(value, schema, path));
  if (typeof value === 'string') causes.push(...checkLength(value, schema, path));
  return causes;
}

function checkRange(value: number, schema: Schema, path: string): Cause[] {
  if (schema.minimum !== undefined && value < schema.minimum)
    return [invalidValue(path, value, `should be greater than or equal to ${schema.minimum}`)];
  if (schema.maximum !== undefined && value > schema.maximum)
    return [invalidValue(path, value, `should be less than or equal to ${schema.maximum}`)];
  return [];
}

function checkLength(value: string, schema: Schema, path: string): Cause[] {
  if (schema.minLength !== undefined && value.length < schema.minLength)
    return [invalidValue(path, value, `should be at least ${schema.minLength} characters long`)];
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    return [invalidValue(path, value, `may not be longer than ${schema.maxLength} characters`)];
  return [];
}

/** The first value whose JSON type is not the schema's, as `path: expected X, got Y`. Typed kinds refuse it before they validate. */
export function typeMistake(value: Json, schema: Schema, path: string): Cause | undefined {
  if (value === null || fits(value, schema)) return undefined;
  const cause = invalidValue(
    path,
    typeName(value),
    `must be of type ${schema.type ?? 'any'}: ${JSON.stringify(typeName(value))}`,
  );
  return { ...cause, reason: 'FieldValueTypeInvalid' };
}

type Inside = readonly [path: string, value: Json | undefined, schema: Schema];

/** Searches the whole value for a type mistake. */
export function firstTypeMistake(value: Json, schema: Schema, path: string): Cause | undefined {
  const here = typeMistake(value, schema, path);
  if (here !== undefined) return here;
  const inside: readonly Inside[] = Array.isArray(value)
    ? value.map((item: Json, i) => [`${path}[${i}]`, item, itemSchema(schema)] as const)
    : isJsonObject(value)
      ? Object.entries(value).map(
          ([field, inner]) => [`${path}.${field}`, inner, fieldSchema(schema, field)] as const,
        )
      : [];
  for (const [at, inner, next] of inside) {
    const found = inner === undefined ? undefined : firstTypeMistake(inner, next, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

const typeName = (value: Json): string => {
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

function fits(value: Json, schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value);
  if (schema.type === undefined) return true;
  const actual = typeName(value);
  return actual === schema.type || (schema.type === 'number' && actual === 'integer');
}
