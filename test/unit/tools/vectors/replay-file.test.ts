import { expect, test } from '@jest/globals';
import { compared, recordedNumber } from '../../../../tools/vectors/compare.ts';
import { replayFile } from '../../../../tools/vectors/replay-file.ts';
import type { Outcome, Replay } from '../../../../tools/vectors/replay.ts';
import { tallyLines } from '../../../../tools/vectors/report.ts';

const replay: Replay = {
  knows: (head) => head['kind'] === 'toy',
  run: ({ id, out }): Outcome => {
    if (out === 'boom') throw new Error('no');
    if (out === 'rule') return { is: 'intended', rule: 'better' };
    return out === 'same' ? { is: 'same' } : { is: 'different', expected: out ?? null, actual: id ?? null };
  },
};

test('cases are counted by what came of them; throwing is a difference', () => {
  const cases = ['same', 'rule', 'rule', 'other', 'boom'].map((out, at) => ({ id: `toy-${at}`, out }));
  const tally = replayFile({ head: { kind: 'toy' }, cases }, [replay]);
  expect(tally).toMatchObject({
    total: 5,
    same: 1,
    different: [{ id: 'toy-3' }, { id: 'toy-4', expected: 'boom' }],
  });
  expect([...(tally?.intended ?? [])]).toEqual([['better', 2]]);
  expect(tally === undefined ? [] : tallyLines('toy.json', tally).slice(0, 4)).toEqual([
    'toy.json 1/5, intended differences: better x2',
    '  toy-3',
    '    expected "other"',
    '    actual   "toy-3"',
  ]);
});

test('only the first ten differences are shown', () => {
  const different = Array.from({ length: 12 }, (_, at) => ({
    id: `${at}`,
    expected: 'e'.repeat(1000),
    actual: null,
  }));
  const lines = tallyLines('f', { total: 12, same: 0, intended: new Map(), different });
  expect(lines.at(-1)).toBe('  and 2 more');
  expect(lines.filter((line) => line.startsWith('    expected'))).toHaveLength(10);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(700);
});

test('a file that no replay knows is not covered', () => {
  expect(replayFile({ head: { kind: 'other' }, cases: [] }, [replay])).toBeUndefined();
});

test('absent members have the zero value, and negative zero is zero', () => {
  expect(compared({ a: 0, b: [] }, { c: '' })).toEqual({ is: 'same' });
  expect(compared({ a: [0, 1] }, { a: [-0, 1] })).toEqual({ is: 'same' });
  expect(compared({ a: [0, 1] }, { a: [1] }).is).toBe('different');
  expect([recordedNumber(NaN), recordedNumber(-Infinity)]).toEqual(['NaN', '-Inf']);
});
