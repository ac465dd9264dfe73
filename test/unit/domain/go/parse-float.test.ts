import { describe, expect, test } from '@jest/globals';
import { parseFloat64 } from '../../../../src/domain/go/parse-float.ts';

describe('parseFloat64', () => {
  test.each([
    ['1_000', 1000],
    ['1e1_0', 1e10],
    ['.5', 0.5],
    ['5.', 5],
    ['+5', 5],
    ['-INFINITY', -Infinity],
    ['inf', Infinity],
    ['nAn', NaN],
    ['1e-400', 0],
    ['0x1p-2', 0.25],
    ['0x_1F.8p0', 31.5],
    ['-0X.8P1', -1],
    ['0x1.fffffffffffff8p0', 2],
    ['0x1.fffffffffffff7p0', 1.9999999999999998],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.8p-1075', 5e-324],
    ['0x1.fffffffffffffp1023', Number.MAX_VALUE],
    ['0x100000000000000000p-60', 256],
    ['0x0p99999999', 0],
  ])('reads %s', (text, value) => expect(parseFloat64(text)).toEqual({ ok: true, value }));

  test.each(['', ' 1', '1_', '_1', '1__0', '1_.5', '0x1', '0x10', '0xp1', '+nan', 'infin', '1e', '1,5', '٣'])(
    'refuses %j',
    (text) => {
      const parsed = parseFloat64(text);
      expect(parsed.ok ? parsed.value : parsed.error).toEqual({
        text: `strconv.ParseFloat: parsing "${text}": invalid syntax`,
        because: 'syntax',
        nearest: 0,
      });
    },
  );

  test.each([
    ['1e400', Infinity],
    ['-1e400', -Infinity],
    ['0x1p1024', Infinity],
    ['0x1.fffffffffffff8p1023', Infinity],
  ])('%s is out of range', (text, nearest) => {
    const parsed = parseFloat64(text);
    expect(parsed.ok ? parsed.value : parsed.error).toEqual({
      text: `strconv.ParseFloat: parsing "${text}": value out of range`,
      because: 'range',
      nearest,
    });
  });
});
