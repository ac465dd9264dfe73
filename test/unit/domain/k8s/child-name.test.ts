import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { childName } from '../../../../src/domain/k8s/child-name.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

test.each([
  ['short', '-private', 'short-private'],
  ['x'.repeat(55), '-private', `${'x'.repeat(55)}-private`],
  ['x'.repeat(56), '-private', `${'x'.repeat(23)}${md5('x'.repeat(56))}-private`],
  ['x'.repeat(63), '-deployment', `${'x'.repeat(20)}${md5('x'.repeat(63))}-deployment`],
])('%s + %s', (parent, suffix, name) => {
  expect(childName(parent, suffix)).toBe(name);
  expect(name.length).toBeLessThanOrEqual(63);
});

test('a suffix of 31 characters or more is hashed with the parent, and the end is a letter or digit', () => {
  const suffix = `-${'s'.repeat(39)}`;
  expect(childName('p'.repeat(40), suffix)).toBe('p'.repeat(31) + md5('p'.repeat(40) + suffix));
  const short = childName('p'.repeat(25), suffix);
  expect(short).toBe(`${'p'.repeat(25)}${md5('p'.repeat(25) + suffix)}-sssss`);
  const dashes = '-'.repeat(40);
  expect(childName('p'.repeat(25), dashes)).toBe('p'.repeat(25) + md5('p'.repeat(25) + dashes));
});
