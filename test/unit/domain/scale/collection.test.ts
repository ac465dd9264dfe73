import { expect, test } from '@jest/globals';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import { Collection } from '../../../../src/domain/scale/collection.ts';
import type { MetricSpec } from '../../../../src/domain/scale/spec.ts';
import { NO_STAT, type Stat } from '../../../../src/domain/scale/stat.ts';
import { instant } from '../../../../src/domain/time.ts';

const at = (second: number): ReturnType<typeof instant> => instant(1_700_000_000_000 + second * 1000);
const SPEC: MetricSpec = {
  stableWindow: nanos(60n * SECOND),
  panicWindow: nanos(6n * SECOND),
  algorithm: 'linear',
  scrapeTarget: 'hello-00001-private',
};
const statOf = (changed: Partial<Stat>): Stat => ({ ...NO_STAT, podName: 'pod', ...changed });

test('what a proxy has counted is not counted at the pods again', () => {
  const collection = new Collection(SPEC);
  collection.pushed(statOf({ averageConcurrentRequests: 9, requestCount: 20 }), at(0));
  collection.scraped(
    statOf({
      averageConcurrentRequests: 10,
      averageProxiedConcurrentRequests: 8,
      requestCount: 25,
      proxiedRequestCount: 19,
    }),
    at(0.5),
  );
  expect(collection.averages('concurrency', at(1))).toEqual({ stable: 11, panic: 11 });
  expect(collection.averages('rps', at(1))).toEqual({ stable: 26, panic: 26 });
  expect([collection.pushedAt, collection.scrapedAt]).toEqual([at(0), at(0.5)]);
});

test('no data for longer than the stable window is no evidence', () => {
  const collection = new Collection(SPEC);
  expect(collection.averages('concurrency', at(0))).toBeUndefined();
  collection.scraped(statOf({ averageConcurrentRequests: 4 }), at(0));
  expect(collection.averages('concurrency', at(60))).toEqual({ stable: 0, panic: 0 });
  expect(collection.averages('concurrency', at(61))).toBeUndefined();
});

test('where no pods are scraped the silence of the proxies is zero', () => {
  const collection = new Collection({ ...SPEC, scrapeTarget: '' });
  expect(collection.averages('concurrency', at(0))).toEqual({ stable: 0, panic: 0 });
});

test('a round without pods records nothing', () => {
  const collection = new Collection(SPEC);
  expect(collection.scraped(undefined, at(0))).toBe(false);
  expect(collection.averages('concurrency', at(0))).toBeUndefined();
});

test('a problem is news when it begins, when it is another one, and when it ends', () => {
  const collection = new Collection(SPEC);
  const unknown = { is: 'pods-unknown' } as const;
  const exhausted = { is: 'pods-exhausted', answered: 1, needed: 3 } as const;
  const fine = statOf({ averageConcurrentRequests: 1 });
  const news = [unknown, { ...unknown }, exhausted, exhausted, fine, fine].map((outcome, second) =>
    collection.scraped(outcome, at(second)),
  );
  expect(news).toEqual([true, false, true, false, true, false]);
  expect(collection.problem).toBeUndefined();
});

test('other windows keep what was measured', () => {
  const collection = new Collection(SPEC);
  for (const second of [0, 1, 2]) collection.scraped(statOf({ averageConcurrentRequests: 6 }), at(second));
  collection.update({ ...SPEC, stableWindow: nanos(120n * SECOND), scrapeTarget: '' }, at(2));
  expect(collection.scrapeTarget).toBe('');
  expect(collection.averages('concurrency', at(2))).toEqual({ stable: 0.3, panic: 6 });
});

test.each([
  ['endless', nanos(2n ** 62n)],
  ['negative', nanos(-5n * SECOND)],
])('an %s window, set past the admission of Knative, is held to what can be kept', (_, stableWindow) => {
  const collection = new Collection({ ...SPEC, stableWindow });
  collection.scraped(statOf({ averageConcurrentRequests: 6 }), at(0));
  expect(collection.averages('concurrency', at(0))).toEqual({ stable: 6, panic: 6 });
});
