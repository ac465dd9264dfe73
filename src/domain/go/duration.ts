import { err, ok, type Result } from '../result.ts';
import { ms, type Ms } from '../time.ts';

declare const unit: unique symbol;
/** A Go `time.Duration`: whole nanoseconds, exact over the full int64 range. */
export type Nanos = bigint & { readonly [unit]: 'ns' };

export const nanos = (n: bigint): Nanos => BigInt.asIntN(64, n) as Nanos;
export const MICROSECOND = nanos(1_000n);
export const MILLISECOND = nanos(1_000_000n);
export const SECOND = nanos(1_000_000_000n);
export const MINUTE = nanos(60n * SECOND);
export const HOUR = nanos(60n * MINUTE);
/** Whole milliseconds; what is finer is cut off. */
export const msOf = (duration: Nanos): Ms => ms(Number(duration / MILLISECOND));
/** 2^63: one more than the longest duration, and as a magnitude the shortest. */
const LIMIT = 1n << 63n;

const UNITS: Readonly<Record<string, Nanos>> = {
  ns: nanos(1n),
  us: MICROSECOND,
  '\u00b5s': MICROSECOND,
  '\u03bcs': MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};

/** Go's way to quote a duration text: bytes outside of printable ASCII become `\xNN`. */
function quoted(text: string): string {
  const byte = (b: number): string => `\\x${b.toString(16).padStart(2, '0')}`;
  const one = (c: string): string => {
    if (c === '"' || c === '\\') return `\\${c}`;
    return c < ' ' || c >= '\x80' ? Array.from(new TextEncoder().encode(c), byte).join('') : c;
  };
  return `"${Array.from(text, one).join('')}"`;
}

/** The nanoseconds of `digits` after the point, cut as Go cuts them; digits beyond int64 say nothing. */
function fractionOf(digits: string, size: Nanos): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

interface Segment {
  readonly value: bigint;
  /** How much of the text it takes. */
  readonly length: number;
}

/** One `number unit` at the start of `rest`, or what is wrong with it. */
function segment(rest: string): Segment | string {
  const [all = rest, whole = '', fraction = '', name = ''] = /^(\d*)(?:\.(\d*))?([^.\d]*)/.exec(rest) ?? [];
  if (whole + fraction === '' || BigInt(whole) > LIMIT) return 'invalid duration';
  if (name === '') return 'missing unit in duration';
  const value = amount(whole, fraction, name);
  if (value === undefined) return `unknown unit ${quoted(name)} in duration`;
  return value > LIMIT ? 'invalid duration' : { value, length: all.length };
}

function amount(whole: string, fraction: string, name: string): bigint | undefined {
  const size = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
  return size === undefined ? undefined : BigInt(whole) * size + fractionOf(fraction, size);
}

/** Go's `time.ParseDuration`, with its error texts. */
export function parseDuration(text: string): Result<Nanos, string> {
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return ok(nanos(0n));
  const invalid = err(`time: invalid duration ${quoted(text)}`);
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const next = segment(rest);
    if (typeof next === 'string') return err(`time: ${next} ${quoted(text)}`);
    total += next.value;
    if (total > LIMIT) return invalid;
    rest = rest.slice(next.length);
  }
  if (negative) return ok(nanos(-total));
  return total === LIMIT ? invalid : ok(nanos(total));
}

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

/** `value / size` with all its decimal digits. */
function decimal(value: bigint, size: Nanos): string {
  const digits = size.toString().length - 1;
  const fraction = (value % size).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${(value / size).toString()}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The duration as Go's `%v` prints it: `1h0m0s`, `1m30s`, `6.5s`, `100ms`, `0s`. */
export function printDuration(duration: Nanos): string {
  if (duration === 0n) return '0s';
  const sign = duration < 0n ? '-' : '';
  const size = magnitude(duration);
  if (size < MICROSECOND) return `${sign}${size.toString()}ns`;
  if (size < MILLISECOND) return `${sign}${decimal(size, MICROSECOND)}\u00b5s`;
  if (size < SECOND) return `${sign}${decimal(size, MILLISECOND)}ms`;
  const minutes = (size % HOUR) / MINUTE;
  const secs = `${decimal(size % MINUTE, SECOND)}s`;
  if (size < MINUTE) return `${sign}${secs}`;
  if (size < HOUR) return `${sign}${minutes.toString()}m${secs}`;
  return `${sign}${(size / HOUR).toString()}h${minutes.toString()}m${secs}`;
}

/** Go's `Duration.Round(time.Second)`: half away from zero, held at the limits of int64. */
export function roundToSecond(duration: Nanos): Nanos {
  const size = magnitude(duration);
  const rounded = ((size + SECOND / 2n) / SECOND) * SECOND;
  if (duration < 0n) return rounded > LIMIT ? nanos(-LIMIT) : nanos(-rounded);
  return rounded >= LIMIT ? nanos(LIMIT - 1n) : nanos(rounded);
}

/** True when rounding to seconds changes nothing, as upstream asks it: so the longest duration counts as whole. */
export const isWholeSeconds = (duration: Nanos): boolean => roundToSecond(duration) === duration;

/** In milliseconds, with fractions; exact for what is whole milliseconds and shorter than 285 years. */
export const millis = (duration: Nanos): Ms => ms(Number(duration) / 1e6);

/** Go's `time.Duration(x)` on amd64: cut toward zero; NaN and what does not fit give the shortest duration. */
export const durationOf = (x: number): Nanos =>
  Math.abs(x) < Number(LIMIT) ? nanos(BigInt(Math.trunc(x))) : nanos(-LIMIT);
