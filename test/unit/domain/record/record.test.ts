import { expect, test } from '@jest/globals';
import { directionOf, noted, type Run } from '../../../../src/domain/record/record.ts';
import { concurrencyRecordOf, queryRecordOf, type QueryCase } from '../../../builders/record.ts';
import { after, steadily } from '../../../builders/signal.ts';

const at = (second: number, value: number, made: Partial<QueryCase> = {}): QueryCase => ({
  said: [...steadily(value, 0, 60), [second, value]],
  at: second,
  ...made,
});
const runOf = (...cases: readonly QueryCase[]): Run => {
  const [first, ...others] = cases.map(queryRecordOf);
  return others.reduce<Run>(noted, noted(undefined, first!));
};

test('decisions that come to the same are one run, with the numbers of the newest', () => {
  const run = runOf(at(75, 46), at(90, 47), at(105, 48));
  expect(run).toMatchObject({ first: after(75), last: after(105), count: 3, from: 4 });
  expect(run.record).toMatchObject({ number: 48, pods: 5 });
});

test('the run remembers the replicas that it began with', () => {
  const run = runOf(at(75, 50), at(90, 50, { standing: { replicas: 5 } }));
  expect(run).toMatchObject({ count: 2, from: 4, record: { pods: 5, scale: { replicas: 5 } } });
});

test.each<[string, QueryCase]>([
  ['other pods', at(90, 56)],
  ['another rung', at(200, 46, { said: steadily(46, 0, 60) })],
  ['another limit for the same pods', at(90, 99, { bounds: { min: 1, max: 5 } })],
  ['another query', at(90, 46, { query: 'sum(x)' })],
  ['another target', at(90, 46, { standing: { target: { target: 11, metricType: 'AverageValue' } } })],
])('%s begins another run', (_, other) => {
  expect(runOf(at(75, 46), other)).toMatchObject({ first: after(other.at), count: 1 });
});

test('what scales by concurrency, too', () => {
  const first = noted(undefined, concurrencyRecordOf({ ready: 3, stable: 46, panic: 46 }));
  const same = noted(first, concurrencyRecordOf({ ready: 4, stable: 47, panic: 47 }));
  expect(same).toMatchObject({ count: 2, from: 3 });
  expect(noted(same, concurrencyRecordOf({ ready: 4, stable: 56, panic: 56 })).count).toBe(1);
  expect(noted(same, queryRecordOf(at(75, 46))).count).toBe(1);
});

test('which way it goes: away from what there is, to what was not asked for before', () => {
  const stays = runOf(at(75, 40));
  const up = runOf(at(90, 50));
  const back = runOf(at(105, 40, { standing: { replicas: 5 } }));
  expect([directionOf(up, stays), directionOf(back, up), directionOf(stays, up)]).toEqual([
    'up',
    'down',
    undefined,
  ]);
  // Right after a start nobody knows what was asked for before.
  expect(directionOf(up, undefined)).toBeUndefined();
  expect(directionOf(runOf(at(90, 50, { query: 'sum(x)' })), up)).toBeUndefined();
  expect(directionOf(runOf({ said: [], at: 1 }), up)).toBeUndefined();
  expect(directionOf(runOf(at(90, 50, { standing: { replicas: undefined } })), stays)).toBeUndefined();
});
