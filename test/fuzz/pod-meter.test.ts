import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nanos, SECOND } from '../../src/domain/go/duration.ts';
import { err, ok } from '../../src/domain/result.ts';
import { SCRAPE_INTERVAL } from '../../src/domain/scale/collection.ts';
import { NO_STAT } from '../../src/domain/scale/stat.ts';
import { instant } from '../../src/domain/time.ts';
import { PodMeter } from '../../src/processes/controller/pods/pod-meter.ts';
import { specOf } from '../builders/scale.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };
const START = 1_700_000_000;
const WINDOW = 20;

/** What is wanted each time that something is decided about three pods which carry so much, and of which some are silent at times. */
async function wanted(load: number, silent: readonly (readonly boolean[])[]): Promise<readonly number[]> {
  let now = START;
  let second: readonly boolean[] = [];
  const meter = new PodMeter(
    {
      source: {
        ask: (host) =>
          Promise.resolve(
            second[Number(host)] === true
              ? err({ message: 'silent', likeMesh: false })
              : ok({ ...NO_STAT, podName: host, averageConcurrentRequests: load / 3 }),
          ),
      },
      hostOf: (service) => service,
      readyPods: () =>
        ['0', '1', '2'].map((address) => ({ address, startedAt: instant((START - 3600) * 1000) })),
      random: () => 0.5,
    },
    {
      use: 'scale',
      interval: SCRAPE_INTERVAL,
      sleeps: false,
      mesh: 'disabled',
      passthrough: false,
      metric: {
        stableWindow: nanos(BigInt(WINDOW) * SECOND),
        panicWindow: nanos(2n * SECOND),
        algorithm: 'linear',
        scrapeTarget: 'private',
      },
      decider: specOf({
        target: 10,
        total: 10,
        utilization: 1,
        stableWindow: nanos(BigInt(WINDOW) * SECOND),
      }),
    },
    3,
  );
  const decisions: number[] = [];
  for (second of silent) {
    now += 1;
    await meter.scrape(instant(now * 1000 + 300));
    const { decision } = meter.tick(instant(now * 1000 + 700));
    if (decision !== undefined) decisions.push(decision.pods);
  }
  return decisions;
}

test('under a steady load no silence of pods, however it falls, asks for fewer of them', async () => {
  const seconds = fc.array(
    fc.record({
      lasts: fc.constantFrom(1, 1, 2, 7, WINDOW - 1, WINDOW, WINDOW + 1),
      silent: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 21, max: 30 }), seconds, async (load, spells) => {
      const all = spells.flatMap(({ lasts, silent }) => Array.from({ length: lasts }, () => silent));
      expect(new Set(await wanted(load, all)).difference(new Set([3]))).toEqual(new Set());
    }),
    RUNS,
  );
});
