/** An exact decimal number: `unscaled * 10^exponent`. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly exponent: number;
}

/**
 * The decimal that a double is printed as (the shortest one that reads back as the same double), so that 0.1 is one tenth.
 * @throws RangeError for NaN and the infinities, which no decimal stands for.
 */
export function decimalOf(n: number): Decimal {
  if (!Number.isFinite(n)) throw new RangeError(`${n} is not a decimal number`);
  const [mantissa = '0', exponent = '0'] = String(n).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { unscaled: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/**
 * A double as plain JSON digits: no exponent, no suffix, no separator (1000 is `1000`, 1e-7 is `0.0000001`).
 * @throws RangeError for NaN and the infinities.
 */
export function decimalText(n: number): string {
  const { unscaled, exponent } = decimalOf(n);
  if (exponent >= 0) return String(unscaled * 10n ** BigInt(exponent));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(1 - exponent, '0');
  const point = digits.length + exponent;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const at = (d: Decimal): bigint => d.unscaled * 10n ** BigInt(d.exponent - exponent);
  const [left, right] = [at(a), at(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Rounded away from zero to a multiple of 10^exponent; what is already one stays as it is. */
export function roundedUp(d: Decimal, exponent: number): Decimal {
  if (d.exponent >= exponent) return d;
  const unit = 10n ** BigInt(exponent - d.exponent);
  const rest = d.unscaled % unit;
  const away = rest === 0n ? 0n : rest < 0n ? -1n : 1n;
  return { unscaled: d.unscaled / unit + away, exponent };
}
