const UTF8 = new TextEncoder();

function varint(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

const tag = (field: number, wire: number): readonly number[] => varint(BigInt(field * 8 + wire));

/** A double; +0 is not written, -0 is. */
export function writeDouble(field: number, value: number): readonly number[] {
  if (Object.is(value, 0)) return [];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [...tag(field, 1), ...new Uint8Array(view.buffer)];
}

/** An int64; 0 is not written. */
export const writeInt64 = (field: number, value: bigint): readonly number[] =>
  value === 0n ? [] : [...tag(field, 0), ...varint(value)];

/** A text; the empty one is not written. */
export const writeText = (field: number, text: string): readonly number[] =>
  text === '' ? [] : writeMessage(field, Array.from(UTF8.encode(text)));

/** A message within a message, even an empty one. */
export const writeMessage = (field: number, bytes: readonly number[]): readonly number[] => [
  ...tag(field, 2),
  ...varint(BigInt(bytes.length)),
  ...bytes,
];
