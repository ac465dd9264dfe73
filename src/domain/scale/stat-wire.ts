import type { Fault } from '../fault.ts';
import { fieldsOf, readDouble, readInt64, readText, type Field } from '../protobuf/read.ts';
import { writeDouble, writeInt64, writeMessage, writeText } from '../protobuf/write.ts';
import { err, ok, type Result } from '../result.ts';
import { NO_STAT, type Stat } from './stat.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The fields of doubles, by number. */
const DOUBLES = [
  undefined,
  undefined,
  'averageConcurrentRequests',
  'averageProxiedConcurrentRequests',
  'requestCount',
  'proxiedRequestCount',
  'processUptime',
] as const;

const malformed = (bytes: Uint8Array, offset: number): Result<never, Fault> =>
  err({
    code: 'stat_malformed',
    message: `A report of ${bytes.length} bytes is not a protobuf Stat: expected a field at byte ${offset}.`,
  });

/** Puts one field into the report. One of another type than expected is skipped. */
function put(stat: Mutable<Stat>, bytes: Uint8Array, field: Field): void {
  const double = DOUBLES[field.number];
  if (double !== undefined && field.wire === 1) stat[double] = readDouble(bytes, field);
  if (field.number === 1 && field.wire === 2) stat.podName = readText(bytes, field);
  if (field.number === 7 && field.wire === 0) stat.timestamp = readInt64(bytes, field);
}

/** Reads a `Stat`. Absent fields are zero, or those of `base`; unknown ones are skipped; of several the last counts. */
export function readStat(bytes: Uint8Array, base: Stat = NO_STAT): Result<Stat, Fault> {
  const fields = fieldsOf(bytes);
  if (!fields.ok) return malformed(bytes, fields.error);
  const stat: Mutable<Stat> = { ...base };
  for (const field of fields.value) put(stat, bytes, field);
  return ok(stat);
}

export const writeStat = (stat: Stat): readonly number[] => [
  ...writeText(1, stat.podName),
  ...DOUBLES.flatMap((name, field) => (name === undefined ? [] : writeDouble(field, stat[name]))),
  ...writeInt64(7, stat.timestamp),
];

/** A report and the revision that it is about: what an activator sends. */
export interface StatMessage {
  readonly namespace: string;
  readonly name: string;
  /** Absent: nothing is reported, and the message is skipped. */
  readonly stat: Stat | undefined;
}

function readMessage(bytes: Uint8Array): Result<StatMessage, Fault> {
  const fields = fieldsOf(bytes);
  if (!fields.ok) return malformed(bytes, fields.error);
  const message: Mutable<StatMessage> = { namespace: '', name: '', stat: undefined };
  for (const field of fields.value) {
    if (field.wire !== 2) continue;
    if (field.number === 1) message.namespace = readText(bytes, field);
    if (field.number === 2) message.name = readText(bytes, field);
    if (field.number !== 3) continue;
    // A message that comes in parts is the parts together.
    const stat = readStat(bytes.subarray(field.start, field.end), message.stat);
    if (!stat.ok) return stat;
    message.stat = stat.value;
  }
  return ok(message);
}

/** Reads `WireStatMessages`, which activators send in binary WebSocket messages. One that is broken breaks all. */
export function readStatMessages(bytes: Uint8Array): Result<readonly StatMessage[], Fault> {
  const fields = fieldsOf(bytes);
  if (!fields.ok) return malformed(bytes, fields.error);
  const messages: StatMessage[] = [];
  for (const { number, wire, start, end } of fields.value) {
    if (number !== 1 || wire !== 2) continue;
    const message = readMessage(bytes.subarray(start, end));
    if (!message.ok) return message;
    messages.push(message.value);
  }
  return ok(messages);
}

export const writeStatMessages = (messages: readonly StatMessage[]): readonly number[] =>
  messages.flatMap(({ namespace, name, stat }) =>
    writeMessage(1, [
      ...writeText(1, namespace),
      ...writeText(2, name),
      ...(stat === undefined ? [] : writeMessage(3, writeStat(stat))),
    ]),
  );
