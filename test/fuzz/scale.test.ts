import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AUTOSCALER_DEFAULTS } from '../../src/domain/config/autoscaler.ts';
import { nanos, SECOND } from '../../src/domain/go/duration.ts';
import { bounded } from '../../src/domain/scale/bounded.ts';
import { BucketWindow } from '../../src/domain/scale/bucket-window.ts';
import { decide, firstMemory, type Decision, type Memory, type Seen } from '../../src/domain/scale/decide.ts';
import { scalingOf } from '../../src/domain/scale/scaling.ts';
import { sentenceOfScale } from '../../src/domain/scale/sentence.ts';
import type { DeciderSpec } from '../../src/domain/scale/spec.ts';
import { readStat, readStatMessages, writeStat } from '../../src/domain/scale/stat-wire.ts';
import { instant, seconds } from '../../src/domain/time.ts';
import { scaledOf, settingsOf, specOf } from '../builders/scale.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };
const START = 1_700_000_000;

const load = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true }));
const ready = fc.integer({ min: 0, max: 500 });

const spec: fc.Arbitrary<DeciderSpec> = fc
  .record({
    total: fc.constantFrom(0.5, 1, 3, 10, 100),
    utilization: fc.constantFrom(0.1, 0.7, 1),
    maxScaleUpRate: fc.constantFrom(1.1, 2, 10, 1000),
    maxScaleDownRate: fc.constantFrom(1.1, 2, 10),
    panicThreshold: fc.constantFrom(1.1, 2, 10),
    targetBurstCapacity: fc.constantFrom(-1, 0, 211),
    activationScale: fc.constantFrom(0, 2, 7),
    reachable: fc.boolean(),
    scaleDownDelay: fc.constantFrom(0n, 2n, 30n).map((length) => nanos(length * SECOND)),
    stableWindow: fc.constantFrom(6n, 60n).map((length) => nanos(length * SECOND)),
  })
  .map((changed) => specOf({ ...changed, target: Math.max(0.01, changed.total * changed.utilization) }));

/** A series of ticks: how long after the last one, and what was seen. */
const ticks = fc.array(
  fc.record({ after: fc.constantFrom(2, 2, 2, 1, 20, 90), ready, stable: load, panic: load }),
  { minLength: 1, maxLength: 60 },
);

function replay(
  given: DeciderSpec,
  series: readonly (Seen & { readonly after: number })[],
): readonly Decision[] {
  let now = START;
  let memory: Memory = firstMemory(given, series[0]?.ready ?? 0, instant(now * 1000));
  return series.map(({ after, ...seen }) => {
    now += after;
    const decision = decide(given, seen, memory, instant(now * 1000));
    ({ memory } = decision);
    return decision;
  });
}

describe('a decision', () => {
  test('never takes more pods at once than the rate allows', () => {
    fc.assert(
      fc.property(spec, ticks, (given, series) => {
        for (const { seen, pods, spec: by } of replay(given, series))
          if (by.reachable)
            expect(pods).toBeGreaterThanOrEqual(Math.floor(Math.max(1, seen.ready) / by.maxScaleDownRate));
      }),
      RUNS,
    );
  });

  test('adds no more at once than the rate allows, unless something else holds or lifts it', () => {
    fc.assert(
      fc.property(spec, ready, load, load, (given, pods, stable, panic) => {
        const calm = { panicAt: undefined, peak: 0, delay: undefined };
        const decision = decide(given, { ready: pods, stable, panic }, calm, instant(START * 1000));
        const most = Math.ceil(Math.max(1, pods) * given.maxScaleUpRate);
        expect(decision.pods).toBeLessThanOrEqual(Math.max(most, given.activationScale));
      }),
      RUNS,
    );
  });

  test('wants no fewer pods for more demand', () => {
    fc.assert(
      fc.property(spec, ticks, load, load, (given, series, more, most) => {
        const before = replay({ ...given, scaleDownDelay: nanos(0n) }, series).at(-1);
        if (before === undefined) return;
        const { seen, memory, at, spec: by } = before;
        const now = instant(at + 2000);
        const larger = { ...seen, stable: seen.stable + more, panic: seen.panic + most };
        const [less, than] = [seen, larger].map((one) => decide(by, one, memory, now).pods);
        expect(less).toBeLessThanOrEqual(than!);
      }),
      RUNS,
    );
  });

  test('does not go down in a panic', () => {
    fc.assert(
      fc.property(spec, ticks, (given, series) => {
        const decisions = replay({ ...given, scaleDownDelay: nanos(0n) }, series);
        for (const [index, decision] of decisions.entries()) {
          const before = decisions[index - 1];
          if (before?.memory.panicAt === undefined || decision.memory.panicAt === undefined) continue;
          expect(decision.pods).toBeGreaterThanOrEqual(before.pods);
        }
      }),
      RUNS,
    );
  });

  test('follows from what was seen: a replay comes to the same', () => {
    fc.assert(
      fc.property(spec, ticks, (given, series) => {
        const numbers = (decisions: readonly Decision[]): unknown =>
          decisions.map(({ memory: { panicAt, peak }, ...rest }) => ({ ...rest, panicAt, peak, memory: 0 }));
        expect(numbers(replay(given, series))).toEqual(numbers(replay(given, series)));
      }),
      RUNS,
    );
  });

  test('within a scale-down delay is never below what was wanted in it', () => {
    fc.assert(
      fc.property(spec, ticks, (given, series) => {
        const decisions = replay({ ...given, reachable: true, scaleDownDelay: nanos(30n * SECOND) }, series);
        for (const [index, { at, pods }] of decisions.entries())
          for (const { at: then, undelayed } of decisions.slice(0, index + 1))
            if (at - then <= 28_000) expect(pods).toBeGreaterThanOrEqual(undelayed);
      }),
      RUNS,
    );
  });
});

describe('what becomes of it', () => {
  const bound = fc.integer({ min: 0, max: 20 });
  const scaled = fc
    .record({
      minScale: bound,
      room: bound,
      initialScale: bound,
      initialized: fc.boolean(),
      reachability: fc.constantFrom('', 'Reachable', 'Unreachable'),
      enableScaleToZero: fc.boolean(),
      active: fc.option(
        fc.record({
          status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
          since: fc.integer({ min: 0, max: 1000 }).map((ago) => instant((START - ago) * 1000)),
        }),
        { nil: undefined },
      ),
    })
    .map(({ minScale, room, initialScale, enableScaleToZero, ...rest }) =>
      scaledOf({
        ...rest,
        settings: settingsOf({ minScale, initialScale, maxScale: minScale + room }),
        config: { ...AUTOSCALER_DEFAULTS, enableScaleToZero },
      }),
    );
  const desired = fc.integer({ min: 0, max: 50 });
  const now = instant(START * 1000);

  test('lies within the bounds', () => {
    fc.assert(
      fc.property(scaled, desired, (given, wanted) => {
        const { minScale = 0, maxScale = 0 } = given.settings;
        const { pods } = bounded(given, wanted);
        if (given.reachability !== 'Unreachable') expect(pods).toBeGreaterThanOrEqual(minScale);
        if (maxScale > 0 && given.initialized) expect(pods).toBeLessThanOrEqual(maxScale);
      }),
      RUNS,
    );
  });

  test('is no pods at all only by the way to zero', () => {
    fc.assert(
      fc.property(scaled, desired, fc.boolean(), (given, wanted, inPath) => {
        const scaling = scalingOf(given, wanted, now, inPath);
        if ('prove' in scaling || scaling.replicas !== 0) return;
        expect(wanted).toBe(0);
        expect(given.config.enableScaleToZero).toBe(true);
        expect(given.active?.status).not.toBe('True');
        if (given.active?.status === 'False') expect(inPath).toBe(true);
      }),
      RUNS,
    );
  });

  test('is never decided again at once: whoever waits for time waits for some', () => {
    fc.assert(
      fc.property(scaled, desired, fc.boolean(), (given, wanted, inPath) => {
        const scaling = scalingOf(given, wanted, now, inPath);
        if (!('prove' in scaling) && scaling.revisit !== undefined)
          expect(scaling.revisit).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  test('can be told in one line', () => {
    fc.assert(
      fc.property(spec, ticks, scaled, (given, series, where) => {
        for (const decision of replay(given, series)) {
          const scaling = scalingOf(where, decision.pods, now, true);
          if ('prove' in scaling) continue;
          expect(sentenceOfScale({ decision, scaling, from: decision.seen.ready })).toMatch(
            /^(stays at \d+|\d+ -> \d+): [^\n]* over [^\n]*, target [^\n]+ per pod \([^\n]+\)[^\n]*$/,
          );
        }
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 10) },
    );
  });
});

describe('a window', () => {
  const records = fc.array(
    fc.record({ second: fc.integer({ min: 0, max: 40 }), value: fc.integer({ min: 0, max: 1000 }) }),
    { minLength: 1, maxLength: 60 },
  );

  test('averages the sums of its seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), records, (length, unsorted) => {
        const inOrder = unsorted.toSorted((a, b) => a.second - b.second);
        const window = new BucketWindow(seconds(length));
        // After a window of silence everything begins anew.
        let first = 0;
        let last = -Infinity;
        for (const { second, value } of inOrder) {
          window.record(instant((START + second) * 1000), value);
          if (second - last >= length) first = second;
          last = second;
        }
        const from = Math.max(first, last - length + 1);
        const counted = inOrder.filter(({ second }) => second >= from);
        const mean = counted.reduce((sum, { value }) => sum + value, 0) / (last - from + 1);
        expect(window.average(instant((START + last) * 1000))).toBeCloseTo(mean, 5);
      }),
      RUNS,
    );
  });

  test('never weighs more than the largest second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), records, fc.nat(100), (length, given, later) => {
        const window = new BucketWindow(seconds(length));
        for (const { second, value } of given) window.record(instant((START + second) * 1000), value);
        const all = given.reduce((sum, { value }) => sum + value, 0);
        const average = window.weightedAverage(instant((START + later) * 1000));
        expect(average).toBeGreaterThanOrEqual(0);
        expect(average).toBeLessThanOrEqual(all);
      }),
      RUNS,
    );
  });
});

describe('a report on the wire', () => {
  test('is read whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const read of [readStat(bytes), readStatMessages(bytes)])
          if (!read.ok) expect(read.error.message).toContain(`${bytes.length} bytes`);
      }),
      RUNS,
    );
  });

  test('reads back as it was written', () => {
    const stat = fc.record({
      podName: fc.string({ unit: 'grapheme' }),
      averageConcurrentRequests: fc.double(),
      averageProxiedConcurrentRequests: fc.double(),
      requestCount: fc.double(),
      proxiedRequestCount: fc.double(),
      processUptime: fc.double(),
      timestamp: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    });
    fc.assert(
      fc.property(stat, (value) => {
        expect(readStat(Uint8Array.from(writeStat(value)))).toEqual({ ok: true, value });
      }),
      RUNS,
    );
  });
});
