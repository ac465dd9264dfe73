import { z } from 'zod';
import { BOOT, type BootSetting } from '../../../src/domain/config/boot.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonSchema = { readonly [keyword: string]: Json };

/** One value of the chart. */
export interface Value {
  readonly schema: JsonSchema;
  /** What values.yaml says; undefined: the value is shown there as a comment. */
  readonly fallback: Json | undefined;
  /** As one would write what holds where values.yaml says nothing. */
  readonly otherwise?: string;
  readonly doc: string;
}

/** Values below a common name. */
export interface Group {
  readonly doc: string;
  readonly values: Readonly<Record<string, Value | Group>>;
  /** Keywords beside those that follow from the values. */
  readonly schema?: JsonSchema;
}

export const isGroup = (node: Value | Group): node is Group => 'values' in node;

export const group = (doc: string, values: Group['values'], schema?: JsonSchema): Group =>
  schema === undefined ? { doc, values } : { doc, values, schema };

/** The schema of what is written, not of what it is read as. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  const keywords = Object.entries(made as JsonSchema).filter(([keyword]) => keyword !== '$schema');
  return withSwitches(Object.fromEntries(keywords));
}

/** Helm reads `on` and `off` without quotes as true and false, as YAML 1.1 has it: where they are words, they are understood all the same. */
function withSwitches(schema: JsonSchema): JsonSchema {
  const words = schema['enum'];
  if (!Array.isArray(words)) return schema;
  const switches = [...(words.includes('on') ? [true] : []), ...(words.includes('off') ? [false] : [])];
  // Without a type, because two of them have another.
  return switches.length === 0 ? schema : { enum: [...(words as readonly Json[]), ...switches] };
}

export const value = (schema: z.ZodType, fallback: Json | undefined, doc: string): Value => ({
  schema: jsonSchemaOf(schema),
  fallback,
  doc,
});

interface Setting {
  readonly schema: z.ZodType;
  readonly doc: string;
  readonly default?: string;
  readonly otherwise?: string;
}

/** A setting that needs a restart. What is a number there may be one here. */
export function settingValue(name: BootSetting): Value {
  const row: Setting = BOOT[name];
  const text = jsonSchemaOf(row.schema);
  const { minimum, maximum } = text;
  const schema =
    minimum === undefined || maximum === undefined ? text : { type: 'integer', minimum, maximum };
  const doc = row.otherwise === undefined ? row.doc : `${row.doc}; without it: ${row.otherwise}`;
  return {
    schema,
    fallback: undefined,
    doc,
    ...(row.default === undefined ? {} : { otherwise: row.default }),
  };
}
