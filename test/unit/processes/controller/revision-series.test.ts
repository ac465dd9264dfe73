import { beforeEach, expect, test } from '@jest/globals';
import { keyOf } from '../../../../src/domain/key.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { RevisionSeries } from '../../../../src/processes/controller/revision-series.ts';
import { queryRecordOf } from '../../../builders/record.ts';
import { steadily } from '../../../builders/signal.ts';
import { worldOf } from '../../../builders/world.ts';

const [ONE, TWO] = [keyOf('default', 'one-00001'), keyOf('default', 'two-00001')];
const SCALING = { signal: 'query', backend: 'hpa' } as const;

let told: boolean;
let worlds: Map<string, World>;
let series: RevisionSeries;
beforeEach(() => {
  told = true;
  worlds = new Map([ONE, TWO].map((key) => [key, worldOf({ key })]));
  series = new RevisionSeries({
    observe: (key) => worlds.get(key),
    newest: () => queryRecordOf({ said: steadily(100, 0, 60), at: 60 }),
    isTold: () => told,
  });
});
const keys = (): string[] => [...series.all()].map(({ key }) => key);
const ups = (): (number | undefined)[] =>
  [...series.all()].map(
    ({ samples }) =>
      samples.find(({ name, labels }) => name.endsWith('moves_total') && labels['direction'] === 'up')?.value,
  );

test('what was planned is told, until it is gone', () => {
  series.planned(ONE, SCALING);
  series.planned(TWO, SCALING);
  expect(keys()).toEqual([ONE, TWO]);
  series.planned(ONE, undefined);
  expect(keys()).toEqual([TWO]);
  worlds.delete(TWO);
  expect(keys()).toEqual([]);
});

test('nothing is told while it is not to be', () => {
  series.planned(ONE, SCALING);
  told = false;
  expect(keys()).toEqual([]);
});

test('moves are counted through new plans, and forgotten with the revision', () => {
  series.planned(ONE, SCALING);
  series.moved(ONE, 'up');
  series.planned(ONE, SCALING);
  series.moved(ONE, 'up');
  series.moved(TWO, 'up');
  expect(ups()).toEqual([2]);
  series.planned(ONE, undefined);
  series.planned(ONE, SCALING);
  expect(ups()).toEqual([0]);
});

test('a revision that goes while the others are told is left out', () => {
  series.planned(ONE, SCALING);
  series.planned(TWO, SCALING);
  const seen: string[] = [];
  for (const { key } of series.all()) {
    seen.push(key);
    series.planned(TWO, undefined);
  }
  expect(seen).toEqual([ONE]);
});
