import { SMOOTHING } from './smoothing.ts';

/** Go's `math.Round`: half away from zero. */
export const round = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));

/** Go's `math.Max`: an infinity wins over NaN. */
export const max = (x: number, y: number): number =>
  x === Infinity || y === Infinity ? Infinity : Math.max(x, y);

/** Go's `math.Min`: an infinity wins over NaN. */
export const min = (x: number, y: number): number =>
  x === -Infinity || y === -Infinity ? -Infinity : Math.min(x, y);

const INT32_MIN = -2147483648;

/** Go's `int32(x)` on amd64: cut toward zero; NaN and what does not fit give the smallest int32. */
export const toInt32 = (x: number): number =>
  x > INT32_MIN - 1 && x < -INT32_MIN ? Math.trunc(x) + 0 : INT32_MIN;

/** `x = mantissa * 2^exponent` with 0.5 <= mantissa < 1; x is finite and above zero. */
function frexp(x: number): readonly [mantissa: number, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  const subnormal = x < 2 ** -1022;
  bits.setFloat64(0, subnormal ? x * 2 ** 52 : x);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0x800fffff) | (1022 << 20));
  return [bits.getFloat64(0), (high >>> 20) - 1022 - (subnormal ? 52 : 0)];
}

/** `mantissa * 2^exponent`, rounded once, for a mantissa from 2^-60 to 1. */
function ldexp(mantissa: number, exponent: number): number {
  if (exponent > 1100) return Infinity;
  if (exponent < -1080) return 0;
  const half = Math.trunc(exponent / 2);
  // The first factor keeps the mantissa normal, so that only the second product can round.
  return mantissa * 2 ** half * 2 ** (exponent - half);
}

/** Beyond this the result is infinite or zero, whatever the mantissa. */
const EXPONENT_LIMIT = 1 << 12;

function powOfFinite(x: number, n: number): number {
  let [square, squareExponent] = frexp(x);
  let result = 1;
  let exponent = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (Math.abs(squareExponent) > EXPONENT_LIMIT) return squareExponent > 0 ? Infinity : 0;
    if (rest % 2 === 1) {
      result *= square;
      exponent += squareExponent;
    }
    square *= square;
    squareExponent *= 2;
    if (square < 0.5) {
      square += square;
      squareExponent -= 1;
    }
  }
  return ldexp(result, exponent);
}

/**
 * Go's `math.Pow(x, n)` bit by bit for a whole n >= 0 and x >= 0, which is all that windows raise to a power.
 * Engines' own `**` differs from it in the last bits.
 */
export function pow(x: number, n: number): number {
  if (n === 0 || x === 1) return 1;
  if (n === 1 || x === 0 || !Number.isFinite(x)) return x;
  return powOfFinite(x, n);
}

/** From this many buckets on, the coefficient stays at its least. */
const LEAST_COEFFICIENT = 0.2;

/**
 * The share of the newest of `buckets` buckets in an exponentially weighted average (serving: pkg/autoscaler/aggregation/bucketing.go):
 * the larger of 1 - 0.0001^(1/buckets) and 0.2. A table, because processors compute the root differently in the last bits.
 */
export const smoothingCoefficient = (buckets: number): number => SMOOTHING[buckets - 1] ?? LEAST_COEFFICIENT;
