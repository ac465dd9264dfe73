import { describe, expect, test } from '@jest/globals';
import { meets, parseLabelSelector } from '../../../../src/domain/k8s/label-selector.ts';

const LABELS: readonly Readonly<Record<string, string>>[] = [
  {},
  { a: '' },
  { a: 'b' },
  { a: 'c', 'example.com/x': '1' },
  { a: '10', in: 'in' },
];

/** Which of LABELS a selector selects. */
const selected = (selector: string): number[] => {
  const read = parseLabelSelector(selector);
  if (!read.ok) throw new Error(read.error);
  return LABELS.flatMap((labels, index) => (read.value.every((one) => meets(one, labels)) ? [index] : []));
};

describe('what is selected', () => {
  test.each<[string, readonly number[]]>([
    ['', [0, 1, 2, 3, 4]],
    ['  ', [0, 1, 2, 3, 4]],
    ['a=b', [2]],
    ['a==b', [2]],
    [' a = b ', [2]],
    ['a=', [1]],
    ['a!=b', [0, 1, 3, 4]],
    ['a in (b,c)', [2, 3]],
    ['a in(b)', [2]],
    ['a in (b,)', [1, 2]],
    ['a notin (b,c)', [0, 1, 4]],
    ['a', [1, 2, 3, 4]],
    ['!a', [0]],
    ['! a', [0]],
    ['a>9', [4]],
    ['a < 11', [4]],
    ['a>10', []],
    ['example.com/x=1,a=c', [3]],
    ['a=c,a=b', []],
    ['in in (in)', [4]],
    ['in', [4]],
  ])('%s', (selector, expected) => expect(selected(selector)).toEqual(expected));
});

describe('what is refused, and why', () => {
  test.each([
    [',', 'has "," where the key of a label is expected'],
    ['a,', 'has "" where the key of a label is expected'],
    ['a b', 'has "b" behind the key "a"'],
    ['a=b c', 'has "c" where a comma is expected'],
    ['a in b', 'has a set that does not begin with a parenthesis'],
    ['a in ()', 'has an empty set'],
    ['a in (b', 'has a set that does not end with a parenthesis'],
    ['a>b', 'compares with "b", which is no whole number'],
    ['a=b/c', 'has "b/c", which no label can have as its value'],
    ['-a', 'has "-a" where the key of a label is expected'],
    ['a/b/c', 'has "a/b/c" where the key of a label is expected'],
    ['!!a', 'has "!" where the key of a label is expected'],
    [
      `a=${'b'.repeat(64)}`,
      `has "${'b'.repeat(60 / 2)}…${'b'.repeat(60 / 2)}", which no label can have as its value`,
    ],
    ['a'.repeat(5000), 'is longer than 4096 characters'],
  ])('%s', (selector, error) => expect(parseLabelSelector(selector)).toEqual({ ok: false, error }));
});
