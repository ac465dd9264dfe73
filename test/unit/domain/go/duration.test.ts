import { describe, expect, test } from '@jest/globals';
import {
  isWholeSeconds,
  nanos,
  parseDuration,
  printDuration,
  roundToSecond,
  type Nanos,
} from '../../../../src/domain/go/duration.ts';

const LONGEST = nanos((1n << 63n) - 1n);
const SHORTEST = nanos(-(1n << 63n));
const read = (text: string): Nanos => {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe('parseDuration', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['1h1m1s1ms1us1ns', 3_661_001_001_001n],
    ['1.5h', 5_400_000_000_000n],
    ['.5s', 500_000_000n],
    ['5.s', 5_000_000_000n],
    ['-1m30s', -90_000_000_000n],
    ['1\u00b5s', 1000n],
    ['1\u03bcs', 1000n],
    ['0.9999999999s', 999_999_999n],
    ['-9223372036854775808ns', SHORTEST],
    ['9223372036854775807ns', LONGEST],
  ])('reads %s', (text, value) => expect(parseDuration(text)).toEqual({ ok: true, value }));

  test.each([
    ['', 'time: invalid duration ""'],
    ['.s', 'time: invalid duration ".s"'],
    ['10', 'time: missing unit in duration "10"'],
    ['99999999999999999999', 'time: invalid duration "99999999999999999999"'],
    ['1toString', 'time: unknown unit "toString" in duration "1toString"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['2562047h47m16.854775808s', 'time: invalid duration "2562047h47m16.854775808s"'],
    ['1s"\\', 'time: unknown unit "s\\"\\\\" in duration "1s\\"\\\\"'],
  ])('refuses %j', (text, error) => expect(parseDuration(text)).toEqual({ ok: false, error }));
});

test.each([
  [nanos(0n), '0s'],
  [nanos(999n), '999ns'],
  [nanos(1500n), '1.5\u00b5s'],
  [nanos(3_600_000_000_000n), '1h0m0s'],
  [nanos(60_000_000_001n), '1m0.000000001s'],
  [SHORTEST, '-2562047h47m16.854775808s'],
])('%s ns print as %s', (duration, text) => expect(printDuration(duration)).toBe(text));

describe('seconds', () => {
  test('rounding is half away from zero and stays within int64', () => {
    expect(roundToSecond(read('1.5s'))).toBe(read('2s'));
    expect(roundToSecond(read('-1.5s'))).toBe(read('-2s'));
    expect(roundToSecond(read('1.499999999s'))).toBe(read('1s'));
    expect(roundToSecond(LONGEST)).toBe(LONGEST);
    expect(roundToSecond(SHORTEST)).toBe(SHORTEST);
  });
  test('whole seconds are told from the rest', () => {
    expect(isWholeSeconds(read('1m'))).toBe(true);
    expect(isWholeSeconds(read('-2s'))).toBe(true);
    expect(isWholeSeconds(read('1001ms'))).toBe(false);
  });
});
