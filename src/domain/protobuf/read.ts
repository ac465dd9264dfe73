import { err, ok, type Result } from '../result.ts';

/** How a field's value is written (protobuf: "Message Structure"). 3 and 4 enclose a group, which nobody writes any more. */
export type WireType = 0 | 1 | 2 | 3 | 5;

/** A field of a message: where its value lies, without the tag and, for wire type 2, without the length. */
export interface Field {
  readonly number: number;
  readonly wire: WireType;
  readonly start: number;
  readonly end: number;
}

/** Where the bytes stop to make sense. */
export type Malformed = number;

const LARGEST_FIELD = 2 ** 29 - 1;
const DEEPEST_GROUP = 32;
const LONGEST_VARINT = 10;

/** Just beyond the varint at `start`; undefined if it breaks off or is longer than 64 bits. */
function varintEnd(bytes: Uint8Array, start: number): number | undefined {
  for (let length = 1; length <= LONGEST_VARINT; length++) {
    const byte = bytes[start + length - 1];
    if (byte === undefined || (length === LONGEST_VARINT && byte > 1)) return undefined;
    if (byte < 0x80) return start + length;
  }
  return undefined;
}

/** A varint as a number: exact up to 2^53, which is more than any length or tag. */
function small(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let index = end - 1; index >= start; index--) value = value * 128 + ((bytes[index] ?? 0) & 0x7f);
  return value;
}

/** The bytes that a value of this type takes from `start` on; undefined if they are not there. */
function valueOf(bytes: Uint8Array, start: number, wire: number): Pick<Field, 'start' | 'end'> | undefined {
  if (wire === 0) {
    const end = varintEnd(bytes, start);
    return end === undefined ? undefined : { start, end };
  }
  if (wire === 1 || wire === 5) return within(bytes, start, wire === 1 ? 8 : 4);
  const from = wire === 2 ? varintEnd(bytes, start) : undefined;
  return from === undefined ? undefined : within(bytes, from, small(bytes, start, from));
}

const within = (
  bytes: Uint8Array,
  start: number,
  length: number,
): Pick<Field, 'start' | 'end'> | undefined =>
  start + length > bytes.length ? undefined : { start, end: start + length };

/** Just beyond a group's end tag; undefined if it has none. */
function skipGroup(bytes: Uint8Array, start: number, group: number, depth: number): number | undefined {
  let offset = start;
  while (depth < DEEPEST_GROUP && offset < bytes.length) {
    const from = varintEnd(bytes, offset);
    const tag = from === undefined ? 0 : small(bytes, offset, from);
    if (from === undefined || !isTag(tag)) return undefined;
    if (tag % 8 === 4) return Math.floor(tag / 8) === group ? from : undefined;
    const after =
      tag % 8 === 3
        ? skipGroup(bytes, from, Math.floor(tag / 8), depth + 1)
        : valueOf(bytes, from, tag % 8)?.end;
    if (after === undefined) return undefined;
    offset = after;
  }
  return undefined;
}

const isTag = (tag: number): boolean => tag >= 8 && Math.floor(tag / 8) <= LARGEST_FIELD;

/** The field at `offset`; the next one begins at its end. */
function fieldAt(bytes: Uint8Array, offset: number): Field | undefined {
  const from = varintEnd(bytes, offset);
  const tag = from === undefined ? 0 : small(bytes, offset, from);
  if (from === undefined || !isTag(tag)) return undefined;
  const number = Math.floor(tag / 8);
  const wire = tag % 8;
  const value = wire === 3 ? groupAt(bytes, from, number) : valueOf(bytes, from, wire);
  return value === undefined
    ? undefined
    : { number, wire: wire as WireType, start: value.start, end: value.end };
}

function groupAt(bytes: Uint8Array, start: number, group: number): Pick<Field, 'start' | 'end'> | undefined {
  const end = skipGroup(bytes, start, group, 0);
  return end === undefined ? undefined : { start, end };
}

/** The fields of a message in order, or the offset of the first one that is none. */
export function fieldsOf(bytes: Uint8Array): Result<readonly Field[], Malformed> {
  const fields: Field[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const field = fieldAt(bytes, offset);
    if (field === undefined) return err(offset);
    fields.push(field);
    offset = field.end;
  }
  return ok(fields);
}

export const readDouble = (bytes: Uint8Array, { start }: Field): number =>
  new DataView(bytes.buffer, bytes.byteOffset + start, 8).getFloat64(0, true);

/** A varint as an int64. */
export function readInt64(bytes: Uint8Array, { start, end }: Field): bigint {
  let value = 0n;
  for (let index = end - 1; index >= start; index--)
    value = (value << 7n) | BigInt((bytes[index] ?? 0) & 0x7f);
  return BigInt.asIntN(64, value);
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text; bytes that are not UTF-8 become U+FFFD. */
export const readText = (bytes: Uint8Array, { start, end }: Field): string =>
  UTF8.decode(bytes.subarray(start, end));
