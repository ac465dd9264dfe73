import { expect, test } from '@jest/globals';
import { keyOf } from '../../../src/domain/key.ts';
import { Expectations, type Identity } from '../../../src/engine/expectations.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';

const key = keyOf('ns', 'a');
const make = () => {
  const clock = new ManualClock();
  const cache = new Map<string, Identity>();
  return {
    clock,
    cache,
    expectations: new Expectations<'Child' | 'Parent'>({ look: (kind) => cache.get(kind), clock }),
  };
};

const wrote = (expectations: Expectations<'Child' | 'Parent'>, kind: 'Child' | 'Parent', written: Identity) =>
  expectations.expect(kind, key, { before: expectations.cached(kind, key), written });

test('a cache that showed the write and what followed it before the answer came holds nothing', () => {
  const { cache, expectations } = make();
  cache.set('Child', { uid: 'u', resourceVersion: '1' });
  const before = expectations.cached('Child', key);
  cache.set('Child', { uid: 'u', resourceVersion: '3' });
  expectations.expect('Child', key, { before, written: { uid: 'u', resourceVersion: '2' } });
  expect(expectations.pending(key)).toBeUndefined();
});

test('a key is held until the cache shows the version that was written', () => {
  const { cache, expectations } = make();
  cache.set('Child', { uid: 'u', resourceVersion: '1' });
  wrote(expectations, 'Child', { uid: 'u', resourceVersion: '2' });
  expect(expectations.pending(key)).toBe(5000);
  cache.set('Child', { uid: 'u', resourceVersion: '2' });
  expect(expectations.pending(key)).toBeUndefined();
});

test('or a later one, which overtook it', () => {
  const { cache, expectations } = make();
  wrote(expectations, 'Child', { uid: 'u', resourceVersion: '2' });
  expect(expectations.pending(key)).toBe(5000);
  cache.set('Child', { uid: 'u', resourceVersion: '9' });
  expect(expectations.pending(key)).toBeUndefined();
});

test('a write that changed nothing holds nothing', () => {
  const { cache, expectations } = make();
  cache.set('Child', { uid: 'u', resourceVersion: '1' });
  wrote(expectations, 'Child', { uid: 'u', resourceVersion: '1' });
  expect(expectations.pending(key)).toBeUndefined();
});

test('a cache that never shows the write holds the key no longer than the bound', async () => {
  const { clock, expectations } = make();
  wrote(expectations, 'Child', { uid: 'u', resourceVersion: '2' });
  await clock.pass(4000);
  expect(expectations.pending(key)).toBe(1000);
  await clock.pass(1000);
  expect(expectations.pending(key)).toBeUndefined();
});

test('a deletion is seen when the object is gone or is another one', () => {
  const { cache, expectations } = make();
  cache.set('Child', { uid: 'u', resourceVersion: '1' });
  cache.set('Parent', { uid: 'p', resourceVersion: '1' });
  expectations.expectGone('Child', key, 'u');
  expectations.expectGone('Parent', key, 'p');
  cache.set('Child', { uid: 'u', resourceVersion: '2' });
  expect(expectations.pending(key)).toBe(5000);
  cache.delete('Child');
  cache.set('Parent', { uid: 'another', resourceVersion: '3' });
  expect(expectations.pending(key)).toBeUndefined();
});

test('a key waits for all of its writes, and other keys for none of them', async () => {
  const { clock, cache, expectations } = make();
  wrote(expectations, 'Child', { uid: 'u', resourceVersion: '2' });
  await clock.pass(1000);
  wrote(expectations, 'Parent', { uid: 'p', resourceVersion: '7' });
  cache.set('Parent', { uid: 'p', resourceVersion: '7' });
  expect(expectations.pending(key)).toBe(4000);
  expect(expectations.pending(keyOf('ns', 'b'))).toBeUndefined();
});
