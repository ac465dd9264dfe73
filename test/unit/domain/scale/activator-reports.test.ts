import { expect, test } from '@jest/globals';
import { keyOf } from '../../../../src/domain/key.ts';
import { ActivatorReports } from '../../../../src/domain/scale/activator-reports.ts';
import { seconds } from '../../../../src/domain/time.ts';

const SHOP = keyOf('team', 'shop');
const told = (
  messages: readonly {
    readonly stat: { readonly averageConcurrentRequests: number; readonly requestCount: number } | undefined;
  }[],
): readonly (readonly [number | undefined, number | undefined])[] =>
  messages.map(({ stat }) => [stat?.averageConcurrentRequests, stat?.requestCount]);

test('the first request is told at once, as one in flight, and not again with the next report', () => {
  const reports = new ActivatorReports('activator-0');
  expect(reports.arrived(SHOP, seconds(0))).toMatchObject({
    namespace: 'team',
    name: 'shop',
    stat: { podName: 'activator-0', averageConcurrentRequests: 1, requestCount: 1 },
  });
  expect(reports.arrived(SHOP, seconds(0))).toBeUndefined();
  expect(told(reports.report(seconds(1)))).toEqual([[1, 1]]);
  expect(told(reports.report(seconds(2)))).toEqual([[2, 0]]);
});

test('what is in flight for half of the time counts half, and never less than nothing is told', () => {
  const reports = new ActivatorReports('a');
  reports.arrived(SHOP, seconds(0));
  reports.left(SHOP, seconds(0.25));
  expect(told(reports.report(seconds(1)))).toEqual([[0, 0]]);
  reports.arrived(SHOP, seconds(1.5));
  expect(told(reports.report(seconds(2)))).toEqual([[0.5, 1]]);
});

test('after a second without requests that is told once, and the next request is a first one again', () => {
  const reports = new ActivatorReports('a');
  reports.arrived(SHOP, seconds(0));
  reports.left(SHOP, seconds(0.5));
  reports.report(seconds(1));
  expect(told(reports.report(seconds(2)))).toEqual([[0, 0]]);
  expect(reports.report(seconds(3))).toEqual([]);
  expect(reports.arrived(SHOP, seconds(4))).toBeDefined();
});
