import { beforeEach, expect, test } from '@jest/globals';
import { keyOf } from '../../../../../src/domain/key.ts';
import type { ScaleRecord } from '../../../../../src/domain/scale/record.ts';
import { DecisionBook } from '../../../../../src/processes/controller/decisions/book.ts';
import { NotePods } from '../../../../../src/processes/controller/decisions/note-pods.ts';
import { concurrencyRecordOf, queryRecordOf } from '../../../../builders/record.ts';
import { steadily } from '../../../../builders/signal.ts';

const KEY = keyOf('team', 'shop-00001');
const scaleOf = (stable: number, most?: number): ScaleRecord =>
  concurrencyRecordOf({ ready: 3, stable, panic: 1 }, { spec: { maxScaleUpRate: most ?? 1000 } }).scale;

let book: DecisionBook;
let looks: number;
let found: ScaleRecord | undefined;
let notes: NotePods;
beforeEach(() => {
  book = new DecisionBook(() => undefined);
  looks = 0;
  notes = new NotePods({
    book,
    recordOf: () => {
      looks += 1;
      return found;
    },
    replicasOf: () => 3,
  });
});
const decided = (scale: ScaleRecord, news = false): void => {
  found = scale;
  notes.decided(KEY, scale.decision, news);
};
const runs = () => book.runs(KEY).map(({ count, record }) => [count, record.pods]);

test('decisions of the same annotations that come to the same are one run, and what became of them is looked up once', () => {
  const first = scaleOf(46);
  decided(first, true);
  decided({ ...first, decision: { ...scaleOf(47).decision, spec: first.decision.spec } });
  expect([runs(), looks]).toEqual([[[2, 5]], 1]);
});

test('it is looked up again for another decision, and after an edit', () => {
  decided(scaleOf(46), true);
  decided(scaleOf(56), true);
  decided(scaleOf(56));
  expect([runs(), looks]).toEqual([
    [
      [2, 6],
      [1, 5],
    ],
    3,
  ]);
});

test('what nothing became of is not noted', () => {
  found = undefined;
  notes.decided(KEY, scaleOf(46).decision, true);
  expect(runs()).toEqual([]);
});

test('forgets what was decided by pods, and only that', () => {
  decided(scaleOf(46), true);
  notes.forget(KEY);
  expect(runs()).toEqual([]);
  book.note(KEY, queryRecordOf({ said: steadily(25, 0, 60), at: 61 }));
  notes.forget(KEY);
  expect(book.runs(KEY)).toHaveLength(1);
});
