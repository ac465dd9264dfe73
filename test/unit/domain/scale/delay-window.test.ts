import { expect, test } from '@jest/globals';
import { DelayWindow } from '../../../../src/domain/scale/delay-window.ts';
import { instant, seconds } from '../../../../src/domain/time.ts';

/** What is current after each decision: one every two seconds. */
const current = (delay: number, decided: readonly number[]): readonly number[] => {
  const window = new DelayWindow(seconds(delay));
  return decided.map((pods, tick) => window.record(instant(tick * 2000), pods));
};

test('a lower number waits until the higher one is older than the delay', () => {
  expect(current(6, [5, 3, 3, 3, 3])).toEqual([5, 5, 5, 3, 3]);
});

test('a higher number is followed at once', () => {
  expect(current(6, [1, 2, 9, 9])).toEqual([1, 2, 9, 9]);
});

test('of falling numbers each has its own time', () => {
  expect(current(4, [9, 7, 5, 3, 1])).toEqual([9, 9, 7, 5, 3]);
});

test('even the shortest delay keeps the larger of two decisions in one slot', () => {
  const window = new DelayWindow(seconds(1));
  expect([
    window.record(instant(4000), 7),
    window.record(instant(5900), 2),
    window.record(instant(6000), 2),
  ]).toEqual([7, 7, 2]);
});

test('a clock that was set back does not lose what was decided', () => {
  const window = new DelayWindow(seconds(4));
  expect([
    window.record(instant(10_000), 7),
    window.record(instant(2000), 2),
    window.record(instant(14_000), 1),
  ]).toEqual([7, 7, 1]);
});
