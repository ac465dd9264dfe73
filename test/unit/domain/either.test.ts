import { expect, test } from '@jest/globals';
import { both, either } from '../../../src/domain/either.ts';

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a or b'],
  [['a', 'b', 'c'], 'a, b or c'],
])('%j', (words, text) => {
  expect(either(words)).toBe(text);
  expect(both(words)).toBe(text.replace(' or ', ' and '));
});
