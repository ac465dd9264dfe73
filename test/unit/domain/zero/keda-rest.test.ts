import { describe, expect, test } from '@jest/globals';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { ms } from '../../../../src/domain/time.ts';
import { isAlwaysActive } from '../../../../src/domain/zero/keda-rest.ts';
import { effectOf } from '../../../builders/effect.ts';
import { configOf, hpaOf, revisionOf, scaledObjectOf, byScaledObject } from '../../../builders/world.ts';
import { activePa, asleepWorld, idleWorld, minute, QUIET, servingWorld } from '../../../builders/zero.ts';

const CPU = { metric: 'cpu', target: '70' } as const;
const PAUSED = 'autoscaling.keda.sh/paused';
const triggers = [{ type: 'cpu', metadata: { value: '70' }, metricType: 'Utilization' }];
const saying = (
  type: string,
  status: string,
): { readonly conditions: readonly { type: string; status: string }[] } => ({
  conditions: [
    { type: 'Ready', status: 'True' },
    { type: 'Active', status: 'True' },
    { type, status },
  ],
});
const byKeda = (world: World, changed: Partial<World> = {}): World => ({
  ...world,
  kedaServed: true,
  pods: undefined,
  revision: revisionOf(CPU),
  hpa: hpaOf({ owners: [byScaledObject()] }),
  scaledObject: scaledObjectOf({ spec: { triggers }, status: saying('Paused', 'False') }),
  ...changed,
});

/** What KEDA is told, and what becomes of the pods. */
function outcome(world: World): unknown {
  const planned = plan(world);
  const { scaledObject, deployment } = effectOf(world, planned);
  return {
    state: planned.life?.state,
    paused: scaledObject?.metadata.annotations[PAUSED] ?? 'no',
    least: scaledObject?.spec['minReplicaCount'],
    replicas: deployment?.spec.replicas,
  };
}

const serving = activePa('True', ms(3_600_000), CPU);
const inactive = activePa('False', minute, CPU);
const STOPPED = {
  scaledObject: scaledObjectOf({ spec: { triggers }, status: saying('Paused', 'True') }),
  hpa: undefined,
};

describe('a revision that KEDA scales by cpu alone', () => {
  test('is idle by its requests, whatever KEDA takes for active, and KEDA is paused', () => {
    expect(outcome(byKeda(servingWorld({ pa: serving })))).toEqual({
      state: 'idle',
      paused: 'true',
      least: 1,
      replicas: 1,
    });
  });
  test.each<[string, Partial<World>, number]>([
    ['stays before KEDA says that it is paused', {}, 1],
    ['stays before its HPA is gone', { scaledObject: STOPPED.scaledObject }, 1],
    ['goes once it has stopped', STOPPED, 0],
  ])('the last pod %s', (_name, changed, replicas) => {
    const world = byKeda(idleWorld(minute, { pa: inactive, evidence: QUIET }), changed);
    expect(outcome(world)).toMatchObject({ paused: 'true', replicas });
  });
  test('sleeps paused', () => {
    expect(outcome(byKeda(asleepWorld({ pa: inactive }), STOPPED))).toEqual({
      state: 'zero',
      paused: 'true',
      least: 1,
      replicas: 0,
    });
  });
  test('is scaled by KEDA again from the moment on in which somebody needs it', () => {
    const world = byKeda(asleepWorld({ pa: inactive }), STOPPED);
    const requests = { busyAt: world.at, heldAt: world.at, watchedSince: world.at };
    expect(outcome({ ...world, requests })).toEqual({ state: 'waking', paused: 'no', least: 1, replicas: 1 });
  });
});

describe('an override', () => {
  const overridden = (spec: object): World => {
    const annotations = { 'scaled-object-override': JSON.stringify({ spec }) };
    return byKeda(servingWorld({ pa: activePa('True', ms(3_600_000), annotations) }), {
      revision: revisionOf(annotations),
      config: configOf({ keda: { prometheusAddress: 'http://p:9090' } }),
      scaledObject: undefined,
      hpa: undefined,
    });
  };
  const queue = [
    { type: 'prometheus', metadata: { serverAddress: 'http://p:9090', query: 'q', threshold: '5' } },
  ];
  test.each<[string, object, Record<string, unknown>]>([
    ['says nothing of a minimum', { triggers: queue }, { minReplicaCount: 0, cooldownPeriod: 2147483647 }],
    [
      'asks for none at least',
      { triggers: queue, minReplicaCount: 0, cooldownPeriod: 5 },
      { minReplicaCount: 0, cooldownPeriod: 2147483647 },
    ],
    [
      'scales by memory alone',
      { triggers: [{ type: 'memory', metadata: { value: '70' }, metricType: 'Utilization' }] },
      { minReplicaCount: 1 },
    ],
  ])('that %s sleeps', (_name, spec, expected) => {
    const world = overridden(spec);
    const after = effectOf(world, plan(world));
    expect(plan(world).life).toBeDefined();
    expect(after.scaledObject?.spec).toMatchObject(expected);
  });
  test.each([{ minReplicaCount: 1 }, { minReplicaCount: 2, idleReplicaCount: 1 }])(
    'with %j keeps its pods',
    (least) => {
      const after = effectOf(
        overridden({ triggers: queue, ...least }),
        plan(overridden({ triggers: queue, ...least })),
      );
      expect(after.scaledObject?.spec).toMatchObject(least);
      expect(after.pa.status.conditions.some(({ type }) => type === 'ActivatorAvailable')).toBe(false);
    },
  );
});

test.each([
  [undefined, false],
  [[], false],
  [triggers, true],
  [[...triggers, { type: 'memory' }], true],
  [[...triggers, { type: 'cron' }], false],
])('%j counts as always active: %s', (list, expected) => {
  expect(isAlwaysActive(list)).toBe(expected);
});
