import { describe, expect, test } from '@jest/globals';
import type { BridgeConfig } from '../../../../src/domain/config/bridge.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { intentOf } from '../../../../src/domain/plan/intent-of.ts';
import { scaledObjectFor } from '../../../../src/domain/plan/scaled-object.ts';
import { configOf, paOf, STARTED, worldOf } from '../../../builders/world.ts';

const QUERY = { query: 'sum(rate(x{revision="hello-00001"}[1m]))', target: '10' };
const bridge = (name: string): string => `hpa-bridge.dev/${name}`;

const built = (annotations: Record<string, string>, config: Partial<BridgeConfig> = {}) => {
  const world = worldOf({
    pa: paOf(annotations, { status: STARTED }),
    kedaServed: true,
    config: configOf({ bridge: config }),
  });
  const intended = intentOf(world);
  if (!intended.ok) throw new Error(intended.error.map(({ message }) => message).join(' '));
  const made = scaledObjectFor(intended.value.intent);
  if (!made.ok) throw new Error(made.error.map(({ message }) => message).join(' '));
  const { object, mistakes } = made.value;
  const spec = object['spec'] as JsonObject & { readonly triggers: readonly JsonObject[] };
  return { spec, trigger: spec.triggers[0] ?? {}, mistakes: [...intended.value.mistakes, ...mistakes] };
};
const nullValues = (annotations: Record<string, string>, config: Partial<BridgeConfig> = {}) =>
  (built(annotations, config).trigger['metadata'] as JsonObject)['ignoreNullValues'];

describe('what KEDA makes of an empty answer', () => {
  test('is an error', () => expect(nullValues(QUERY)).toBe('false'));
  test('is zero where the user says so', () => {
    expect(nullValues({ ...QUERY, [bridge('empty-result')]: 'zero' })).toBeUndefined();
    expect(nullValues(QUERY, { emptyResult: 'zero' })).toBeUndefined();
    expect(nullValues({ ...QUERY, [bridge('empty-result')]: 'error' }, { emptyResult: 'zero' })).toBe(
      'false',
    );
  });
});

describe('the value above which KEDA takes a revision for active', () => {
  const threshold = (annotations: Record<string, string>): unknown =>
    (built({ ...QUERY, ...annotations }).trigger['metadata'] as JsonObject)['activationThreshold'];
  test('is KEDA’s 0 unless the user says so', () => expect(threshold({})).toBeUndefined());
  test('is the user’s, as a plain number', () => {
    expect(threshold({ [bridge('activation-threshold')]: '2.5' })).toBe('2.5');
    expect(threshold({ [bridge('activation-threshold')]: '1e3' })).toBe('1000');
  });
  test('that cannot be one is left to KEDA', () =>
    expect(threshold({ [bridge('activation-threshold')]: '-1' })).toBeUndefined());
  test('counts under the HPA, too: for going to zero and back', () => {
    const world = worldOf({
      pa: paOf({ ...QUERY, [bridge('activation-threshold')]: '5' }, { status: STARTED }),
      config: configOf({ bridge: { backend: 'hpa' } }),
    });
    const intended = intentOf(world);
    expect(intended.ok && intended.value.mistakes).toEqual([]);
  });
});

describe('how often KEDA asks', () => {
  test('is KEDA’s to say', () => {
    const { spec, trigger } = built(QUERY);
    expect([spec['pollingInterval'], trigger['useCachedMetrics']]).toEqual([undefined, undefined]);
  });
  test.each([
    ['30s', 30],
    ['1500ms', 2],
    ['1s', 1],
  ])('unless the user does: %s is %d s, and the HPA does not make it ask more often', (text, seconds) => {
    const { spec, trigger } = built({ ...QUERY, [bridge('polling-interval')]: text });
    expect([spec['pollingInterval'], trigger['useCachedMetrics']]).toEqual([seconds, true]);
  });
});

describe('what KEDA falls back to', () => {
  const fallback = (annotations: Record<string, string>, config: Partial<BridgeConfig> = {}) =>
    built({ ...QUERY, ...annotations }, config).spec['fallback'];
  const REPLICAS = { [bridge('fallback-replicas')]: '5' };
  const UPWARDS = { failureThreshold: 3, replicas: 5, behavior: 'currentReplicasIfHigher' };

  test('is nothing: its error keeps the replicas', () => expect(fallback({})).toBeUndefined());
  test('is more replicas, never fewer', () => expect(fallback(REPLICAS)).toEqual(UPWARDS));
  test('is exactly so many, if that is asked for', () => {
    const exactly = { failureThreshold: 3, replicas: 5 };
    expect(fallback({ ...REPLICAS, [bridge('fallback')]: 'replicas' })).toEqual(exactly);
    expect(fallback(REPLICAS, { fallback: 'replicas' })).toEqual(exactly);
  });
  test('is more replicas also where the platform owner holds: the user names a number', () => {
    expect(fallback(REPLICAS, { fallback: 'hold' })).toEqual(UPWARDS);
  });
  test.each(['hold', 'concurrency', 'off'])('is nothing with %s', (way) => {
    expect(fallback({ ...REPLICAS, [bridge('fallback')]: way })).toBeUndefined();
  });
  test('is not given to cpu, which KEDA would refuse', () => {
    expect(built({ metric: 'cpu', target: '70', ...REPLICAS }).spec['fallback']).toBeUndefined();
  });
});

test.each([
  ['stale-after', '1m'],
  ['fallback', 'concurrency'],
])('%s: %s has no effect where KEDA asks, and that is said', (name, text) => {
  const { mistakes } = built({ ...QUERY, [bridge(name)]: text });
  expect(mistakes.map(({ effect, key }) => [effect, key])).toEqual([['ignored', bridge(name)]]);
});
