import { expect, test } from '@jest/globals';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import { DecisionBook } from '../../../../../src/processes/controller/decisions/book.ts';
import { queryRecordOf } from '../../../../builders/record.ts';
import { steadily } from '../../../../builders/signal.ts';

const KEY = keyOf('team', 'shop-00001');
const asking = (value: number, at = 61): ReturnType<typeof queryRecordOf> =>
  queryRecordOf({ said: steadily(value, 0, 60), at });

test('keeps runs, the newest first, and tells of each that begins', () => {
  const told: (readonly [Key, number | undefined, number | undefined])[] = [];
  const book = new DecisionBook((key, run, before) => told.push([key, run.record.pods, before?.record.pods]));
  for (const value of [46, 47, 56, 46]) book.note(KEY, asking(value));
  expect(book.runs(KEY).map(({ count, record }) => [count, record.pods])).toEqual([
    [1, 5],
    [1, 6],
    [2, 5],
  ]);
  expect(told).toEqual([
    [KEY, 5, undefined],
    [KEY, 6, 5],
    [KEY, 5, 6],
  ]);
});

test('forgets a revision that nobody decides about any more', () => {
  const book = new DecisionBook(() => undefined);
  book.note(KEY, asking(46));
  book.note(KEY, undefined);
  expect([book.runs(KEY), book.newest(KEY), [...book.keys()]]).toEqual([[], undefined, []]);
});

test('ten thousand revisions that change all the time: some for each, and no more than memory holds', () => {
  const book = new DecisionBook(() => undefined);
  const keys = Array.from({ length: 10_000 }, (_, i) => keyOf('team', `r-${i}`));
  const [five, six] = [asking(46), asking(56)];
  for (let round = 0; round < 40; round += 1)
    for (const key of keys) book.note(key, round % 2 === 0 ? five : six);
  const kept = keys.map((key) => book.runs(key).length);
  expect([Math.min(...kept), kept.reduce((sum, one) => sum + one, 0)]).toEqual([4, 40_000]);
});
