import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ms, seconds, type Ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets so much time pass; the real clock just waits. */
  readonly pass: (by: Ms) => Promise<void>;
}

/** What any Clock promises. The real one and the double both run this, so the double cannot lie. */
export const clockContract = (name: string, make: () => ClockUnderTest): void =>
  describe(`${name} keeps the Clock contract`, () => {
    it('never wakes a sleeper early', async () => {
      const { clock, pass } = make();
      const due = clock.monotonic() + 20;
      await Promise.all([clock.sleep(ms(20)), pass(ms(20))]);
      expect(clock.monotonic()).toBeGreaterThanOrEqual(due);
    });

    it('moves the wall clock along with the monotonic reading', async () => {
      const { clock, pass } = make();
      const [wall, reading] = [clock.now(), clock.monotonic()];
      await pass(ms(20));
      expect(clock.now()).toBeGreaterThanOrEqual(wall + 15);
      expect(clock.monotonic()).toBeGreaterThanOrEqual(reading + 15);
    });

    it('rejects with the reason when told to stop', async () => {
      const stop = new AbortController();
      const nap = make().clock.sleep(seconds(3600), stop.signal);
      stop.abort(new Error('shutting down'));
      await expect(nap).rejects.toThrow('shutting down');
    });

    it('rejects at once when it was told to stop before', async () => {
      const nap = make().clock.sleep(seconds(3600), AbortSignal.abort(new Error('too late')));
      await expect(nap).rejects.toThrow('too late');
    });

    it('leaves no listener on the signal of a sleep that ended', async () => {
      const { clock, pass } = make();
      const stop = new AbortController();
      await Promise.all([clock.sleep(ms(1), stop.signal), pass(ms(1))]);
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    });

    it('runs what is due once, in order of time', async () => {
      const { clock, pass } = make();
      const ran: string[] = [];
      clock.after(ms(15), () => ran.push('second'));
      clock.after(ms(5), () => ran.push('first'));
      clock.after(ms(10), () => ran.push('cancelled'))();
      await pass(ms(40));
      expect(ran).toEqual(['first', 'second']);
    });

    it('does not run at once what is due in sixty days', async () => {
      const { clock, pass } = make();
      let ran = false;
      const cancel = clock.after(seconds(60 * 86_400), () => (ran = true));
      await pass(ms(10));
      cancel();
      expect(ran).toBe(false);
    });
  });
