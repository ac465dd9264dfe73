import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf } from '../../../src/domain/key.ts';
import { Rings } from '../../../src/engine/rings.ts';

const [A, B, C] = ['a', 'b', 'c'].map((name) => keyOf('team', name)) as [
  ReturnType<typeof keyOf>,
  ReturnType<typeof keyOf>,
  ReturnType<typeof keyOf>,
];

test('keeps the last ones of each key', () => {
  const rings = new Rings<number>({ each: 3, overall: 100 });
  for (const value of [1, 2, 3, 4]) rings.push(A, value);
  rings.push(B, 9);
  expect([rings.all(A), rings.all(B), rings.all(C)]).toEqual([[2, 3, 4], [9], []]);
  expect([rings.newest(A), rings.newest(C), rings.size, [...rings.keys()]]).toEqual([
    4,
    undefined,
    4,
    [A, B],
  ]);
});

test('replaces the newest', () => {
  const rings = new Rings<number>({ each: 3, overall: 100 });
  rings.push(A, 1);
  rings.push(A, 2);
  rings.replaceNewest(A, 3);
  rings.replaceNewest(B, 3);
  expect([rings.all(A), rings.all(B)]).toEqual([[1, 3], []]);
});

test('a removed key is gone', () => {
  const rings = new Rings<number>({ each: 3, overall: 100 });
  rings.push(A, 1);
  rings.remove(A);
  rings.remove(B);
  expect([rings.all(A), rings.size, [...rings.keys()]]).toEqual([[], 0, []]);
});

describe('too many overall', () => {
  test('the oldest goes, whosever it is', () => {
    const rings = new Rings<number>({ each: 3, overall: 4 });
    rings.push(A, 1);
    rings.push(B, 2);
    rings.push(A, 3);
    rings.push(B, 4);
    rings.push(B, 5);
    expect([rings.all(A), rings.all(B)]).toEqual([[3], [2, 4, 5]]);
  });
  test('but never the only one of a key', () => {
    const rings = new Rings<number>({ each: 3, overall: 2 });
    rings.push(A, 1);
    for (const value of [2, 3, 4]) rings.push(B, value);
    rings.push(C, 5);
    expect([rings.all(A), rings.all(B), rings.all(C)]).toEqual([[1], [4], [5]]);
  });
});

test('whatever is done: bounded for each and overall, the newest stays, in order', () => {
  const key = fc.integer({ min: 0, max: 9 }).map((i) => keyOf('team', String(i)));
  const doing = fc.tuple(key, fc.constantFrom('push', 'push', 'push', 'push', 'replace', 'remove'));
  const limits = fc.record({ each: fc.integer({ min: 1, max: 5 }), overall: fc.nat(20) });
  fc.assert(
    fc.property(limits, fc.array(doing, { maxLength: 200 }), (given, all) => {
      const rings = new Rings<number>(given);
      const newest = new Map<string, number>();
      for (const [i, [one, what]] of all.entries()) {
        if (what === 'push') rings.push(one, i);
        if (what === 'replace') rings.replaceNewest(one, i);
        if (what === 'remove') rings.remove(one);
        if (what === 'push' || (what === 'replace' && newest.has(one))) newest.set(one, i);
        if (what === 'remove') newest.delete(one);
        const kept = [...rings.keys()].map((each) => rings.all(each));
        expect(kept.every((ring) => ring.length >= 1 && ring.length <= given.each)).toBe(true);
        expect(kept.flat().length).toBe(rings.size);
        expect(rings.size).toBeLessThanOrEqual(Math.max(given.overall, newest.size));
        expect(kept).toEqual(kept.map((ring) => ring.toSorted((a, b) => a - b)));
        expect(new Map([...rings.keys()].map((each) => [each, rings.newest(each)]))).toEqual(newest);
      }
    }),
  );
});
