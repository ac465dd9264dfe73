import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nanos, parseDuration, printDuration } from '../../src/domain/go/duration.ts';
import { formatF, formatG } from '../../src/domain/go/fmt-float.ts';
import { parseBool } from '../../src/domain/go/parse-bool.ts';
import { parseFloat64 } from '../../src/domain/go/parse-float.ts';
import { atoi, parseInt32 } from '../../src/domain/go/parse-int.ts';
import { pow } from '../../src/domain/go/math.ts';
import { quote } from '../../src/domain/go/quote.ts';
import { trimSpace } from '../../src/domain/go/trim-space.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500);
const run = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, law), { numRuns });

/** Text that is nearly a number or a duration. */
const nearly = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789.+-_eExXpPabfnhmsuµμ \n')) }),
);

test('a printed duration reads back as itself', () => {
  run(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (n) => {
    expect(parseDuration(printDuration(nanos(n)))).toEqual({ ok: true, value: n });
  });
});

test('a duration that parses prints as one that reads back', () => {
  run(nearly, (text) => {
    const parsed = parseDuration(text);
    if (parsed.ok) expect(parseDuration(printDuration(parsed.value))).toEqual(parsed);
    else expect(parsed.error).toMatch(/^time: /);
  });
});

test('parsers answer whatever they are given', () => {
  run(nearly, (text) => {
    for (const parse of [parseFloat64, parseInt32, atoi, parseBool]) {
      const parsed = parse(text);
      if (!parsed.ok) expect(parsed.error.text).toContain(quote(text));
    }
    expect(trimSpace(trimSpace(text))).toBe(trimSpace(text));
  });
});

test('a printed double reads back as itself', () => {
  run(fc.double(), (x) => expect(parseFloat64(formatG(x))).toEqual({ ok: true, value: x }));
});

test('%f is within half a millionth', () => {
  run(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (x) => {
    expect(formatF(x)).toMatch(/^-?\d+\.\d{6}$/);
    expect(Math.abs(Number(formatF(x)) - x)).toBeLessThanOrEqual(0.5000002e-6);
  });
});

test('a hexadecimal literal is its own value', () => {
  run(fc.tuple(fc.maxSafeNat(), fc.integer({ min: -1080, max: 980 })), ([mantissa, exponent]) => {
    const parsed = parseFloat64(`0x${mantissa.toString(16)}p${exponent}`);
    const half = Math.trunc(exponent / 2);
    const expected = mantissa * 2 ** half * 2 ** (exponent - half);
    expect(parsed.ok ? parsed.value : parsed.error.nearest).toBe(expected);
  });
});

test('powers stay within the last bits of the engine\u2019s own', () => {
  run(fc.tuple(fc.double({ min: 0.001, max: 0.9999, noNaN: true }), fc.nat(100)), ([x, n]) => {
    const expected = x ** n;
    expect(Math.abs(pow(x, n) - expected)).toBeLessThanOrEqual(expected * 1e-13);
  });
});
