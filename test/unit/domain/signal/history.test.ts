import { describe, expect, test } from '@jest/globals';
import type { PrometheusFault } from '../../../../src/domain/prometheus/faults.ts';
import type { ZeroFor } from '../../../../src/domain/prometheus/null-values.ts';
import { remember } from '../../../../src/domain/signal/history.ts';
import {
  after,
  answerOf,
  failure,
  historyOf,
  numberAt,
  policyWith,
  steadily,
} from '../../../builders/signal.ts';

test('the newest number, with both clocks', () => {
  const policy = policyWith();
  const first = remember(undefined, answerOf(numberAt(7, after(-1)), after(0)), policy);
  expect(first).toEqual({
    answeredAt: after(0),
    good: { value: 7, at: after(-1), receivedAt: after(0) },
    goodSince: after(0),
    failing: undefined,
  });
  expect(remember(first, answerOf(numberAt(8, after(14)), after(15)), policy)).toEqual({
    answeredAt: after(15),
    good: { value: 8, at: after(14), receivedAt: after(15) },
    goodSince: after(0),
    failing: undefined,
  });
});

describe('a run of good answers', () => {
  test('goes on over one that is late', () => {
    expect(
      historyOf([
        [0, 1],
        [47, 1],
      ])?.goodSince,
    ).toBe(after(0));
  });
  test('begins anew after a gap that is longer than a number is fresh', () => {
    expect(
      historyOf([
        [0, 1],
        [48, 1],
      ])?.goodSince,
    ).toBe(after(48));
  });
  test('ends with a failure, which leaves the last number', () => {
    const history = historyOf([...steadily(5, 0, 30), [45, 'prometheus_refused']]);
    expect(history).toMatchObject({
      good: { value: 5, receivedAt: after(30) },
      failing: { since: after(45), count: 1, code: 'prometheus_refused' },
    });
    expect(history?.goodSince).toBeUndefined();
  });
  test('begins anew after it', () => {
    const history = historyOf([...steadily(5, 0, 30), [45, 'prometheus_refused'], [60, 4], [75, 4]]);
    expect(history).toMatchObject({ goodSince: after(60), failing: undefined });
  });
  test('begins anew if the clock was set back, and what came before does not count', () => {
    expect(historyOf([...steadily(5, 600, 900), [0, 4]])).toEqual(historyOf([[0, 4]]));
    expect(historyOf([...steadily(5, 600, 900), [0, 'prometheus_dns']])).toEqual(
      historyOf([[0, 'prometheus_dns']]),
    );
  });
});

describe('what counts as zero', () => {
  test.each<[ZeroFor, PrometheusFault, number | undefined]>([
    ['nothing', 'prometheus_empty', undefined],
    ['empty', 'prometheus_empty', 0],
    ['empty', 'prometheus_nan', undefined],
    ['nulls', 'prometheus_nan', 0],
    ['nulls', 'prometheus_several', undefined],
  ])('with %s, %s is %s', (zeroFor, fault, value) => {
    const history = historyOf([[0, fault]], policyWith({ zeroFor }));
    expect(history?.good?.value).toBe(value);
    expect(history?.failing?.code).toBe(value === undefined ? fault : undefined);
  });
});

describe('the reason that is told for a run of failures', () => {
  const refused = (count: number) =>
    Array.from({ length: count }, (_, i) => [i * 15, 'prometheus_refused'] as const);

  test('stays while others come now and then', () => {
    const history = historyOf([
      ...refused(2),
      [30, 'prometheus_timeout'],
      [45, 'prometheus_timeout'],
      [60, 'prometheus_refused'],
      [75, 'prometheus_timeout'],
    ]);
    expect(history?.failing).toMatchObject({ since: after(0), count: 6, code: 'prometheus_refused' });
  });
  test('gives way to one that came three times in a row, with what that said', () => {
    const policy = policyWith();
    const late = [30, 45, 60].map((at) => answerOf(failure('prometheus_timeout', 'Too late.'), after(at)));
    const history = late.reduce((before, answer) => remember(before, answer, policy), historyOf(refused(2))!);
    expect(history.failing).toEqual({
      since: after(0),
      count: 5,
      code: 'prometheus_timeout',
      message: 'Too late.',
      other: undefined,
    });
  });
});
