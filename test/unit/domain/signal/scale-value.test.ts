import { describe, expect, test } from '@jest/globals';
import { neverLower, valueFor, valueThatKeeps } from '../../../../src/domain/signal/scale-value.ts';

const perPod = (target: number) => ({ target, metricType: 'AverageValue' }) as const;
const inAll = (target: number) => ({ target, metricType: 'Value' }) as const;
const pods = (replicas: number | undefined, readyPods = replicas ?? 0) => ({ replicas, readyPods });

describe('what keeps the replicas', () => {
  test.each([
    [perPod(10), 4, 40],
    [perPod(0.1), 3, 0.3],
    [perPod(0.0015), 3, 0.006],
    [perPod(5), 0, 0],
    [inAll(10), 4, 10],
  ])('%j with %d replicas: %d', (target, replicas, value) => {
    expect(valueThatKeeps(target, pods(replicas))).toBe(value);
  });
  test('is not known without them', () => {
    expect(valueThatKeeps(perPod(10), pods(undefined))).toBeUndefined();
  });
});

describe('what asks for replicas', () => {
  test.each([
    [perPod(10), 7, pods(4), 70],
    [inAll(10), 6, pods(4), 15],
    [inAll(10), 10, pods(3), 33.333],
    [inAll(10), 6, pods(4, 0), undefined],
  ])('%j for %d with %j: %s', (target, wanted, scale, value) => {
    expect(valueFor(wanted, target, scale)).toBe(value);
  });
});

describe('never lower', () => {
  test.each([
    ['asks for more', { value: 55, target: perPod(10), scale: pods(4) }, 55],
    ['asks for less', { value: 25, target: perPod(10), scale: pods(4) }, 40],
    ['is negative', { value: -3, target: perPod(10), scale: pods(4) }, 40],
    ['asks for more of the pods that are ready', { value: 25, target: inAll(10), scale: pods(4) }, 25],
    ['is above the target, but few pods are ready', { value: 12, target: inAll(10), scale: pods(10, 5) }, 10],
    [
      'is below the target, but more are ready than wanted',
      { value: 8, target: inAll(10), scale: pods(2, 4) },
      10,
    ],
    ['finds no pod ready', { value: 1000, target: inAll(10), scale: pods(10, 0) }, 10],
    [
      'comes while the replicas are unknown',
      { value: 55, target: perPod(10), scale: pods(undefined) },
      undefined,
    ],
  ])('a value that %s', (_, { value, target, scale }, told) => {
    expect(neverLower(value, target, scale)).toBe(told);
  });
});
