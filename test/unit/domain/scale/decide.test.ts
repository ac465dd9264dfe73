import { describe, expect, test } from '@jest/globals';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import { decide, firstMemory, type Memory } from '../../../../src/domain/scale/decide.ts';
import type { DeciderSpec } from '../../../../src/domain/scale/spec.ts';
import { instant } from '../../../../src/domain/time.ts';
import { specOf } from '../../../builders/scale.ts';

const NOW = instant(1_700_000_000_000);
const CALM: Memory = { panicAt: undefined, peak: 0, delay: undefined };
const TEN = { target: 10, total: 10, utilization: 1 };

const podsFor = (ready: number, stable: number, changed: Partial<DeciderSpec> = {}, panic = stable): number =>
  decide(specOf({ ...TEN, panicThreshold: 1000, ...changed }), { ready, stable, panic }, CALM, NOW).pods;

describe('without a panic', () => {
  test.each<[string, { ready: number; load: number; spec?: Partial<DeciderSpec>; pods: number }]>([
    ['the average is divided by the target and rounded up', { ready: 3, load: 31, pods: 4 }],
    ['a step up is limited by the rate', { ready: 2, load: 1000, spec: { maxScaleUpRate: 3 }, pods: 6 }],
    ['a small rate still lets one pod more', { ready: 3, load: 40, spec: { maxScaleUpRate: 1.1 }, pods: 4 }],
    ['a step down is limited by the rate', { ready: 9, load: 1, pods: 4 }],
    ['not where nothing routes', { ready: 9, load: 0, spec: { reachable: false }, pods: 0 }],
    ['one pod can become none', { ready: 1, load: 0, pods: 0 }],
    ['two cannot at once', { ready: 2, load: 0, pods: 1 }],
    ['no ready pod counts as one', { ready: 0, load: 25, pods: 3 }],
    ['the activation scale lifts any demand', { ready: 1, load: 1, spec: { activationScale: 5 }, pods: 5 }],
    ['but not none', { ready: 1, load: 0, spec: { activationScale: 5 }, pods: 0 }],
    [
      'the activation scale may exceed the rate',
      { ready: 1, load: 1, spec: { activationScale: 5, maxScaleUpRate: 2 }, pods: 5 },
    ],
  ])('%s', (_, { ready, load, spec, pods }) => {
    expect(podsFor(ready, load, spec)).toBe(pods);
  });

  test('the target is the very product, so that three tenths of ten divide as floats do', () => {
    expect(podsFor(1, 2.1, { target: 3 * 0.7, total: 3, utilization: 0.7 })).toBe(2);
  });
});

describe('a panic', () => {
  const spec = specOf({ ...TEN, panicThreshold: 2 });
  const tick = (was: Memory, second: number, ready: number, load: number): ReturnType<typeof decide> =>
    decide(spec, { ready, stable: load, panic: load }, was, instant(NOW + second * 1000));

  test('begins at the threshold', () => {
    expect(tick(CALM, 0, 2, 30).memory.panicAt).toBeUndefined();
    expect(tick(CALM, 0, 2, 31).memory.panicAt).toBe(NOW);
  });

  test('does not lower the scale', () => {
    const high = tick(CALM, 0, 2, 90);
    expect([high.pods, tick(high.memory, 30, 9, 10).pods]).toEqual([9, 9]);
  });

  test('ends when it was calm for more than a stable window, and forgets its peak', () => {
    const high = tick(CALM, 0, 2, 90).memory;
    const still = tick(high, 60, 9, 10);
    expect([still.pods, still.memory.panicAt]).toEqual([9, NOW]);
    const over = tick(high, 60.001, 9, 10);
    expect([over.pods, over.memory]).toEqual([4, { panicAt: undefined, peak: 0, delay: undefined }]);
  });

  test('is prolonged by load', () => {
    const first = tick(CALM, 0, 2, 90).memory;
    const later = tick(first, 50, 2, 90).memory;
    expect(later.panicAt).toBe(NOW + 50_000);
  });

  test('follows the panic window where that wants more', () => {
    const decision = decide(spec, { ready: 2, stable: 10, panic: 70 }, CALM, NOW);
    expect(decision.pods).toBe(7);
  });
});

describe('after a restart', () => {
  test('more than one pod is held for a window, because what they were needed for is forgotten', () => {
    const memory = firstMemory(specOf(), 7, NOW);
    const calm = { ready: 7, stable: 0, panic: 0 };
    expect(decide(specOf(), calm, memory, instant(NOW + 60_000)).pods).toBe(7);
    expect(decide(specOf(), calm, memory, instant(NOW + 60_001)).pods).toBe(3);
  });

  test('a single pod is not', () => {
    expect(decide(specOf(), { ready: 1, stable: 0, panic: 0 }, firstMemory(specOf(), 1, NOW), NOW).pods).toBe(
      0,
    );
  });
});

test('a lower number waits for scale-down-delay, but not where nothing routes', () => {
  const spec = specOf({ ...TEN, panicThreshold: 1000, scaleDownDelay: nanos(10n * SECOND) });
  const memory = firstMemory(spec, 0, NOW);
  const after = (second: number, load: number, changed: Partial<DeciderSpec> = {}): number =>
    decide(
      { ...spec, ...changed },
      { ready: 6, stable: load, panic: load },
      memory,
      instant(NOW + second * 1000),
    ).pods;
  expect([after(0, 60), after(8, 35), after(10, 35)]).toEqual([6, 6, 4]);
  expect(after(12, 0, { reachable: false })).toBe(0);
});

describe('excess burst capacity', () => {
  const burst = (ready: number, panic: number, targetBurstCapacity: number): number =>
    decide(specOf({ ...TEN, targetBurstCapacity }), { ready, stable: panic, panic }, CALM, NOW).excessBurst;

  test.each<[string, { ready: number; load: number; target: number; excess: number }]>([
    [
      'is what the pods can carry beyond the burst and the load',
      { ready: 30, load: 80, target: 200, excess: 20 },
    ],
    ['is negative while they cannot', { ready: 3, load: 5, target: 200, excess: -175 }],
    ['is rounded down', { ready: 3, load: 5.5, target: 20, excess: 4 }],
    ['counts no pod that is not ready', { ready: 0, load: 5, target: 200, excess: -205 }],
    ['is zero without a burst', { ready: 0, load: 500, target: 0, excess: 0 }],
    ['is negative for an unlimited one', { ready: 30, load: 0, target: -1, excess: -1 }],
  ])('%s', (_, { ready, load, target, excess }) => {
    expect(burst(ready, load, target)).toBe(excess);
  });
});
