import { err, ok, type Result } from '../result.ts';
import { invalidSyntax, outOfRange, type NumError } from './num-error.ts';

/** The digits of a magnitude as Go scans them: a number too large for `bits` is out of range even if rubbish follows. */
function magnitude(digits: string, bits: number): bigint | 'syntax' | 'range' {
  if (digits === '') return 'syntax';
  const limit = 1n << BigInt(bits);
  let value = 0n;
  for (const digit of digits) {
    if (digit < '0' || digit > '9' || digit.length > 1) return 'syntax';
    value = value * 10n + BigInt(digit);
    if (value >= limit) return 'range';
  }
  return value;
}

function parseSigned(
  parser: 'ParseInt' | 'Atoi',
  text: string,
  bits: number,
): Result<bigint, NumError<bigint>> {
  const negative = text.startsWith('-');
  const limit = 1n << BigInt(bits - 1);
  const nearest = negative ? -limit : limit - 1n;
  const size = magnitude(negative || text.startsWith('+') ? text.slice(1) : text, bits);
  if (size === 'syntax') return err(invalidSyntax(parser, text, 0n));
  if (size === 'range') return err(outOfRange(parser, text, nearest));
  const value = negative ? -size : size;
  return value < -limit || value >= limit ? err(outOfRange(parser, text, nearest)) : ok(value);
}

/** Go's `strconv.ParseInt(text, 10, 32)`: optional sign and decimal digits, nothing else. */
export function parseInt32(text: string): Result<number, NumError<number>> {
  const parsed = parseSigned('ParseInt', text, 32);
  if (parsed.ok) return ok(Number(parsed.value));
  return err({ ...parsed.error, nearest: Number(parsed.error.nearest) });
}

/** Go's `strconv.Atoi` on a 64-bit machine. */
export const atoi = (text: string): Result<bigint, NumError<bigint>> => parseSigned('Atoi', text, 64);
