import { describe, expect, test } from '@jest/globals';
import { formatF, formatG } from '../../../../src/domain/go/fmt-float.ts';
import { max, min, pow, round, smoothingCoefficient, toInt32 } from '../../../../src/domain/go/math.ts';
import { parseBool } from '../../../../src/domain/go/parse-bool.ts';
import { atoi, parseInt32 } from '../../../../src/domain/go/parse-int.ts';
import { quote } from '../../../../src/domain/go/quote.ts';
import { trimSpace } from '../../../../src/domain/go/trim-space.ts';

test.each([
  [0, '0'],
  [-0, '-0'],
  [100000, '100000'],
  [999999.5, '999999.5'],
  [1e6, '1e+06'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e300, '1.5e+300'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('%%g of %s', (x, text) => expect(formatG(x)).toBe(text));

test.each([
  [-0, '-0.000000'],
  [0.0078125, '0.007812'],
  [0.0234375, '0.023438'],
  [1e22, '10000000000000000000000.000000'],
  [5e-324, '0.000000'],
  [Infinity, '+Inf'],
])('%%f of %s is the exact value, half to even', (x, text) => expect(formatF(x)).toBe(text));

describe('whole numbers', () => {
  test('limits', () => {
    expect(parseInt32('-2147483648')).toEqual({ ok: true, value: -2147483648 });
    expect(parseInt32('2147483648')).toMatchObject({ error: { because: 'range', nearest: 2147483647 } });
    expect(atoi('9223372036854775807')).toEqual({ ok: true, value: 9223372036854775807n });
    expect(atoi('-9223372036854775809')).toMatchObject({ error: { nearest: -9223372036854775808n } });
  });
  test('a number too large is out of range even when rubbish follows, as Go scans it', () => {
    expect(parseInt32('99999999999x')).toMatchObject({ error: { because: 'range' } });
    expect(parseInt32('1x')).toMatchObject({ error: { because: 'syntax', nearest: 0 } });
  });
  test.each(['', '+', '-', '--1', '1_000', '0x10', ' 1', '1.0', '\ud835\udfcf'])(
    '%j is no number',
    (text) => {
      expect(parseInt32(text)).toMatchObject({ ok: false, error: { because: 'syntax' } });
      expect(atoi(text)).toMatchObject({ ok: false, error: { because: 'syntax' } });
    },
  );
});

test('only twelve words are booleans', () => {
  for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True'])
    expect(parseBool(text)).toEqual({ ok: true, value: true });
  for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False'])
    expect(parseBool(text)).toEqual({ ok: true, value: false });
  for (const text of ['', 'tRUE', 'yes', 'on']) expect(parseBool(text)).toMatchObject({ ok: false });
});

test('quoting escapes what does not print', () => {
  expect(quote('a"\\\n\x01\u200b\u{e0001}é並')).toBe('"a\\"\\\\\\n\\x01\\u200b\\U000e0001é並"');
});

test('space is what Go takes for it', () => {
  expect(trimSpace('\u0085\t a b\u3000\n')).toBe('a b');
  expect(trimSpace('\ufeffa')).toBe('\ufeffa');
});

describe('arithmetic', () => {
  test('round is half away from zero', () => {
    expect([round(0.5), round(-0.5), round(-2.5), round(0.49999999999999994)]).toEqual([1, -1, -3, 0]);
  });
  test('an infinity wins over NaN', () => {
    expect([max(NaN, Infinity), min(-Infinity, NaN)]).toEqual([Infinity, -Infinity]);
    expect([max(NaN, 1), min(NaN, 1)]).toEqual([NaN, NaN]);
  });
  test('int32 cuts, and what does not fit is the smallest', () => {
    expect([toInt32(2147483647.9), toInt32(-2147483648.9), toInt32(-0.9)]).toEqual([
      2147483647, -2147483648, 0,
    ]);
    expect([toInt32(2147483648), toInt32(NaN), toInt32(-Infinity)]).toEqual(Array(3).fill(-2147483648));
  });
  test('powers at the ends', () => {
    expect([pow(0.8, 0), pow(0.3, 1), pow(1, 500), pow(0, 3)]).toEqual([1, 0.3, 1, 0]);
    expect([pow(2, 1023), pow(2, 1024), pow(0.5, 1074), pow(0.5, 1080)]).toEqual([
      2 ** 1023,
      Infinity,
      5e-324,
      0,
    ]);
    expect([pow(5e-324, 2), pow(1e300, 900)]).toEqual([0, Infinity]);
    expect(pow(0.5, 1023)).toBe(2 ** -1023);
  });
  test('the newest bucket of a long window weighs a fifth', () => {
    expect([1, 2, 41, 42, 3600].map(smoothingCoefficient)).toEqual([
      0.9999, 0.99, 0.20119821919842973, 0.2, 0.2,
    ]);
  });
});
