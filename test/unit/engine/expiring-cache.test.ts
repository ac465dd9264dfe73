import { expect, test } from '@jest/globals';
import { seconds } from '../../../src/domain/time.ts';
import { ExpiringCache } from '../../../src/engine/expiring-cache.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';

const bench = (capacity = 10) => {
  const clock = new ManualClock();
  let made = 0;
  const cache = new ExpiringCache<number>({ capacity, ttl: seconds(10), clock });
  return { clock, get: (key: string) => cache.get(key, () => Promise.resolve(++made)), cache };
};

test('an answer is kept for its time and no longer', async () => {
  const { clock, get } = bench();
  expect(await get('a')).toBe(1);
  await clock.pass(seconds(9.999));
  expect(await get('a')).toBe(1);
  await clock.pass(seconds(0.001));
  expect(await get('a')).toBe(2);
});

test('its time begins when it is there', async () => {
  const { clock, cache } = bench();
  const slow = Promise.withResolvers<number>();
  const first = cache.get('a', () => slow.promise);
  await clock.pass(seconds(30));
  const second = cache.get('a', () => Promise.resolve(2));
  slow.resolve(1);
  expect(await Promise.all([first, second])).toEqual([1, 1]);
  await clock.pass(seconds(9));
  expect(await cache.get('a', () => Promise.resolve(3))).toBe(1);
});

test('a failure reaches all who wait for it, and is not kept', async () => {
  const { cache } = bench();
  const failing = Promise.reject(new Error('away'));
  const both = [cache.get('a', () => failing), cache.get('a', () => Promise.resolve(0))];
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await cache.get('a', () => Promise.resolve(1))).toBe(1);
});

test('what was not used the longest makes room', async () => {
  const { get } = bench(2);
  expect([await get('a'), await get('b'), await get('a'), await get('c')]).toEqual([1, 2, 1, 3]);
  expect([await get('a'), await get('b')]).toEqual([1, 4]);
});
