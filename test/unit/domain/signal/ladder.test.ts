import { describe, expect, test } from '@jest/globals';
import { decide, type Decision } from '../../../../src/domain/signal/ladder.ts';
import { after, historyOf, standingWith, steadily, type Said } from '../../../builders/signal.ts';

type Changed = Parameters<typeof standingWith>[0];

const decided = (said: readonly Said[], at: number, changed: Changed = {}): Decision => {
  const standing = standingWith(changed);
  return decide(historyOf(said, standing.policy), standing, after(at));
};
/** Good for more than a window, then gone. */
const OUTAGE: readonly Said[] = [
  ...steadily(25, 0, 120),
  ...[135, 150, 165, 180].map((at) => [at, 'prometheus_refused'] as const),
];

describe('fresh', () => {
  test('counts exactly after a full window of answers', () => {
    expect(decided(steadily(25, 0, 60), 61)).toEqual({
      rung: 'fresh',
      value: 25,
      mayLower: true,
      at: after(60),
      since: after(0),
      fault: undefined,
      detail: undefined,
      until: after(107.501),
    });
  });
  test('raises at once', () => {
    expect(decided([[0, 90]], 1)).toMatchObject({ rung: 'fresh', value: 90, mayLower: false });
  });
  test('does not lower before that, nor right after an outage', () => {
    expect(decided(steadily(25, 0, 45), 46)).toMatchObject({ rung: 'fresh', value: 40, mayLower: false });
    const back = [...OUTAGE, ...steadily(5, 195, 240)];
    expect(decided(back, 241)).toMatchObject({ rung: 'fresh', value: 40, mayLower: false });
    expect(decided([...back, [255, 5]], 256)).toMatchObject({ rung: 'fresh', value: 5, mayLower: true });
  });
  test('outlives a lost answer, but does not lower with it', () => {
    const lost: readonly Said[] = [...steadily(25, 0, 120), [135, 'prometheus_timeout']];
    expect(decided(lost, 136)).toMatchObject({ rung: 'fresh', value: 40, mayLower: false, fault: undefined });
  });
  test('a negative value is 0', () => {
    expect(decided(steadily(-7, 0, 60), 61)).toMatchObject({ rung: 'fresh', value: 0 });
  });
  test('with the replicas unknown, only a value that may lower is told', () => {
    const unknown = { replicas: undefined, readyPods: 0 };
    expect(decided(steadily(25, 0, 60), 61, unknown)).toMatchObject({ rung: 'fresh', value: 25 });
    expect(decided([[0, 90]], 1, unknown)).toMatchObject({
      rung: 'none',
      value: undefined,
      fault: 'signal_replicas_unknown',
      until: after(47.501),
    });
  });
});

describe('the last good value', () => {
  test('holds what it asked for, and what there is', () => {
    expect(decided(OUTAGE, 181)).toEqual({
      rung: 'last-good',
      value: 40,
      mayLower: false,
      at: after(120),
      since: after(135),
      fault: 'prometheus_refused',
      detail: 'No.',
      until: after(420.001),
    });
    expect(decided(OUTAGE, 181, { replicas: 1 })).toMatchObject({ rung: 'last-good', value: 25 });
  });
  test('also where answers just stop', () => {
    expect(decided(steadily(25, 0, 120), 168)).toMatchObject({ rung: 'last-good', fault: 'signal_stale' });
  });
  test('until it is stale', () => {
    expect(decided(OUTAGE, 420)).toMatchObject({ rung: 'last-good' });
    expect(decided(OUTAGE, 420.001)).toMatchObject({ rung: 'hold' });
    expect(decided(OUTAGE, 181, { policy: { staleAfter: 0 as never } })).toMatchObject({ rung: 'hold' });
  });
});

describe('afterwards', () => {
  const fallen = (changed: Changed) => decided(OUTAGE, 1000, changed);
  const outcome = (changed: Changed) => {
    const { rung, value } = fallen(changed);
    return [rung, value];
  };
  test.each<[string, Changed, [string, number | undefined]]>([
    ['auto', {}, ['hold', 40]],
    ['auto, to a floor', { policy: { fallbackReplicas: 6 } }, ['floor', 60]],
    ['auto, on the floor', { replicas: 6, policy: { fallbackReplicas: 6 } }, ['floor', 60]],
    ['auto, above the floor', { policy: { fallbackReplicas: 3 } }, ['hold', 40]],
    ['auto, up by concurrency', { concurrency: 7 }, ['concurrency', 70]],
    ['auto, not down by concurrency', { concurrency: 2 }, ['concurrency', 40]],
    ['auto, to a floor above it', { concurrency: 5, policy: { fallbackReplicas: 6 } }, ['floor', 60]],
    ['concurrency', { concurrency: 7, policy: { fallback: 'concurrency' } }, ['concurrency', 70]],
    ['concurrency without one', { policy: { fallback: 'concurrency', fallbackReplicas: 9 } }, ['hold', 40]],
    ['hold', { concurrency: 7, policy: { fallback: 'hold', fallbackReplicas: 9 } }, ['hold', 40]],
    ['replicas, up', { policy: { fallback: 'replicas', fallbackReplicas: 9 } }, ['replicas', 90]],
    ['replicas, down', { policy: { fallback: 'replicas', fallbackReplicas: 2 } }, ['replicas', 20]],
    ['replicas without a number', { policy: { fallback: 'replicas' } }, ['hold', 40]],
    ['off', { policy: { fallback: 'off' } }, ['none', undefined]],
    ['hold at zero', { replicas: 0 }, ['none', undefined]],
    ['a floor from zero', { replicas: 0, policy: { fallbackReplicas: 2 } }, ['floor', 20]],
    ['hold without knowing what', { replicas: undefined }, ['none', undefined]],
    ['Value', { target: { target: 10, metricType: 'Value' } }, ['hold', 10]],
    [
      'Value, to a floor',
      { target: { target: 10, metricType: 'Value' }, policy: { fallbackReplicas: 6 } },
      ['floor', 15],
    ],
  ])('%s', (_, changed, told) => expect(outcome(changed)).toEqual(told));

  test('only the user’s own number may lower', () => {
    expect(fallen({ policy: { fallback: 'replicas', fallbackReplicas: 2 } }).mayLower).toBe(true);
    expect(fallen({ policy: { fallbackReplicas: 6 } }).mayLower).toBe(false);
  });
  test('the same where there never was a number', () => {
    expect(decided([[0, 'prometheus_bad_data']], 1)).toMatchObject({
      rung: 'hold',
      value: 40,
      since: after(0),
      fault: 'prometheus_bad_data',
    });
  });
});

test('before the first answer nothing is told', () => {
  expect(decide(undefined, standingWith(), after(0))).toMatchObject({
    rung: 'none',
    value: undefined,
    fault: 'signal_unmeasured',
  });
});
