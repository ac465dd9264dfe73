import { describe, expect, test } from '@jest/globals';
import { sentenceOf } from '../../../../src/domain/record/sentence.ts';
import { concurrencyRecordOf, queryRecordOf, type QueryCase } from '../../../builders/record.ts';
import type { Policy } from '../../../../src/domain/signal/policy.ts';
import { steadily, type Said } from '../../../builders/signal.ts';

const LOST: readonly Said[] = [...steadily(25, 0, 120), [135, 'prometheus_refused']];

const ofQuery = (made: QueryCase): string => {
  const record = queryRecordOf(made);
  return sentenceOf({ record, from: record.scale.replicas });
};

describe('a query', () => {
  const full = (value: number, made: Partial<QueryCase> = {}): string =>
    ofQuery({ said: steadily(value, 0, 60), at: 61, ...made });

  test.each<[string, Partial<QueryCase>, number, string]>([
    ['more', {}, 47.2, '4 -> 5: 47.2 / target 10 per pod, fresh'],
    ['fewer', {}, 25, '4 -> 3: 25 / target 10 per pod, fresh'],
    ['as many', {}, 40, 'stays at 4: 40 / target 10 per pod, fresh'],
    [
      'capped',
      { bounds: { min: 1, max: 5 } },
      99,
      '4 -> 5: 99 / target 10 per pod, fresh, capped by max-scale 5',
    ],
    ['at least', { bounds: { min: 2, max: 5 } }, 3, '4 -> 2: 3 / target 10 per pod, fresh, at least 2'],
    ['a negative number', {}, -3, '4 -> 1: -3 / target 10 per pod, fresh, at least 1'],
    ['the tolerance', {}, 43, 'stays at 4: 43 / target 10 per pod, fresh, within the tolerance of the HPA'],
    [
      'unknown replicas',
      { standing: { replicas: undefined } },
      47.2,
      '5 pods: 47.2 / target 10 per pod, fresh',
    ],
    [
      'a target for all together',
      { standing: { target: { target: 100, metricType: 'Value' }, readyPods: 3 } },
      150,
      '4 -> 5: 150 / target 100 in all, of 3 ready, fresh',
    ],
  ])('%s', (_, made, value, sentence) => expect(full(value, made)).toBe(sentence));

  test('fewer, before the window is full', () => {
    expect(ofQuery({ said: steadily(25, 0, 30), at: 31 })).toBe(
      'stays at 4: 25 / target 10 per pod, fresh, not fewer before a whole window of fresh answers',
    );
  });
  test('nothing yet', () => {
    expect(ofQuery({ said: [], at: 1 })).toBe(
      'stays at 4: no value is told, because the query has not been answered yet (NotMeasuredYet)',
    );
  });
  test('the last good number', () => {
    const why = 'because the query gives no number (PrometheusRefused)';
    expect(ofQuery({ said: LOST, at: 170, standing: { replicas: 2 } })).toBe(
      `2 -> 3: 25 / target 10 per pod, the last good number, ${why}`,
    );
    expect(ofQuery({ said: LOST, at: 170 })).toBe(
      `stays at 4: 25 / target 10 per pod, the last good number, not fewer without a fresh answer, ${why}`,
    );
  });
  test.each<[Partial<Policy>, string]>([
    [{}, 'stays at 4: held'],
    [{ fallbackReplicas: 7 }, '4 -> 7: raised to hpa-bridge.dev/fallback-replicas'],
    [{ fallback: 'replicas', fallbackReplicas: 2 }, '4 -> 2: by hpa-bridge.dev/fallback-replicas'],
    [{ fallback: 'off' }, 'stays at 4: no value is told'],
  ])('when that is too old: %j', (policy, sentence) => {
    expect(ofQuery({ said: LOST, at: 500, standing: { policy } })).toBe(
      `${sentence}, because the query gives no number (PrometheusRefused)`,
    );
  });
  test('what is measured at the pods instead', () => {
    const standing = { concurrency: 6, policy: { fallback: 'concurrency' } } as const;
    expect(ofQuery({ said: LOST, at: 500, standing })).toBe(
      '4 -> 6: by the concurrency at the pods, because the query gives no number (PrometheusRefused)',
    );
  });
});

test('what scales by concurrency is told from the replicas that its run began with', () => {
  const record = concurrencyRecordOf({ ready: 3, stable: 47.2, panic: 48 });
  expect(sentenceOf({ record, from: 2 })).toBe(
    '2 -> 5: 47.2 in flight over 60 s, target 10 per pod (80 % of 12.5)',
  );
});
