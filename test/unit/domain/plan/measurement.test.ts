import { describe, expect, test } from '@jest/globals';
import { plainServer } from '../../../../src/domain/config/prometheus-servers.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import { UNLIMITED } from '../../../../src/domain/plan/bounds.ts';
import { measurementOf, type Measurement } from '../../../../src/domain/plan/measurement.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import { targetInForce } from '../../../../src/domain/plan/target-in-force.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { minutes, seconds } from '../../../../src/domain/time.ts';
import { effectOf } from '../../../builders/effect.ts';
import { configOf, deploymentOf, hpaOf, paOf, STARTED, worldOf } from '../../../builders/world.ts';

const QUERY = { query: 'sum(rate(x{revision="{{ .revisionName }}"}[1m]))', target: '0.5' };
const bridge = (name: string): string => `hpa-bridge.dev/${name}`;
const MAIN = { ...plainServer('default', 'http://main:9090'), timeout: seconds(3) };

const asked = (annotations: Record<string, string>, changed: Parameters<typeof configOf>[0] = {}): World =>
  worldOf({
    pa: paOf(annotations, { status: STARTED }),
    config: configOf({
      ...changed,
      bridge: { backend: 'hpa', prometheusServers: [MAIN], ...changed.bridge },
    }),
  });
const measured = (
  annotations: Record<string, string>,
  changed: Parameters<typeof configOf>[0] = {},
): Measurement => {
  const measuring = measurementOf(asked({ ...QUERY, ...annotations }, changed));
  if (measuring.is !== 'query') throw new Error(measuring.is);
  return measuring.measurement;
};

test('the query, the server, the target, and what holds without annotations', () => {
  expect(measured({})).toEqual({
    server: MAIN,
    query: 'sum(rate(x{revision="hello-00001"}[1m]))',
    target: { target: 0.5, metricType: 'AverageValue' },
    bounds: { min: 1, max: UNLIMITED },
    policy: {
      interval: seconds(15),
      timeout: seconds(3),
      window: minutes(1),
      staleAfter: minutes(5),
      fallback: 'auto',
      fallbackReplicas: undefined,
      zeroFor: 'nothing',
    },
  });
});

test('a revision without pods is asked for every two seconds, because its query may wake it', () => {
  const intervalAt = (replicas: number, annotations: Record<string, string> = {}): unknown => {
    const world = { ...asked({ ...QUERY, ...annotations }), deployment: deploymentOf(replicas) };
    const measuring = measurementOf(world);
    return measuring.is === 'query' && measuring.measurement.policy.interval;
  };
  expect([intervalAt(0), intervalAt(1)]).toEqual([seconds(2), seconds(15)]);
  expect(intervalAt(0, { [bridge('polling-interval')]: '1s' })).toBe(seconds(1));
});

test('the activation threshold goes with the target', () => {
  expect(measured({ [bridge('activation-threshold')]: '2.5' }).target).toEqual({
    target: 0.5,
    metricType: 'AverageValue',
    activationThreshold: 2.5,
  });
});

test('annotations count before the ConfigMaps', () => {
  const owner = {
    autoscaler: { stableWindow: nanos(30n * SECOND) },
    bridge: {
      pollingInterval: nanos(30n * SECOND),
      staleAfter: nanos(60n * SECOND),
      fallback: 'hold',
      emptyResult: 'zero',
    },
  } as const;
  expect(measured({}, owner).policy).toMatchObject({
    interval: seconds(30),
    window: seconds(30),
    staleAfter: minutes(1),
    fallback: 'hold',
    zeroFor: 'empty',
  });
  const user = {
    [bridge('polling-interval')]: '2s',
    window: '90s',
    [bridge('stale-after')]: '0s',
    [bridge('fallback')]: 'off',
    [bridge('empty-result')]: 'error',
    'metric-type': 'Value',
  };
  const { policy, target } = measured(user, owner);
  expect(policy).toMatchObject({
    interval: seconds(2),
    window: seconds(90),
    staleAfter: seconds(0),
    fallback: 'off',
    zeroFor: 'nothing',
  });
  expect(target.metricType).toBe('Value');
});

test.each(['2s', '1ms'])(
  'a window of %s protects nobody: the shortest that Knative knows is used',
  (window) => {
    expect(measured({ window }).policy.window).toBe(seconds(6));
    expect(measured({}, { autoscaler: { stableWindow: nanos(0n) } }).policy.window).toBe(seconds(6));
  },
);

test('who names replicas to fall back to wants them, whatever the platform owner falls back to', () => {
  const five = { [bridge('fallback-replicas')]: '5' };
  const fallback = (annotations: Record<string, string>, way: 'hold' | 'replicas') =>
    measured(annotations, { bridge: { fallback: way } }).policy.fallback;
  expect(fallback(five, 'hold')).toBe('auto');
  expect(fallback(five, 'replicas')).toBe('replicas');
  expect(fallback({ ...five, [bridge('fallback')]: 'hold' }, 'replicas')).toBe('hold');
});

describe('what counts as zero', () => {
  const server = { prometheusServers: [{ ...MAIN, ignoreNullValues: true }] };
  test.each([
    [{}, 'nulls'],
    [{ [bridge('empty-result')]: 'zero' }, 'empty'],
    [{ [bridge('empty-result')]: 'error' }, 'nothing'],
  ])('on a server with ignoreNullValues, and %j: %s', (annotations, zeroFor) => {
    expect(measured(annotations, { bridge: server }).policy.zeroFor).toBe(zeroFor);
  });
});

describe('nothing is measured', () => {
  test.each([
    ['for cpu', asked({ metric: 'cpu', target: '70' })],
    ['for concurrency', asked({ metric: 'concurrency' })],
    ['where KEDA asks', { ...asked(QUERY, { bridge: { backend: 'keda' } }), kedaServed: true }],
  ])('%s', (_, world) => expect(measurementOf(world)).toEqual({ is: 'nothing' }));
});

describe('what was measured goes on', () => {
  const owned = paOf(QUERY, {
    metadata: {
      ownerReferences: [
        { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name: 'x', uid: 'u', controller: true },
      ],
    },
  });
  test.each([
    ['while an annotation is refused', asked({ ...QUERY, target: '-1' })],
    ['while the Revision is not known', { ...asked(QUERY), pa: owned }],
    ['while no HPA can be built of it', asked({ ...QUERY, target: '0.0000001' })],
    ['while no address is right', asked({ ...QUERY, 'prometheus-address': 'nonsense' })],
  ])('%s', (_, world) => expect(measurementOf(world)).toEqual({ is: 'unchanged' }));
});

describe('the target that an HPA has', () => {
  const target = (spec: JsonObject) => targetInForce(hpaOf({ spec }));
  const external = (name: string, given: JsonObject): JsonObject => ({
    metrics: [
      { type: 'Resource', resource: { name: 'cpu' } },
      { type: 'External', external: { metric: { name }, target: given } },
    ],
  });
  test.each<[string, JsonObject, ReturnType<typeof targetInForce>]>([
    [
      'ours',
      external('hpa-bridge-query', { type: 'AverageValue', averageValue: '1500m' }),
      { target: 1.5, metricType: 'AverageValue' },
    ],
    [
      'KEDA\u2019s',
      external('s0-hpa-bridge-query', { type: 'Value', value: '2k' }),
      { target: 2000, metricType: 'Value' },
    ],
    ['of another metric', external('s0-prometheus', { type: 'Value', value: '2k' }), undefined],
    ['without a number', external('hpa-bridge-query', { type: 'Value' }), undefined],
    ['without metrics', {}, undefined],
  ])('%s', (_, spec, expected) => expect(target(spec)).toEqual(expected));
  test('as it is built', () => {
    const world = asked(QUERY);
    const { hpa } = effectOf(world, plan(world));
    expect(targetInForce(hpa)).toEqual({ target: 0.5, metricType: 'AverageValue' });
  });
  test('without one', () => expect(targetInForce(undefined)).toBeUndefined());
});
