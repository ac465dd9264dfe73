import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { Condition } from '../../../../src/domain/k8s/read/condition.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { Claim } from '../../../../src/domain/external-metrics/claim.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import type { PrometheusFault } from '../../../../src/domain/prometheus/faults.ts';
import { decide } from '../../../../src/domain/signal/ladder.ts';
import { effectOf } from '../../../builders/effect.ts';
import { after, historyOf, standingWith, steadily, type Said } from '../../../builders/signal.ts';
import {
  configOf,
  hpaOf,
  kedasHpaOf,
  paOf,
  scaledObjectOf,
  sksOf,
  STARTED,
  worldOf,
} from '../../../builders/world.ts';

const QUERY = { query: 'sum(rate(x{revision="hello-00001"}[1m]))', target: '10' };
const OURS = ['SignalAvailable', 'FallbackActive'];

const measuredAfter = (said: readonly Said[], at: number) => {
  const standing = standingWith();
  return decide(historyOf(said, standing.policy), standing, after(at));
};
const FRESH = measuredAfter(steadily(25, 0, 60), 61);
const outage = (is: PrometheusFault) => measuredAfter([...steadily(25, 0, 60), [75, is], [90, is]], 150);
const REFUSED = outage('prometheus_refused');

const stored = (world: World): JsonObject => JSON.parse(JSON.stringify(world.pa.status)) as JsonObject;
const asked = (
  annotations: Record<string, string>,
  changed: Partial<World> = {},
  status: JsonObject = STARTED,
): World =>
  worldOf({
    pa: paOf(annotations, { status }),
    config: configOf({ bridge: { backend: 'hpa' } }),
    sks: sksOf(),
    readyPods: 1,
    ...changed,
  });
/** The same revision when it has been told about, and something else is measured. */
const next = (world: World, changed: Partial<World>): World => {
  const told = effectOf(world, plan(world));
  return { ...told, ...changed };
};
const said = (world: World): readonly (readonly [string, string, string | undefined])[] =>
  effectOf(world, plan(world))
    .pa.status.conditions.filter(({ type }) => OURS.includes(type))
    .map(({ type, status, reason }) => [type, status, reason] as const);
const messageOf = (world: World, type: string): string | undefined =>
  effectOf(world, plan(world)).pa.status.conditions.find((one) => one.type === type)?.message;
const events = (world: World) =>
  plan(world).steps.flatMap((step) => (step.do === 'event' ? [[step.event.type, step.event.reason]] : []));
const conditionOf = (world: World, type: string): Condition | undefined =>
  effectOf(world, plan(world)).pa.status.conditions.find((one) => one.type === type);

describe('a query that we ask', () => {
  test('has a value', () => {
    const world = asked(QUERY, { measured: FRESH });
    expect(said(world)).toEqual([
      ['FallbackActive', 'False', undefined],
      ['SignalAvailable', 'True', undefined],
    ]);
    expect(events(world)).toEqual([]);
  });

  test('loses it: why, and what counts instead; Ready is not touched', () => {
    const world = next(asked(QUERY, { measured: FRESH }), { measured: REFUSED });
    expect(said(world)).toEqual([
      ['FallbackActive', 'True', 'LastGoodValue'],
      ['SignalAvailable', 'False', 'PrometheusRefused'],
    ]);
    expect(events(world)).toEqual([
      ['Warning', 'PrometheusRefused'],
      ['Warning', 'FallbackActive'],
    ]);
    expect(conditionOf(world, 'Ready')?.status).toBe('True');
    expect(conditionOf(world, 'Active')?.status).toBe('True');
  });

  test('the event tells what the answer said, the condition does not: it would change with every answer', () => {
    const world = asked(QUERY, { measured: { ...REFUSED, detail: 'connect ECONNREFUSED 10.0.0.7:9090' } });
    const [event] = plan(world).steps.flatMap((step) => (step.do === 'event' ? [step.event.message] : []));
    expect(event).toContain('10.0.0.7');
    expect(messageOf(world, 'SignalAvailable')).not.toContain('10.0.0.7');
  });

  test('is back', () => {
    const lost = next(asked(QUERY, { measured: FRESH }), { measured: REFUSED });
    const back = next(lost, { measured: FRESH });
    expect(said(back).map(([, status]) => status)).toEqual(['False', 'True']);
    expect(events(back)).toEqual([['Normal', 'SignalAvailable']]);
  });

  test('another number is no change', () => {
    const world = next(asked(QUERY, { measured: FRESH }), {
      measured: measuredAfter(steadily(99, 0, 60), 70),
    });
    expect(plan(world).steps).toEqual([]);
  });

  test('is not known before the first answer; after a restart what was said before holds', () => {
    const unmeasured = decide(undefined, standingWith(), after(0));
    for (const measured of [undefined, unmeasured])
      expect(said(asked(QUERY, { measured }))).toEqual([
        ['FallbackActive', 'Unknown', 'NotMeasuredYet'],
        ['SignalAvailable', 'Unknown', 'NotMeasuredYet'],
      ]);
    const before = asked(QUERY, { measured: FRESH });
    expect(plan(next(before, { measured: unmeasured })).steps).toEqual([]);
  });
});

describe('what is not measured by us', () => {
  test('is not told of, and what was told is taken back', () => {
    const cpu = { metric: 'cpu', target: '70' };
    expect(said(asked(cpu))).toEqual([]);
    const before = stored(next(asked(QUERY, { measured: FRESH }), {}));
    expect(said(asked(cpu, {}, before))).toEqual([]);
  });

  describe('but by KEDA', () => {
    const byKeda = (
      conditions: readonly JsonObject[],
      status: JsonObject = STARTED,
      health: JsonObject = {},
    ): World =>
      asked(
        QUERY,
        {
          kedaServed: true,
          config: configOf(),
          scaledObject: scaledObjectOf({ status: { conditions: [...conditions], health } }),
          hpa: kedasHpaOf(),
        },
        status,
      );
    const ready = (status: string, reason: string): JsonObject => ({ type: 'Ready', status, reason });
    const fallback = (status: string): JsonObject => ({ type: 'Fallback', status, reason: 'Any' });

    test.each<[string, readonly JsonObject[], readonly string[]]>([
      ['has a value', [ready('True', 'ScaledObjectReady'), fallback('False')], ['False', 'True']],
      ['has none', [ready('False', 'TriggerError'), fallback('False')], ['False', 'False']],
      ['has none of one trigger', [ready('Unknown', 'PartialTriggerError')], ['False', 'False']],
      ['has none and falls back', [ready('False', 'TriggerError'), fallback('True')], ['True', 'False']],
    ])('%s', (_, conditions, statuses) => {
      expect(said(byKeda(conditions)).map(([, status]) => status)).toEqual(statuses);
    });

    test('has none also while KEDA calls the ScaledObject ready again because its spec is fine', () => {
      const health = { 's0-prometheus': { numberOfFailures: 3, status: 'Failing' } };
      const world = byKeda([ready('True', 'ScaledObjectReady')], STARTED, health);
      expect(said(world).map(([, status]) => status)).toEqual(['False', 'False']);
      const happy = byKeda([ready('True', 'ScaledObjectReady')], STARTED, {
        's0-prometheus': { status: 'Happy' },
      });
      expect(said(happy).map(([, status]) => status)).toEqual(['False', 'True']);
    });
    test('is not told of before KEDA has looked; then what was told before stays', () => {
      const silent = [[], [ready('False', 'ScaledObjectCheckFailed')]];
      for (const conditions of silent) expect(said(byKeda(conditions))).toEqual([]);
      const before = stored(next(byKeda([ready('False', 'TriggerError')]), {}));
      expect(said(byKeda([], before))).toHaveLength(2);
    });
  });

  describe('for KEDA, which asks us', () => {
    const forKeda = (measured: World['measured'], ready: JsonObject): World =>
      asked(
        { ...QUERY, 'hpa-bridge.dev/keda-trigger': 'bridge' },
        {
          kedaServed: true,
          config: configOf(),
          externalMetrics: { state: 'foreign', owner: 'keda/keda-operator-metrics-apiserver' },
          scaledObject: scaledObjectOf({ status: { conditions: [{ type: 'Ready', ...ready }] } }),
          hpa: kedasHpaOf(),
          measured,
        },
      );
    const GOOD = { status: 'True', reason: 'ScaledObjectReady' };
    const BAD = { status: 'False', reason: 'TriggerError' };

    test.each<[string, World['measured'], JsonObject, string | undefined]>([
      ['has a value', FRESH, GOOD, undefined],
      ['has a value that KEDA does not get', FRESH, BAD, 'TriggerError'],
      ['has none, whatever KEDA says', REFUSED, GOOD, 'PrometheusRefused'],
      ['has none, and that is why KEDA gets none', REFUSED, BAD, 'PrometheusRefused'],
    ])('%s', (_, measured, ready, reason) => {
      const status = reason === undefined ? 'True' : 'False';
      expect(conditionOf(forKeda(measured, ready), 'SignalAvailable')).toMatchObject({ status });
      expect(conditionOf(forKeda(measured, ready), 'SignalAvailable')?.reason).toBe(reason);
    });
  });

  test('what was told stays while an annotation is refused: the query before it is still asked', () => {
    const before = stored(next(asked(QUERY, { measured: FRESH }), {}));
    expect(said(asked({ ...QUERY, target: '-1' }, { measured: FRESH }, before))).toHaveLength(2);
  });
});

describe('while external.metrics.k8s.io is not ours', () => {
  const FOREIGN: Claim = { state: 'foreign', owner: 'keda/keda-operator-metrics-apiserver' };
  const UNCLAIMED: Claim = { state: 'unclaimed' };
  const scalers = (world: World) =>
    plan(world).steps.flatMap((step) =>
      'kind' in step && step.kind !== 'ServerlessService' ? [step.do] : [],
    );

  test.each([
    ['ExternalMetricsForeign', FOREIGN, 'keda/keda-operator-metrics-apiserver'],
    ['ExternalMetricsUnclaimed', UNCLAIMED, 'or not yet'],
  ])('no HPA is made, and why is said: %s', (reason, externalMetrics, words) => {
    const world = asked(QUERY, { externalMetrics });
    expect(scalers(world)).toEqual([]);
    const active = conditionOf(world, 'Active');
    expect([active?.status, active?.reason]).toEqual(['Unknown', reason]);
    expect(active?.message).toContain(words);
    expect(said(world)).toEqual([
      ['FallbackActive', 'True', 'NoValue'],
      ['SignalAvailable', 'False', reason],
    ]);
  });

  test('an HPA that asks for the value already is kept as it should be', () => {
    const before = asked(QUERY, { measured: FRESH });
    const with_ = next(before, { externalMetrics: FOREIGN });
    expect(scalers(with_)).toEqual([]);
    expect(conditionOf(with_, 'Active')?.status).toBe('True');
    const raised = next(asked({ ...QUERY, 'min-scale': '1' }, { measured: FRESH }), {
      pa: paOf({ ...QUERY, 'min-scale': '3' }, { status: STARTED }),
      externalMetrics: FOREIGN,
    });
    expect(scalers(raised)).toEqual(['apply']);
  });

  test.each([
    ['an HPA for cpu', { hpa: hpaOf({ spec: { metrics: [] } }) }],
    ['KEDA', { kedaServed: true, scaledObject: scaledObjectOf(), hpa: kedasHpaOf() }],
  ])('%s goes on scaling', (_, scaler) => {
    const world = asked(QUERY, { externalMetrics: FOREIGN, ...scaler });
    expect(scalers(world)).toEqual([]);
    expect(conditionOf(world, 'Active')?.status).toBe('True');
    expect(said(world)).toHaveLength(2);
  });

  test('other revisions are not concerned', () => {
    expect(scalers(asked({ metric: 'cpu', target: '70' }, { externalMetrics: FOREIGN }))).toEqual(['apply']);
  });
});
