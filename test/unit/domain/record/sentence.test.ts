import { describe, expect, test } from '@jest/globals';
import { sentenceOf } from '../../../../src/domain/record/sentence.ts';
import { queryRecordOf, scaleRecordOf, type QueryCase } from '../../../builders/record.ts';
import type { Policy } from '../../../../src/domain/signal/policy.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { steadily, type Said } from '../../../builders/signal.ts';
import { NOW } from '../../../builders/world.ts';

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

describe('concurrency and rps', () => {
  const of = (...made: Parameters<typeof scaleRecordOf>): string => {
    const record = scaleRecordOf(...made);
    return sentenceOf({ record, from: record.scale.replicas });
  };
  const seen = { ready: 3, stable: 47.2, panic: 48 };

  test('the average over the stable window', () => {
    expect(of(seen)).toBe('3 -> 5: 47.2 in flight over 60 s, target 10 per pod (80 % of 12.5)');
  });
  test('requests per second', () => {
    expect(of(seen, { metric: 'rps', utilization: 1, total: 10 })).toBe(
      '3 -> 5: 47.2 requests per second over 60 s, target 10 per pod',
    );
  });
  test('a panic', () => {
    expect(of({ ready: 3, stable: 47.2, panic: 88 })).toBe(
      '3 -> 9: panic, 88 in flight over the panic window, target 10 per pod (80 % of 12.5)',
    );
  });
  test('a panic that has passed its peak keeps it', () => {
    const memory = { panicAt: NOW, peak: 12, delay: undefined };
    expect(of(seen, {}, { memory })).toMatch(/^3 -> 12: panic, .* panic keeps 12$/);
  });
  test('the rates', () => {
    expect(of({ ready: 3, stable: 900, panic: 20 })).toMatch(/^3 -> 30: .*, at most 30 in one step$/);
    expect(of({ ready: 30, stable: 1, panic: 1 })).toMatch(/^30 -> 15: .*, at least 15 in one step$/);
  });
  test('the activation scale', () => {
    expect(of({ ready: 1, stable: 1, panic: 1 }, { activationScale: 3 })).toMatch(
      /raised to activation-scale 3$/,
    );
  });
  test('bounds, and what becomes of the last pod', () => {
    const scaling = { want: 5, replicas: 5, limited: { pods: 5, by: 'max-scale', bound: 5 } } as const;
    expect(of({ ready: 3, stable: 99, panic: 9 }, {}, { scaling })).toMatch(
      /^3 -> 5: .*, capped by max-scale 5$/,
    );
    const idle = { ready: 1, stable: 0, panic: 0 };
    const waiting = {
      want: 0,
      replicas: undefined,
      limited: { pods: 0 },
      zero: 'grace-period',
      revisit: seconds(3),
    } as const;
    expect(of(idle, {}, { scaling: waiting })).toMatch(
      /^stays at 1: 0 in flight .*, the last pod waits, grace period$/,
    );
    const gone = { want: 0, replicas: 0, limited: { pods: 0 }, zero: 'inactive-long-enough' } as const;
    expect(of(idle, {}, { scaling: gone })).toMatch(/^1 -> 0: .*, inactive long enough$/);
  });
});
