import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { compareDecimals, decimalOf, roundedUp } from './decimal.ts';
import type { Decimal } from './decimal.ts';

/** How a quantity is written: `1500m` and `1k`, `1Ki`, or `1e3`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A Kubernetes `resource.Quantity`, exact. */
export interface Quantity {
  readonly amount: Decimal;
  readonly format: QuantityFormat;
  /** The text it was read from, where apimachinery prints that text again instead of the canonical one. */
  readonly written?: string;
}

const DECIMAL = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY = new Map(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, i) => [suffix, 10 * (i + 1)]));
const DECIMAL_SUFFIX = new Map([...DECIMAL].map(([suffix, exponent]) => [exponent, suffix]));

const NANO = -9;
/** No quantity that anybody means is longer; a longer one would only be a way to make us count. */
const LONGEST = 64;
const FARTHEST_EXPONENT = 100;
const LARGEST_INT64 = 9_223_372_036_854_775_807n;

export const QUANTITY_EXPECTED = 'a Kubernetes quantity, for example "0.5", "500m" or "2Gi"';

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(text: string): Suffix | undefined {
  const binary = BINARY.get(text);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const decimal = DECIMAL.get(text);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const exponent = Number(text.slice(1));
  return /^[eE][+-]?\d+$/.test(text) && Math.abs(exponent) <= FARTHEST_EXPONENT
    ? { base: 10, exponent, format: 'DecimalExponent' }
    : undefined;
}

/**
 * Reads a quantity as `resource.ParseQuantity` does: amounts finer than 1n are rounded away from zero, binary ones are capped at the
 * largest int64 (apimachinery: pkg/api/resource/quantity.go). Longer than 64 characters or an exponent beyond 100 is refused.
 * The error says what is expected.
 */
export function parseQuantity(text: string): Result<Quantity, string> {
  const parts = text.length > LONGEST ? undefined : partsOf(text);
  if (parts === undefined) return err(QUANTITY_EXPECTED);
  const { digits, fraction, suffix } = parts;
  const exact: Decimal =
    suffix.base === 2
      ? { unscaled: digits << BigInt(suffix.exponent), exponent: -fraction.length }
      : { unscaled: digits, exponent: suffix.exponent - fraction.length };
  if (keepsItsText(parts)) return ok({ amount: exact, format: suffix.format, written: text });
  return ok(
    suffix.base === 2 ? boundedBinary(exact) : { amount: roundedUp(exact, NANO), format: suffix.format },
  );
}

interface Parts {
  readonly digits: bigint;
  /** Without leading zeros, but at least one digit. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: Suffix;
}

function partsOf(text: string): Parts | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*[+-]?\d*)$/.exec(text);
  const [, sign = '', whole = '', fraction = '', suffixText = ''] = parts ?? [];
  const suffix = readSuffix(suffixText);
  if (suffix === undefined || whole + fraction === '') return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return { digits, whole: whole.replace(/^0+/, '') || '0', fraction, suffix };
}

/** Where apimachinery takes the text for canonical without looking closer: `1.500` and `1e3` stay as they are. */
function keepsItsText({ whole, fraction, suffix }: Parts): boolean {
  const shifted = whole + fraction;
  if (suffix.base === 2) {
    const room = 15 - whole.length - Math.trunc((suffix.exponent * 3) / 10) - 1;
    return fraction === '' && room >= 0 && (BigInt(whole) & 7n) !== 0n;
  }
  const exponent = suffix.exponent - fraction.length;
  if (shifted.length > 18 || exponent < NANO || exponent % 3 !== 0) return false;
  return !shifted.startsWith('0') && !shifted.endsWith('000');
}

function boundedBinary(exact: Decimal): Quantity {
  const amount = roundedUp(exact, NANO);
  const magnitude = {
    unscaled: amount.unscaled < 0n ? -amount.unscaled : amount.unscaled,
    exponent: amount.exponent,
  };
  const largest = { unscaled: LARGEST_INT64, exponent: 0 };
  if (compareDecimals(magnitude, largest) > 0)
    return {
      amount: amount.unscaled < 0n ? { unscaled: -LARGEST_INT64, exponent: 0 } : largest,
      format: 'BinarySI',
    };
  const belowOne = compareDecimals(magnitude, { unscaled: 1n, exponent: 0 }) < 0;
  return { amount, format: belowOne ? 'DecimalSI' : 'BinarySI' };
}

/** The text that apimachinery serialises the quantity to. */
export const printQuantity = (quantity: Quantity): string => quantity.written ?? canonical(quantity);

function canonical({ amount, format }: Quantity): string {
  if (amount.unscaled === 0n) return '0';
  const whole = wholeOf(amount);
  if (format === 'BinarySI' && whole !== undefined && (whole >= 1024n || whole <= -1024n))
    return binaryText(whole);
  return decimalSuffixed(amount, format === 'BinarySI' ? 'DecimalSI' : format);
}

function wholeOf({ unscaled, exponent }: Decimal): bigint | undefined {
  if (exponent >= 0) return unscaled * 10n ** BigInt(exponent);
  const unit = 10n ** BigInt(-exponent);
  return unscaled % unit === 0n ? unscaled / unit : undefined;
}

function binaryText(whole: bigint): string {
  let [mantissa, suffix] = [whole, ''];
  for (const larger of BINARY.keys()) {
    if (mantissa % 1024n !== 0n) break;
    [mantissa, suffix] = [mantissa / 1024n, larger];
  }
  return `${mantissa}${suffix}`;
}

function decimalSuffixed(amount: Decimal, format: QuantityFormat): string {
  let { unscaled, exponent } = amount;
  while (unscaled % 10n === 0n) [unscaled, exponent] = [unscaled / 10n, exponent + 1];
  const excess = ((exponent % 3) + 3) % 3;
  unscaled *= 10n ** BigInt(excess);
  exponent -= excess;
  const suffix = format === 'DecimalSI' ? DECIMAL_SUFFIX.get(exponent) : undefined;
  return `${unscaled}${suffix ?? (exponent === 0 ? '' : `e${exponent}`)}`;
}

/** True when both stand for the same amount, however they are written. */
export const sameQuantity = (a: Quantity, b: Quantity): boolean => compareDecimals(a.amount, b.amount) === 0;

/** True when `a` stands for more than `b`. */
export const isMore = (a: Quantity, b: Quantity): boolean => compareDecimals(a.amount, b.amount) > 0;

/** True for the text of a quantity that is more than nothing. */
export function isAboveZero(text: string): boolean {
  const read = parseQuantity(text);
  return read.ok && read.value.amount.unscaled > 0n;
}

/**
 * A double as an exact quantity: 0.5 is `500m`, 1000 is `1k`, 47.25 is `47250m`. Finer than 1n is rounded away from zero, as Kubernetes
 * would when it reads it.
 * @throws RangeError for NaN and the infinities.
 */
export const quantityOfNumber = (n: number): string =>
  canonical({ amount: roundedUp(decimalOf(n), NANO), format: 'DecimalSI' });

/**
 * So many MiB as an exact quantity of bytes: 1536 is `1536Mi`, 1024 is `1Gi`, 0.5 is `512Ki`, 0.1 is `104857600m`.
 * @throws RangeError for NaN and the infinities.
 */
export function quantityOfMebibytes(n: number): string {
  const { unscaled, exponent } = decimalOf(n);
  const amount = { unscaled: unscaled << 20n, exponent };
  return canonical({ amount: roundedUp(amount, NANO), format: 'BinarySI' });
}
