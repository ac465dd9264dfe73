import { either, both } from '../either.ts';
import { parseQuantity, printQuantity, QUANTITY_EXPECTED } from '../k8s/quantity.ts';
import type { Json } from '../json.ts';
import { shown } from '../shown.ts';
import { jsonOf } from './json-text.ts';
import type { JsonField, JsonNode } from './json-text.ts';

/** What a JSON value must look like. `null` counts as absent, except in lists. */
export type Shape =
  | { readonly is: 'text'; readonly oneOf?: readonly string[] }
  | { readonly is: 'integer'; readonly from: number; readonly to: number }
  | { readonly is: 'boolean' }
  /** Any quantity that is not negative, as a string or a number; it is written out as Kubernetes would. */
  | { readonly is: 'quantity' }
  /** An object whose values are all strings. */
  | { readonly is: 'texts' }
  | { readonly is: 'anything' }
  | { readonly is: 'list'; readonly of: Shape }
  | ObjectShape;

export interface ObjectShape {
  readonly is: 'object';
  readonly fields: Readonly<Record<string, Shape>>;
  readonly needs?: readonly string[];
  /** What becomes of a field that we do not know: it survives as it is, or it is left out and reported. */
  readonly unknown: 'keep' | 'drop';
}

/** Something wrong at a place in the text. */
export interface ShapeProblem {
  readonly at: number;
  /** Where it is in the value, as `spec.triggers[0].type`; empty for the value itself. */
  readonly path: string;
  readonly effect: 'refused' | 'ignored';
  readonly message: string;
}

/** The value as far as it fits, and all that does not. */
export interface Shaped {
  readonly value: Json | undefined;
  readonly problems: readonly ShapeProblem[];
}

interface Spot {
  readonly node: JsonNode;
  readonly path: string;
  readonly report: (problem: ShapeProblem) => void;
}

const KINDS: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'an object',
  list: 'a list',
  text: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
};

/** Reads a value by its shape. Field names match whatever their case, as Go reads them; a field given twice is refused. */
export function shaped(node: JsonNode, shape: Shape): Shaped {
  const problems: ShapeProblem[] = [];
  const value = read({ node, path: '', report: (problem) => problems.push(problem) }, shape);
  return { value, problems };
}

function read(spot: Spot, shape: Shape): Json | undefined {
  switch (shape.is) {
    case 'text':
      return readText(spot, shape.oneOf);
    case 'integer':
      return readInteger(spot, shape);
    case 'boolean':
      return spot.node.kind === 'boolean' ? spot.node.value : refuse(spot, 'true or false');
    case 'quantity':
      return readQuantity(spot);
    case 'texts':
      return readTexts(spot);
    case 'anything':
      return jsonOf(spot.node);
    case 'list':
      return readList(spot, shape.of);
    case 'object':
      return readObject(spot, shape);
  }
}

function refuse(spot: Spot, expected: string, found: string = KINDS[spot.node.kind]): Json | undefined {
  spot.report({
    at: spot.node.at,
    path: spot.path,
    effect: 'refused',
    message: `must be ${expected}, not ${found}`,
  });
  return undefined;
}

/** Numbers and booleans are often written without their quotes. */
const A_STRING = 'a string in double quotes';

/** A number as it was written, without the quotes that a text has. */
const bare = (number: string): string => shown(number).slice(1, -1);

function readText(spot: Spot, oneOf: readonly string[] | undefined): Json | undefined {
  const { node } = spot;
  if (node.kind !== 'text') return refuse(spot, oneOf === undefined ? A_STRING : either(oneOf));
  if (oneOf === undefined || oneOf.includes(node.value)) return node.value;
  return refuse(spot, either(oneOf), shown(node.value));
}

function readInteger(spot: Spot, { from, to }: { from: number; to: number }): Json | undefined {
  const { node } = spot;
  const expected = `a whole number from ${from} to ${to}`;
  if (node.kind !== 'number') return refuse(spot, expected);
  const fits = /^-?\d+$/.test(node.written) && node.value >= from && node.value <= to;
  // -0 would be one more way to write 0.
  return fits ? node.value + 0 : refuse(spot, expected, bare(node.written));
}

function readQuantity(spot: Spot): Json | undefined {
  const { node } = spot;
  const text = node.kind === 'text' ? node.value.trim() : node.kind === 'number' ? node.written : undefined;
  if (text === undefined) return refuse(spot, QUANTITY_EXPECTED);
  const quantity = parseQuantity(text);
  if (!quantity.ok) return refuse(spot, quantity.error, shown(text));
  return quantity.value.amount.unscaled < 0n
    ? refuse(spot, 'a Kubernetes quantity that is not negative, for example "0.1"', shown(text))
    : printQuantity(quantity.value);
}

const inside = (spot: Spot, path: string, node: JsonNode): Spot => ({
  ...spot,
  node,
  path: `${spot.path}${path}`,
});
/** What needs no quotes in a path. */
const PLAIN_NAME = /^[\w$./-]{1,60}$/;
function member(spot: Spot, name: string, node: JsonNode): Spot {
  const written = PLAIN_NAME.test(name) ? name : shown(name);
  return inside(spot, spot.path === '' ? written : `.${written}`, node);
}

function readList(spot: Spot, of: Shape): Json | undefined {
  if (spot.node.kind !== 'list') return refuse(spot, 'a list');
  return spot.node.items.flatMap((item, i) => {
    const value = read(inside(spot, `[${i}]`, item), of);
    return value === undefined ? [] : [value];
  });
}

function readTexts(spot: Spot): Json | undefined {
  if (spot.node.kind !== 'object') return refuse(spot, 'an object of strings');
  const seen = new Map<string, string>();
  for (const { name, at, value } of spot.node.fields) {
    const here = member(spot, name, value);
    if (seen.has(name)) reportTwice(here, at);
    // Go reads null as an empty string.
    if (value.kind === 'text' || value.kind === 'null')
      seen.set(name, value.kind === 'text' ? value.value : '');
    else refuse(here, A_STRING);
  }
  return Object.fromEntries(seen);
}

function reportMissing(spot: Spot, names: readonly string[]): void {
  if (names.length === 0) return;
  const message = `needs the ${names.length === 1 ? 'field' : 'fields'} ${both(names)}`;
  spot.report({ at: spot.node.at, path: spot.path, effect: 'refused', message });
}

const reportTwice = (spot: Spot, at: number): void =>
  spot.report({ at, path: spot.path, effect: 'refused', message: 'is given twice; keep one of them' });

/** Folds as Go's encoding/json does for ASCII names: the long s and the Kelvin sign count as s and k. */
const folded = (name: string): string => name.replaceAll('\u017f', 's').toLowerCase();

function knownName(fields: ObjectShape['fields'], name: string): string | undefined {
  if (Object.hasOwn(fields, name)) return name;
  return Object.keys(fields).find((known) => folded(known) === folded(name));
}

function readObject(spot: Spot, shape: ObjectShape): Json | undefined {
  if (spot.node.kind !== 'object') return refuse(spot, 'an object');
  const values = new Map<string, Json>();
  const seen = new Set<string>();
  for (const field of spot.node.fields) {
    const known = knownName(shape.fields, field.name);
    const name = known ?? field.name;
    const here = member(spot, name, field.value);
    if (seen.has(name)) reportTwice(here, field.at);
    seen.add(name);
    const value = readField(here, field, { shape, known });
    if (value !== undefined) values.set(name, value);
  }
  const { fields } = spot.node;
  const isMissing = (name: string): boolean =>
    !values.has(name) && !(seen.has(name) && hasRefusedField(fields, name));
  reportMissing(spot, (shape.needs ?? []).filter(isMissing));
  return Object.fromEntries(values);
}

/** True when the field is there but does not fit: that has been said already. */
const hasRefusedField = (fields: readonly JsonField[], name: string): boolean =>
  fields.some((field) => folded(field.name) === folded(name) && field.value.kind !== 'null');

function readField(
  spot: Spot,
  field: JsonField,
  { shape, known }: { shape: ObjectShape; known: string | undefined },
): Json | undefined {
  const fieldShape = known === undefined ? undefined : shape.fields[known];
  if (fieldShape !== undefined) return field.value.kind === 'null' ? undefined : read(spot, fieldShape);
  if (shape.unknown === 'keep') return jsonOf(field.value);
  const message = `is unknown and has no effect: expected ${either(Object.keys(shape.fields))}`;
  spot.report({ at: field.at, path: spot.path, effect: 'ignored', message });
  return undefined;
}
