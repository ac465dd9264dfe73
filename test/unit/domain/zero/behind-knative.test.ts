import { describe, expect, test } from '@jest/globals';
import { conditionOf } from '../../../../src/domain/k8s/read/condition.ts';
import { serverlessServiceView } from '../../../../src/domain/k8s/read/children.ts';
import type { Service } from '../../../../src/domain/k8s/read/service.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { ms } from '../../../../src/domain/time.ts';
import { effectOf } from '../../../builders/effect.ts';
import { configOf, sksOf } from '../../../builders/world.ts';
import {
  activatorsOf,
  activePa,
  asleepWorld,
  CONCURRENCY,
  endpointsOf,
  idleWorld,
  KNATIVES,
  minute,
  PODS,
  QUIET,
  serviceOf,
  servingWorld,
} from '../../../builders/zero.ts';

const config = configOf({ bridge: { zero: 'knative-activator' } });
const activators = activatorsOf({ installed: false, ours: [], knativesHeard: true });
const bySks = [
  {
    apiVersion: 'networking.internal.knative.dev/v1alpha1',
    kind: 'ServerlessService',
    name: 'hello-00001',
    uid: 'sks',
    controller: true,
  },
];

const BY_SKS = endpointsOf([], { ownerReferences: bySks }).metadata.ownerReferences;

/** Services that a ServerlessService keeps, with these addresses behind the public one. */
const theirs = (behind: readonly string[], pods: readonly string[] = []): World['services'] => {
  const service = (name: string): Service => {
    const ours = serviceOf(name);
    return { ...ours, metadata: { ...ours.metadata, ownerReferences: BY_SKS } };
  };
  const name = 'hello-00001';
  const privately = { name: `${name}-private`, type: 'Private', ownerReferences: bySks };
  return {
    publicService: service(name),
    privateService: service(`${name}-private`),
    publicEndpoints: endpointsOf(behind, { ownerReferences: bySks }),
    privateEndpoints: endpointsOf(pods, privately),
    beyond: [],
    slices: [],
  };
};
const behind = (world: World, changed: Partial<World> = {}): World => ({
  ...world,
  config,
  activators,
  sks: sksOf(),
  services: theirs([PODS[0]], [PODS[0]]),
  ...changed,
});

function outcome(world: World): unknown {
  const planned = plan(world);
  const after = effectOf(world, planned);
  const { mode, numActivators } = serverlessServiceView.parse(after.sks).spec as {
    mode: string;
    numActivators: number;
  };
  return {
    state: planned.life?.state,
    active: conditionOf(after.pa.status.conditions, 'Active')?.status,
    mode,
    activators: numActivators,
    replicas: after.deployment?.spec.replicas,
    asks: planned.life?.inquiry?.of,
  };
}
const SERVING = {
  state: 'serving',
  active: 'True',
  mode: 'Serve',
  activators: 0,
  replicas: 1,
  asks: undefined,
};
const IDLE = { state: 'idle', active: 'False', mode: 'Proxy', activators: 4, replicas: 1, asks: undefined };
const PROXIED = sksOf({ spec: { mode: 'Proxy', numActivators: 4 } });

describe('a revision that sleeps behind activators of Knative', () => {
  test('serves', () => {
    const requests = { busyAt: servingWorld().at, heldAt: undefined, watchedSince: servingWorld().at };
    expect(outcome(behind(servingWorld(), { requests }))).toEqual(SERVING);
  });
  test('is inactive and proxied after a window without requests', () => {
    expect(outcome(behind(servingWorld()))).toEqual(IDLE);
  });
  test('asks whether requests reach activators of Knative', () => {
    const world = behind(idleWorld(minute), { sks: PROXIED, services: theirs(KNATIVES, [PODS[0]]) });
    expect(outcome(world)).toEqual({ ...IDLE, asks: 'knative' });
    expect(outcome({ ...world, evidence: { ...QUIET, inPath: false, inFlight: undefined } })).toEqual({
      ...IDLE,
      asks: 'knative',
    });
    expect(outcome({ ...world, evidence: QUIET })).toEqual({ ...IDLE, state: 'zero', replicas: 0 });
  });
  test('keeps its pod while not all of them tell what they hold', () => {
    const deaf = activatorsOf({ ours: [], knativesHeard: false });
    expect(outcome(behind(servingWorld(), { activators: deaf }))).toEqual(SERVING);
    const after = effectOf(
      behind(servingWorld(), { activators: deaf }),
      plan(behind(servingWorld(), { activators: deaf })),
    );
    expect(conditionOf(after.pa.status.conditions, 'ActivatorAvailable')).toMatchObject({
      status: 'False',
      reason: 'ActivatorsUnheard',
    });
  });
  test('is woken by a request that one of them holds', () => {
    const world = behind(asleepWorld(), {
      sks: PROXIED,
      services: theirs(KNATIVES),
    });
    expect(outcome(world)).toMatchObject({ state: 'zero', replicas: 0 });
    const requests = { busyAt: world.at, heldAt: world.at, watchedSince: world.at };
    expect(outcome({ ...world, requests })).toMatchObject({
      state: 'waking',
      active: 'Unknown',
      replicas: 1,
    });
  });
});

describe('where it is said while revisions exist', () => {
  test('one that serves is handed to a ServerlessService', () => {
    const steps = plan({ ...servingWorld(), config, activators }).steps;
    expect(steps).toContainEqual(expect.objectContaining({ do: 'apply', kind: 'ServerlessService' }));
  });
  test('one that sleeps sleeps on, behind activators of ours or else of Knative', () => {
    const ours = plan({ ...asleepWorld(), config, activators: activatorsOf({ knativesHeard: true }) });
    expect(ours.life?.state).toBe('zero');
    expect(ours.steps.filter((step) => 'kind' in step && step.kind === 'ServerlessService')).toEqual([]);
    const moved = plan({ ...asleepWorld(), config, activators });
    expect(moved.life?.state).toBe('zero');
    const after = effectOf({ ...asleepWorld(), config, activators }, moved);
    expect(after.services.publicEndpoints?.subsets[0]?.addresses).toEqual(KNATIVES.map((ip) => ({ ip })));
    expect(after.deployment?.spec.replicas).toBe(0);
  });
  test('one that somebody asked us for stays ours', () => {
    const pa = activePa('False', ms(3_600_000), { ...CONCURRENCY, 'hpa-bridge.dev/services': 'bridge' });
    const { life } = plan({
      ...asleepWorld({ pa }),
      config,
      activators: activatorsOf({ knativesHeard: true }),
    });
    expect(life?.state).toBe('zero');
  });
  test('it is taken back: who sleeps behind Knative gets a pod', () => {
    const world = behind(asleepWorld(), { config: configOf(), sks: PROXIED, services: theirs(KNATIVES) });
    expect(plan(world).steps).toContainEqual(expect.objectContaining({ do: 'scale', replicas: 1 }));
  });
});
