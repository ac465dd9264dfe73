import { err, ok, type Result } from '../result.ts';
import { parseHexFloat } from './hex-float.ts';
import { invalidSyntax, outOfRange, type NumError } from './num-error.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEX = /^[+-]?0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)p[+-]?\d+$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NAN = /^nan$/i;

/** Each underscore stands between two digits, or between a base prefix and a digit. */
function underscoresSeparateDigits(text: string): boolean {
  const digit = /^[+-]?0[xX]/.test(text) ? '[\\da-fA-F]' : '\\d';
  const body = text.replace(/^[+-]/, '').replace(/^0[xX]_/, '0x');
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(body);
}

function valueOf(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  return HEX.test(text) ? parseHexFloat(text) : undefined;
}

/**
 * Go's `strconv.ParseFloat(text, 64)`: decimal and hexadecimal literals, infinities and NaN in any case, and single underscores between
 * digits. A finite text that is too large is an error; one that is too small is zero.
 */
export function parseFloat64(text: string): Result<number, NumError<number>> {
  if (INFINITE.test(text)) return ok(text.startsWith('-') ? -Infinity : Infinity);
  if (NAN.test(text)) return ok(NaN);
  const refused = err(invalidSyntax('ParseFloat', text, 0));
  if (text.includes('_') && !underscoresSeparateDigits(text)) return refused;
  const value = valueOf(text.replaceAll('_', ''));
  if (value === undefined) return refused;
  return Number.isFinite(value) ? ok(value) : err(outOfRange('ParseFloat', text, value));
}
