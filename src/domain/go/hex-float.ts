const MANTISSA_BITS = 53;
const LEAST_EXPONENT = -1074;
/** Beyond this, any mantissa that fits into an annotation is infinite or zero. */
const EXPONENT_LIMIT = 10_000_000;

/** `mantissa >> by`, rounded half to even. */
function shiftRounded(mantissa: bigint, by: number): bigint {
  const shift = BigInt(by);
  const kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return up ? kept + 1n : kept;
}

/** The double nearest to `mantissa * 2^exponent`; infinite when it is too large. */
function scaled(mantissa: bigint, exponent: number): number {
  const surplus = Math.max(mantissa.toString(2).length - MANTISSA_BITS, LEAST_EXPONENT - exponent);
  if (surplus > mantissa.toString(2).length + 1) return 0;
  if (surplus <= 0) return timesPowerOfTwo(Number(mantissa), exponent);
  return timesPowerOfTwo(Number(shiftRounded(mantissa, surplus)), exponent + surplus);
}

/** Exact unless the result is too large: large powers are multiplied in two steps. */
function timesPowerOfTwo(value: number, exponent: number): number {
  if (value === 0) return 0;
  if (exponent > 2100) return Infinity;
  return exponent > 1000 ? value * 2 ** 1000 * 2 ** (exponent - 1000) : value * 2 ** exponent;
}

/** The value of a hexadecimal literal like `-0x1.8p3`; the text is known to be one. */
export function parseHexFloat(text: string): number {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i.exec(text) ?? [];
  const exponent = Math.max(-EXPONENT_LIMIT, Math.min(EXPONENT_LIMIT, Number(power)));
  const size = scaled(BigInt(`0x${whole}${fraction}`), exponent - 4 * fraction.length);
  return sign === '-' ? -size : size;
}
