import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nanos, SECOND } from '../../src/domain/go/duration.ts';
import type { PrometheusFault } from '../../src/domain/prometheus/faults.ts';
import { decisionDocument } from '../../src/domain/record/document.ts';
import { cameToTheSame, noted, type DecisionRecord } from '../../src/domain/record/record.ts';
import { decisionSchema } from '../../src/domain/record/schema.ts';
import { FALLBACKS } from '../../src/domain/signal/policy.ts';
import { explainText } from '../../src/processes/explain/report.ts';
import { decisionsOf } from '../builders/decisions.ts';
import { concurrencyRecordOf, queryRecordOf } from '../builders/record.ts';
import type { Said } from '../builders/signal.ts';
import { NOW } from '../builders/world.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };

const faults: readonly PrometheusFault[] = ['prometheus_empty', 'prometheus_refused', 'prometheus_nan'];
const value = fc.oneof(
  fc.constantFrom(0, 1, 40, 44, -3, 1e300, Number.MAX_VALUE),
  fc.double({ noNaN: true, min: -10, max: 1e9 }),
);
const said: fc.Arbitrary<readonly Said[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.oneof(value, value, fc.constantFrom(...faults))), {
    maxLength: 20,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(([wait, what]): Said => [(at += wait), what]);
  });
const target = fc.record({
  target: fc.constantFrom(0.001, 0.5, 7, 10, 123456.789),
  metricType: fc.constantFrom('AverageValue' as const, 'Value' as const),
});
const query: fc.Arbitrary<DecisionRecord> = fc
  .record({
    said,
    later: fc.nat(900),
    standing: fc.record({
      target,
      replicas: fc.option(fc.nat(50), { nil: undefined }),
      readyPods: fc.nat(50),
      concurrency: fc.option(fc.nat(50), { nil: undefined }),
      policy: fc.record({
        fallback: fc.constantFrom(...FALLBACKS),
        fallbackReplicas: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      }),
    }),
    bounds: fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.nat(20))
      .map(([min, more]) => ({ min, max: min + more })),
    query: fc.constantFrom('sum(x)', `sum(\n${'x+'.repeat(60)}x)`),
  })
  .map(({ later, ...made }) => queryRecordOf({ ...made, at: (made.said.at(-1)?.[0] ?? 0) + later }));

const average = fc.oneof(fc.constantFrom(0, 1, 47.2), fc.double({ noNaN: true, min: 0, max: 1e9 }));
const scale: fc.Arbitrary<DecisionRecord> = fc
  .record({
    seen: fc.record({ ready: fc.nat(50), stable: average, panic: average }),
    spec: fc.record({
      metric: fc.constantFrom('concurrency', 'rps'),
      maxScaleUpRate: fc.constantFrom(1.5, 2, 1000),
      maxScaleDownRate: fc.constantFrom(1.5, 2, 1000),
      activationScale: fc.nat(4),
      reachable: fc.boolean(),
      scaleDownDelay: fc.constantFrom(nanos(0n), nanos(60n * SECOND)),
    }),
    memory: fc.option(
      fc.record({
        panicAt: fc.constantFrom(undefined, NOW),
        peak: fc.nat(90),
        delay: fc.constant(undefined),
      }),
      { nil: undefined },
    ),
  })
  .map(({ seen, ...made }) => concurrencyRecordOf(seen, made));

const record = fc.oneof(query, scale);

describe('whatever was decided', () => {
  test('has a sentence of one line, a document of the schema, and limits that lead from number to number', () => {
    fc.assert(
      fc.property(record, (one) => {
        const document = decisionDocument(noted(undefined, one));
        const sent: unknown = JSON.parse(JSON.stringify(document));
        expect(decisionSchema.parse(sent)).toEqual(sent);
        expect(document.sentence).toMatch(/^(no change|stays at \d+|\d+ pods?|\d+ -> \d+): \S.*[^.,\s]$/u);
        expect(document.sentence).not.toMatch(/\b(undefined|null|NaN|Infinity)\b|\[object/);
        const { limits, pods } = one;
        expect(
          limits.every(({ from, to }, i) => from !== to && (i === 0 || from === limits[i - 1]?.to)),
        ).toBe(true);
        if (limits.length > 0 && pods !== undefined) expect(limits.at(-1)?.to).toBe(pods);
        if (one.signal === 'query' && document.steps.length > 0 && pods !== undefined)
          expect(document.steps.at(-1)?.gives).toBe(pods);
      }),
      RUNS,
    );
  });

  test('pods stay within the bounds of a query', () => {
    fc.assert(
      fc.property(query, (one) => {
        if (one.signal !== 'query' || one.pods === undefined) return;
        const { min, max } = one.measurement.bounds;
        expect(one.pods).toBeGreaterThanOrEqual(min);
        expect(one.pods).toBeLessThanOrEqual(max);
      }),
      RUNS,
    );
  });

  test('coming to the same is an equivalence, and a run is one of equals', () => {
    fc.assert(
      fc.property(record, record, (one, other) => {
        expect(cameToTheSame(one, one)).toBe(true);
        expect(cameToTheSame(one, other)).toBe(cameToTheSame(other, one));
        const run = noted(noted(undefined, one), other);
        expect(run.count).toBe(cameToTheSame(one, other) ? 2 : 1);
        expect(run.record).toBe(other);
      }),
      RUNS,
    );
  });

  test('fits into a terminal of 80 columns', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 5 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        (all, words) => {
          const conditions = [{ type: 'Active', status: 'False' as const, reason: 'X', message: words }];
          const text = explainText(decisionsOf(all, 5000, { conditions }));
          for (const line of text.split('\n')) expect(Array.from(line).length).toBeLessThanOrEqual(80);
          expect(text).not.toMatch(/[^\P{Cc}\n]/u);
        },
      ),
      RUNS,
    );
  });
});
