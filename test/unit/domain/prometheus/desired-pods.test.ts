import { expect, test } from '@jest/globals';
import { desiredPods } from '../../../../src/domain/prometheus/desired-pods.ts';
import { numberOf } from '../../../../src/domain/prometheus/null-values.ts';
import type { Reading } from '../../../../src/domain/prometheus/answer.ts';

const bounds = { min: 1, max: 20 };

test.each([
  [47.2, 10, 5],
  [50, 10, 5],
  [0.5, 0.1, 5],
  [0, 10, 1],
  [-5, 10, 1],
  [1e9, 10, 20],
])('%d with %d per pod is %i pods', (value, target, pods) => {
  expect(desiredPods(value, { target, metricType: 'AverageValue', bounds, replicas: 3 })).toBe(pods);
});

test.each([
  [20, 10, 3, 6],
  [5, 10, 4, 2],
  [20, 10, 0, 2],
])('%d against %d in all, with %i pods, is %i pods', (value, target, replicas, pods) => {
  expect(desiredPods(value, { target, metricType: 'Value', bounds, replicas })).toBe(pods);
});

test.each<readonly [Reading['is'], number | undefined]>([
  ['prometheus_empty', 0],
  ['prometheus_nan', 0],
  ['prometheus_infinite', 0],
  ['prometheus_several', undefined],
  ['prometheus_matrix', undefined],
  ['prometheus_timeout', undefined],
])('where nulls are ignored, %s is %s; elsewhere it is no number', (is, value) => {
  const reading = { is, message: '' } as Reading;
  expect(numberOf(reading, 'nulls')).toBe(value);
  expect(numberOf(reading, 'empty')).toBe(is === 'prometheus_empty' ? 0 : undefined);
  expect(numberOf(reading, 'nothing')).toBeUndefined();
});
