import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FAULTS } from '../../src/domain/fault.ts';
import { decimalOf, roundedUp } from '../../src/domain/k8s/decimal.ts';
import type { PrometheusFault } from '../../src/domain/prometheus/faults.ts';
import { decide, type Decision, type Standing } from '../../src/domain/signal/ladder.ts';
import { FALLBACKS, freshFor } from '../../src/domain/signal/policy.ts';
import { seconds } from '../../src/domain/time.ts';
import { after, historyOf, standingWith, type Said } from '../builders/signal.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

const standing: fc.Arbitrary<Standing> = fc
  .record({
    target: fc.record({
      target: fc.constantFrom(0.001, 0.0015, 0.1, 0.5, 1, 7, 10, 47.25, 1000, 123456.789),
      metricType: fc.constantFrom('AverageValue' as const, 'Value' as const),
    }),
    replicas: fc.option(fc.oneof(fc.nat(12), fc.nat(5000)), { nil: undefined }),
    readyPods: fc.nat(12),
    concurrency: fc.option(fc.nat(12), { nil: undefined }),
    policy: fc.record({
      interval: fc.constantFrom(seconds(1), seconds(15), seconds(60)),
      timeout: fc.constantFrom(seconds(0.1), seconds(10)),
      window: fc.constantFrom(seconds(6), seconds(60), seconds(600)),
      staleAfter: fc.constantFrom(seconds(0), seconds(30), seconds(300)),
      fallback: fc.constantFrom(...FALLBACKS),
      fallbackReplicas: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
  })
  .map(standingWith);

const faults: readonly PrometheusFault[] = ['prometheus_empty', 'prometheus_refused', 'prometheus_timeout'];
const number = fc.oneof(
  fc.constantFrom(0, 1, 5, 10, 40, 41, -3),
  fc.double({ noNaN: true, min: -10, max: 1e9 }),
);
/** Mostly numbers, mostly about an interval after each other, with outages and silences. */
const answers: fc.Arbitrary<readonly Said[]> = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(1, 5, 15, 16) },
        { weight: 1, arbitrary: fc.nat(400) },
      ),
      fc.oneof({ weight: 6, arbitrary: number }, { weight: 1, arbitrary: fc.constantFrom(...faults) }),
    ),
    { maxLength: 80 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(([wait, said]): Said => [(at += wait), said]);
  });

const later = fc.oneof(fc.constantFrom(0, 1, 14), fc.nat(1000));
const lastOf = (said: readonly Said[]): number => said.at(-1)?.[0] ?? 0;

const decided = (said: readonly Said[], given: Standing, wait: number): Decision =>
  decide(historyOf(said, given.policy), given, after(lastOf(said) + wait));

/** Told here in other words than in the product (kubernetes: podautoscaler/replica_calculator.go): all in thousandths, rounded up. */
function hpaWants(
  value: number,
  { target: { target, metricType }, replicas = 0, readyPods }: Standing,
): number {
  const milli = (n: number): number => {
    const { unscaled, exponent } = roundedUp(decimalOf(n), -3);
    return Number(`${unscaled}e${exponent + 3}`);
  };
  const keeps = (ratio: number): boolean => Math.abs(ratio - 1) <= 0.1;
  if (metricType === 'Value') {
    const ratio = milli(value) / milli(target);
    return keeps(ratio) ? replicas : Math.ceil(ratio * readyPods);
  }
  return keeps(milli(value) / (milli(target) * replicas))
    ? replicas
    : Math.ceil(milli(value) / milli(target));
}

/** Whether the answers up to the last one fill a window without a failure or a silence. Told in other words than in the product. */
function isWholeWindow(said: readonly Said[], { policy }: Standing): boolean {
  const end = lastOf(said);
  const start = said.findLastIndex(([at]) => (end - at) * 1000 >= policy.window);
  if (start < 0) return false;
  const within = said.slice(start);
  return within.every(([at, what], i) => {
    const before = within[i - 1]?.[0] ?? at;
    return typeof what === 'number' && (at - before) * 1000 <= freshFor(policy);
  });
}

describe('the ladder', () => {
  test('weaker evidence than a full window of fresh answers never lowers, unless the user said how many', () => {
    fc.assert(
      fc.property(answers, standing, later, (said, given, wait) => {
        const { value, rung, mayLower } = decided(said, given, wait);
        if (value === undefined || rung === 'replicas' || (rung === 'fresh' && mayLower)) return;
        expect(hpaWants(value, given)).toBeGreaterThanOrEqual(given.replicas ?? 0);
      }),
      RUNS,
    );
  });

  test('may lower exactly after a full window of unbroken answers', () => {
    fc.assert(
      fc.property(answers, standing, later, (said, given, wait) => {
        const { rung, mayLower } = decided(said, given, wait);
        if (rung === 'fresh') expect(mayLower).toBe(isWholeWindow(said, given));
        else expect(mayLower).toBe(rung === 'replicas');
      }),
      RUNS,
    );
  });

  test('what is fresh and unbroken is told exactly, never below 0', () => {
    fc.assert(
      fc.property(answers, standing, (said, given) => {
        const { value, rung, mayLower } = decided(said, given, 0);
        const last = said.at(-1)?.[1];
        if (rung === 'fresh' && mayLower) expect(value).toBe(Math.max(0, Number(last)));
      }),
      RUNS,
    );
  });

  test('a higher number never asks for less', () => {
    fc.assert(
      fc.property(
        answers,
        standing,
        later,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (said, given, wait, more) => {
          const [at, last] = said.at(-1) ?? [0, 0];
          if (typeof last !== 'number') return;
          const before = said.slice(0, -1);
          const lower = decided([...before, [at, last]], given, wait).value;
          const higher = decided([...before, [at, last + more]], given, wait).value;
          expect(higher ?? 0).toBeGreaterThanOrEqual(lower ?? 0);
          expect(higher === undefined).toBe(lower === undefined);
        },
      ),
      RUNS,
    );
  });

  test('always says something that can be acted on, and the same for the same', () => {
    fc.assert(
      fc.property(answers, standing, later, (said, given, wait) => {
        const decision = decided(said, given, wait);
        const { value, rung, fault, until } = decision;
        expect(decided(said, given, wait)).toEqual(decision);
        if (value === undefined) expect(rung).toBe('none');
        else expect(Number.isFinite(value) && value >= 0).toBe(true);
        if (rung === 'fresh') expect(fault).toBeUndefined();
        else expect(Object.keys(FAULTS)).toContain(fault);
        if (until !== undefined) expect(until).toBeGreaterThan(after(lastOf(said) + wait));
      }),
      RUNS,
    );
  });

  test('changes with time alone only when it says so', () => {
    fc.assert(
      fc.property(answers, standing, later, later, (said, given, wait, more) => {
        const now = decided(said, given, wait);
        const then = decided(said, given, wait + more);
        const due = now.until !== undefined && now.until <= after(lastOf(said) + wait + more);
        if (!due) expect([then.rung, then.value, then.fault]).toEqual([now.rung, now.value, now.fault]);
      }),
      RUNS,
    );
  });
});
