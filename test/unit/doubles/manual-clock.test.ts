import { expect, test } from '@jest/globals';
import { ms } from '../../../src/domain/time.ts';
import { clockContract } from '../../contracts/clock.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';

clockContract('the manual clock', () => {
  const clock = new ManualClock();
  return { clock, pass: (by) => clock.pass(by) };
});

test('a timer set by a timer runs in the same pass, at its own time', async () => {
  const clock = new ManualClock();
  const readings: number[] = [];
  void (async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(ms(10));
      readings.push(clock.monotonic());
    }
  })();
  await clock.pass(25);
  expect(readings).toEqual([10, 20]);
  expect(clock.monotonic()).toBe(25);
});

test('until fails with the claim when time runs out', async () => {
  const clock = new ManualClock();
  await expect(clock.until(() => false, 100)).rejects.toThrow('still not so after 100 ms: () => false');
});

test('setting the wall clock does not move the monotonic reading', async () => {
  const clock = new ManualClock();
  const wall = clock.now();
  clock.setWall(-5000);
  await clock.pass(1);
  expect([clock.monotonic(), clock.now() - wall]).toEqual([1, -4999]);
});
