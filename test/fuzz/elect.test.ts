import { test } from '@jest/globals';
import fc from 'fast-check';
import { ms, seconds } from '../../src/domain/time.ts';
import { Elector } from '../../src/engine/elect.ts';
import { FlakyLease, type Fate } from '../doubles/flaky-lease.ts';
import { ManualClock } from '../doubles/manual-clock.ts';
import { MemoryLease } from '../doubles/memory-lease.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60);

const delay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 4900 }),
  fc.integer({ min: 0, max: 4900 }),
  fc.integer({ min: 0, max: 20_000 }),
);
const good = fc.constant('good' as const);
const fate: fc.Arbitrary<Fate> = fc.record({
  there: fc.oneof(fc.constant(0), delay),
  back: delay,
  end: fc.oneof(good, good, fc.constantFrom('request lost' as const, 'answer lost' as const)),
});
/** A way that is slow, always the same, and loses nothing until it is cut. */
const slow = fc
  .record({ there: fc.integer({ min: 0, max: 1000 }), back: fc.integer({ min: 2000, max: 4900 }), end: good })
  .map((each) => Array.from({ length: 25 }, () => each));
const candidate = fc.record({
  fates: fc.oneof(fc.array(fate, { maxLength: 25, size: 'max' }), slow, fc.constant([])),
  skew: fc.integer({ min: -86_400_000, max: 86_400_000 }),
  startsAt: fc.integer({ min: 0, max: 20_000 }),
  /** From then on nothing arrives and nothing comes back, for good. */
  cutAt: fc.option(fc.integer({ min: 10_000, max: 60_000 }), { nil: undefined }),
  /** Stopped in good order, or never. */
  stopsAt: fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  hesitation: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
});

const TICK = 250;

test('two never lead at once, and when the trouble is over one leads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.array(candidate, { minLength: 2, maxLength: 3 })), async (candidates) => {
      const clock = new ManualClock();
      const lease = new MemoryLease();
      const members = candidates.map(({ fates, skew, random, hesitation, startsAt, stopsAt, cutAt }, i) => {
        const cable = new FlakyLease(lease, clock, fates);
        const elector = new Elector({
          lease: cable,
          terms: {
            identity: `candidate-${i}`,
            leaseDuration: seconds(15),
            renewDeadline: seconds(10),
            retryPeriod: seconds(2),
          },
          clock: clock.skewed(skew),
          random: () => random,
          hesitation: () => ms(hesitation),
          telemetry: new TallyingTelemetry(),
          log: new SilentLog(),
        });
        const stop = new AbortController();
        clock.after(ms(startsAt), () => void elector.run(stop.signal));
        if (stopsAt !== undefined) clock.after(ms(startsAt + stopsAt), () => stop.abort());
        if (cutAt !== undefined) clock.after(ms(startsAt + cutAt), () => (cable.cut = true));
        return { elector, stop };
      });
      const leaders = (): number => members.filter(({ elector }) => elector.isLeading()).length;
      for (let at = 0; at < 180_000; at += TICK) {
        await clock.pass(TICK);
        if (leaders() > 1) throw new Error(`${leaders()} lead after ${at + TICK} ms`);
      }
      // Each candidate has at most 25 troubled requests of at most 5 s plus a pause behind it by then.
      await clock.pass(300_000);
      const alive = candidates.some(({ stopsAt, cutAt }) => stopsAt === undefined && cutAt === undefined);
      if (alive && leaders() !== 1) throw new Error(`${leaders()} lead in the end`);
      for (const { stop } of members) stop.abort();
    }),
    { numRuns },
  );
}, 600_000);
