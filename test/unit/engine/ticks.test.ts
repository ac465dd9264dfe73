import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms } from '../../../src/domain/time.ts';
import { nextTick } from '../../../src/engine/ticks.ts';

const times = fc.tuple(
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: 1, max: 600_000 }),
  fc.integer({ min: 0, max: 1e9 }),
);

test('the next tick lies ahead, at most one interval, and ticks are an interval apart', () => {
  fc.assert(
    fc.property(times, ([phase, interval, after]) => {
      const tick = nextTick(ms(phase), ms(interval), ms(after));
      expect(tick).toBeGreaterThan(after);
      expect(tick - after).toBeLessThanOrEqual(interval);
      expect(nextTick(ms(phase), ms(interval), tick)).toBe(tick + interval);
    }),
  );
});

test('every tick of an interval is one of what divides it', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 20 }), ([phase, interval, after], times) => {
      const tick = nextTick(ms(phase), ms(interval * times), ms(after));
      expect(nextTick(ms(phase), ms(interval), ms(tick - 1))).toBe(tick);
    }),
  );
});

test('a tick is ahead, whatever fractions of milliseconds come to', () => {
  const fraction = (max: number) => fc.double({ min: 0, max, noNaN: true });
  fc.assert(
    fc.property(fraction(60_000), fraction(600_000), fraction(1e9), (phase, interval, after) => {
      fc.pre(interval >= 1);
      const tick = nextTick(ms(phase), ms(interval), ms(after));
      expect(tick).toBeGreaterThan(after);
      expect(nextTick(ms(phase), ms(interval), tick)).toBeGreaterThan(tick);
    }),
  );
});

test('a tick at which a fraction is rounded does not come again and again', () => {
  const at = ms(9000.3);
  expect(nextTick(ms(6000.3), ms(1000), at)).toBeGreaterThan(at);
});
