import { expect, test } from '@jest/globals';
import { BucketWindow } from '../../../../src/domain/scale/bucket-window.ts';
import { instant, seconds } from '../../../../src/domain/time.ts';

const at = (second: number): ReturnType<typeof instant> => instant(1_700_000_000_000 + second * 1000);

/** A window into which one value was recorded each second from 0 on. */
function filled(length: number, values: readonly number[]): BucketWindow {
  const window = new BucketWindow(seconds(length));
  for (const [second, value] of values.entries()) window.record(at(second), value);
  return window;
}

test('what is recorded within one second adds up', () => {
  const window = filled(60, [2]);
  window.record(at(0.9), 3);
  expect(window.average(at(0.95))).toBe(5);
});

test('before the window is full the average is that of the time since the first record', () => {
  expect(filled(60, [1, 2, 6]).average(at(2))).toBe(3);
});

test('a full window forgets its oldest second', () => {
  expect(filled(6, [100, 1, 1, 1, 1, 1, 1]).average(at(6))).toBe(1);
});

test('a gap between records is zeros', () => {
  const window = filled(6, [6]);
  window.record(at(2), 6);
  expect(window.average(at(2))).toBe(4);
});

test('seconds without a record at the end do not count, until a window has passed', () => {
  const window = filled(6, [4, 4, 4]);
  expect([3, 5, 7].map((second) => window.average(at(second)))).toEqual([4, 4, 4]);
  expect({ average: window.average(at(8)), empty: window.isEmpty(at(8)) }).toEqual({
    average: 0,
    empty: false,
  });
  expect(window.isEmpty(at(9))).toBe(true);
});

test('a window that never was written is empty, and its average is zero', () => {
  const window = new BucketWindow(seconds(6));
  expect([
    window.isEmpty(at(0)),
    window.average(at(0)),
    window.weightedAverage(at(0)),
    window.newest,
  ]).toEqual([true, 0, 0, undefined]);
});

test('a late record goes to its own second, and one that is a window late is left out', () => {
  const window = filled(6, [0, 0, 0, 0, 0, 0, 6]);
  window.record(at(4), 6);
  window.record(at(0), 600);
  expect(window.average(at(6))).toBe(2);
});

test('averages have six decimals, half away from zero', () => {
  expect(filled(60, [1, 1, 0]).average(at(2))).toBe(0.666667);
  expect(filled(60, [-1, -1, 0]).average(at(2))).toBe(-0.666667);
});

test('in the weighted average the newest second weighs most', () => {
  const rising = filled(60, [1, 2, 3]).weightedAverage(at(2));
  const falling = filled(60, [3, 2, 1]).weightedAverage(at(2));
  expect(rising).toBeCloseTo(3 * 0.2 + 2 * 0.16 + 1 * 0.128, 12);
  expect(falling).toBeLessThan(rising);
});

test('a window that shrinks keeps its newest seconds', () => {
  const window = filled(60, [50, 50, 1, 2, 3, 4, 5, 6]);
  window.resize(seconds(6), at(7));
  expect(window.average(at(7))).toBe(3.5);
});

test('a window that grows keeps all it has', () => {
  const window = filled(6, [1, 2, 3, 4, 5, 6]);
  window.resize(seconds(60), at(5));
  window.record(at(6), 14);
  expect(window.average(at(6))).toBe(5);
});

test('a window without recent data that grows forgets the data and keeps the time of the last record', () => {
  const window = filled(6, [9]);
  window.resize(seconds(60), at(20));
  expect([window.isEmpty(at(20)), window.average(at(20)), window.newest]).toEqual([false, 0, at(0)]);
});
