import { expect, test } from '@jest/globals';
import { Trust } from '../../../../src/domain/throttle/trust.ts';

const unready = { address: 'a', ready: false };
const ready = { address: 'a', ready: true };
const standing = (trust: Trust): readonly (readonly string[])[] => [trust.usable, trust.doubtful];

test('a pod is used once it has answered, ready or not', () => {
  const trust = new Trust();
  trust.see([unready], true);
  expect(standing(trust)).toEqual([[], ['a']]);
  trust.answered('a');
  expect(standing(trust)).toEqual([['a'], []]);
});

test('with probes of the kubelet it has to be ready, too, and is not asked before', () => {
  const trust = new Trust();
  trust.see([unready], false);
  expect(standing(trust)).toEqual([[], []]);
  trust.see([ready], false);
  expect(standing(trust)).toEqual([[], ['a']]);
  trust.answered('a');
  expect(standing(trust)).toEqual([['a'], []]);
});

test('one that ceases to be ready is asked again, one that never was is not', () => {
  const trust = new Trust();
  trust.see([unready], true);
  trust.answered('a');
  trust.see([unready], true);
  expect(standing(trust)).toEqual([['a'], []]);
  trust.see([ready], true);
  trust.see([unready], true);
  expect(standing(trust)).toEqual([[], ['a']]);
});

test('one that could not be reached is asked again', () => {
  const trust = new Trust();
  trust.see([ready], true);
  trust.answered('a');
  trust.lost('a');
  expect(standing(trust)).toEqual([[], ['a']]);
});

test('a pod that takes the address of one that is gone has to answer itself', () => {
  const trust = new Trust();
  trust.see([ready], true);
  trust.answered('a');
  trust.see([], true);
  trust.see([unready], true);
  expect(standing(trust)).toEqual([[], ['a']]);
});
