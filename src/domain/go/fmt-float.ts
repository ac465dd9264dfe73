/** Infinities and NaN as Go prints them, undefined for finite numbers. */
function special(x: number): string | undefined {
  if (Number.isNaN(x)) return 'NaN';
  if (Number.isFinite(x)) return undefined;
  return x > 0 ? '+Inf' : '-Inf';
}

const signOf = (x: number): string => (x < 0 || Object.is(x, -0) ? '-' : '');

/** Go's `%v` and `%g` of a float64: the fewest digits that read back, with an exponent below 1e-04 and from 1e+06 on. */
export function formatG(x: number): string {
  const word = special(x);
  if (word !== undefined) return word;
  const [mantissa = '', exponent = '0'] = Math.abs(x).toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return signOf(x) + plain(mantissa.replace('.', ''), power);
  const digits = Math.abs(power).toString().padStart(2, '0');
  return `${signOf(x)}${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
}

/** Digits with the point after the first one moved by `power`. */
function plain(digits: string, power: number): string {
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.padEnd(power + 1, '0');
  const fraction = whole.slice(power + 1);
  return whole.slice(0, power + 1) + (fraction === '' ? '' : `.${fraction}`);
}

const DECIMALS = 6;

/** A finite double as `mantissa * 2^exponent`, exactly. */
function partsOf(x: number): readonly [mantissa: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  return biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075];
}

/** Go's `%f`: six decimals of the exact value, half to even. */
export function formatF(x: number): string {
  const word = special(x);
  if (word !== undefined) return word;
  const [mantissa, exponent] = partsOf(x);
  const scaled = mantissa * 10n ** BigInt(DECIMALS);
  const millionths = exponent >= 0 ? scaled << BigInt(exponent) : halfToEven(scaled, BigInt(-exponent));
  const digits = millionths.toString().padStart(DECIMALS + 1, '0');
  return `${signOf(x)}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** `value / 2^by`, rounded half to even. */
function halfToEven(value: bigint, by: bigint): bigint {
  const kept = value >> by;
  const twice = (value - (kept << by)) << 1n;
  const one = 1n << by;
  return twice > one || (twice === one && (kept & 1n) === 1n) ? kept + 1n : kept;
}
