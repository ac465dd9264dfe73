import { expect, test } from '@jest/globals';
import { seconds, type Ms } from '../../../src/domain/time.ts';
import { ExpiringCache } from '../../../src/engine/expiring-cache.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';

const bench = (capacity = 10, ahead: { renewAfter?: Ms } = {}) => {
  const clock = new ManualClock();
  let made = 0;
  const cache = new ExpiringCache<number>({ capacity, ttl: seconds(10), ...ahead }, clock);
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

const AHEAD = { renewAfter: seconds(7) };

test('one that is nearly up is used on, and a new one fetched meanwhile', async () => {
  const { clock, get } = bench(10, AHEAD);
  await get('a');
  await clock.pass(seconds(7));
  expect(await get('a')).toBe(1);
  expect(await get('a')).toBe(2);
  await clock.pass(seconds(6.9));
  expect(await get('a')).toBe(2);
});

test('nothing is fetched ahead for somebody who does not ask', async () => {
  const { clock, get } = bench(10, AHEAD);
  await get('a');
  await clock.pass(seconds(60));
  expect(await get('a')).toBe(2);
});

test('an answer that could not be fetched ahead lasts for its own time', async () => {
  const { clock, cache } = bench(10, AHEAD);
  await cache.get('a', () => Promise.resolve(1));
  await clock.pass(seconds(8));
  expect(await cache.get('a', () => Promise.reject(new Error('away')))).toBe(1);
  await clock.pass(seconds(1.9));
  expect(await cache.get('a', () => Promise.resolve(2))).toBe(1);
  await clock.pass(seconds(0.1));
  expect(await cache.get('a', () => Promise.resolve(3))).toBe(3);
});

test('what was fetched ahead and comes too late does not replace a newer one', async () => {
  const { clock, cache } = bench(10, AHEAD);
  const late = Promise.withResolvers<number>();
  await cache.get('a', () => Promise.resolve(1));
  await clock.pass(seconds(8));
  await cache.get('a', () => late.promise);
  await clock.pass(seconds(2));
  expect(await cache.get('a', () => Promise.resolve(3))).toBe(3);
  late.resolve(2);
  await clock.pass(seconds(1));
  expect(await cache.get('a', () => Promise.resolve(4))).toBe(3);
});
