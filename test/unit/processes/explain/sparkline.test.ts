import { expect, test } from '@jest/globals';
import { rfc3339 } from '../../../../src/domain/rfc3339.ts';
import { after } from '../../../builders/signal.ts';
import { sparkline } from '../../../../src/processes/explain/sparkline.ts';

/** The newest first, as they are told. */
const runs = (...all: readonly (readonly [at: number, pods: number | null])[]) =>
  all.map(([at, pods]) => ({ at: rfc3339(after(at)), pods })).toReversed();

test.each([
  ['over time', runs([0, 1], [50, 4], [75, 8]), '▂▂▂▂▂▅▅███'],
  ['nothing asked for', runs([0, null], [50, 3]), '·····█████'],
  ['a short peak is seen', runs([0, 1], [52, 8], [53, 1]), '▂▂▂▂▂█▂▂▂▂'],
  ['zero', runs([0, 0]), '▁▁▁▁▁▁▁▁▁▁'],
])('%s', (_, given, drawn) => expect(sparkline(given, after(100), 10)?.drawn).toBe(drawn));

test('says between which numbers, and how long', () => {
  expect(sparkline(runs([0, 1], [50, null], [75, 8]), after(100), 10)).toMatchObject({
    least: 1,
    most: 8,
    length: 100_000,
  });
});

test('nothing was asked for yet', () => {
  expect(sparkline([], after(0), 10)).toBeUndefined();
  expect(sparkline(runs([0, null]), after(0), 10)).toBeUndefined();
});

test('right when it begins', () => expect(sparkline(runs([0, 5]), after(0), 3)?.drawn).toBe('███'));
