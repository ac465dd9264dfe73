import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, type Ms } from '../../../src/domain/time.ts';
import { TimerWheel } from '../../../src/engine/timer-wheel.ts';
import type { Timed } from '../../../src/ports/alarms.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';

const TICK = ms(50);

/** Notes when it rang. */
class Bell implements Timed {
  readonly rang: Ms[] = [];

  ring(now: Ms): void {
    this.rang.push(now);
  }
}

test('alarms ring once, never early, and at most two ticks late', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(2_000), { minLength: 1, maxLength: 20 }),
      fc.nat(70),
      async (waits, start) => {
        const clock = new ManualClock();
        await clock.pass(start);
        const wheel = new TimerWheel(clock, TICK);
        const bells = waits.map((wait) => {
          const bell = new Bell();
          wheel.add(bell, ms(start + wait));
          return bell;
        });
        await clock.pass(2_200);
        for (const [i, { rang }] of bells.entries()) {
          const due = start + (waits[i] ?? 0);
          expect(rang).toHaveLength(1);
          expect(rang[0]).toBeGreaterThanOrEqual(due);
          expect(rang[0]).toBeLessThanOrEqual(due + 2 * TICK);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('an alarm that was taken back does not ring', async () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock, TICK);
  const [kept, taken] = [new Bell(), new Bell()];
  wheel.add(kept, ms(200));
  wheel.remove(taken, wheel.add(taken, ms(200)));
  await clock.pass(400);
  expect([kept.rang.length, taken.rang.length]).toEqual([1, 0]);
});

test('while nothing waits there is no timer, and after a long rest alarms are as exact as before', async () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock, TICK);
  expect(clock.waiting).toBe(0);
  const first = new Bell();
  wheel.add(first, ms(100));
  await clock.pass(1_000);
  expect([first.rang.length, clock.waiting]).toEqual([1, 0]);
  await clock.pass(3_600_000);
  const second = new Bell();
  wheel.add(second, ms(3_601_200));
  await clock.pass(150);
  expect(second.rang).toEqual([]);
  await clock.pass(150);
  expect(second.rang).toHaveLength(1);
});

test('who rings may set another alarm, and take back that of a neighbour', async () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock, TICK);
  const again = new Bell();
  const neighbour = new Bell();
  const slot = wheel.add(neighbour, ms(300));
  wheel.add(
    {
      ring: (now) => {
        wheel.remove(neighbour, slot);
        wheel.add(again, now);
      },
    },
    ms(100),
  );
  await clock.pass(1_000);
  expect([again.rang.length, neighbour.rang.length]).toEqual([1, 0]);
});
