import { describe, expect, test } from '@jest/globals';
import { conditionOf } from '../../../../src/domain/k8s/read/condition.ts';
import { readyAddresses } from '../../../../src/domain/k8s/read/endpoints.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { Step, World } from '../../../../src/domain/plan/world.ts';
import { instant, ms, seconds } from '../../../../src/domain/time.ts';
import { effectOf } from '../../../builders/effect.ts';
import { deploymentOf, NOW, scaledObjectOf, worldOf, hpaOf } from '../../../builders/world.ts';
import {
  activatorsOf,
  activePa,
  asleepWorld,
  CONCURRENCY,
  idleWorld,
  KNATIVES,
  minute,
  OURS,
  PODS,
  QUIET,
  servicesOf,
  servingWorld,
} from '../../../builders/zero.ts';

interface Outcome {
  readonly state: string | undefined;
  readonly active: string;
  readonly behind: readonly string[];
  readonly replicas: number | undefined;
  readonly asks: boolean;
}

/** What a plan makes of the world, as far as the life of the revision goes. */
function outcome(world: World): Outcome {
  const planned = plan(world);
  const after = effectOf(world, planned);
  const active = conditionOf(after.pa.status.conditions, 'Active');
  return {
    state: planned.life?.state,
    active: `${active?.status ?? ''} ${active?.reason ?? ''}`.trim(),
    behind: readyAddresses(after.services.publicEndpoints).map(({ ip }) => ip),
    replicas: after.deployment?.spec.replicas,
    asks: planned.life?.inquiry !== undefined,
  };
}
const BUSY = { busyAt: instant(NOW - 5000), heldAt: undefined, watchedSince: instant(NOW - 3_600_000) };
const HELD = { ...BUSY, heldAt: NOW };
const decided = (desiredScale: number, excessBurstCapacity = 0): World['pods'] => ({
  status: { desiredScale, excessBurstCapacity },
  problem: undefined,
});

const SERVING = { state: 'serving', active: 'True', behind: [PODS[0]], replicas: 1, asks: false };
const IDLE = { state: 'idle', active: 'False NoTraffic', behind: [...OURS], replicas: 1, asks: false };
const ZERO = { ...IDLE, state: 'zero', replicas: 0 };
const WAKING = { state: 'waking', active: 'Unknown Queued', behind: [...OURS], replicas: 1, asks: false };

describe('serving', () => {
  test.each<[string, Partial<World>, Partial<Outcome>]>([
    ['nobody has asked for a window: inactive, behind activators', {}, IDLE],
    ['requests within the window', { requests: BUSY }, {}],
    ['pods are wanted', { pods: decided(3) }, { replicas: 3 }],
    ['not decided yet', { pods: decided(-1) }, {}],
    ['nobody has watched for a window', { requests: { ...BUSY, busyAt: undefined, watchedSince: NOW } }, {}],
    ['nobody watches', { requests: undefined }, {}],
    ['active for less than a window', { pa: activePa('True', seconds(59), CONCURRENCY) }, {}],
    ['min-scale', { pa: activePa('True', minute, { ...CONCURRENCY, 'min-scale': '1' }) }, {}],
    ['nobody could wake it', { activators: activatorsOf({ ours: [] }) }, {}],
    [
      'the pods could not take a burst: behind activators all the same',
      { pods: decided(1, -1), requests: BUSY },
      { behind: [...OURS] },
    ],
    [
      'but not if these do not tell what they hold',
      { pods: decided(1, -1), requests: BUSY, activators: activatorsOf({ heard: false }) },
      {},
    ],
    [
      'its pods are gone: activators at once, and the replicas stay',
      { requests: BUSY, readyPods: 0, services: servicesOf([PODS[0]], []) },
      WAKING,
    ],
    [
      'its pods are gone, and no activator of ours is ready: those of Knative',
      {
        requests: BUSY,
        readyPods: 0,
        services: servicesOf([PODS[0]], []),
        activators: activatorsOf({ ours: [] }),
      },
      { ...WAKING, behind: [...KNATIVES] },
    ],
    [
      'nobody at all is ready: what stands there stays',
      {
        requests: BUSY,
        readyPods: 0,
        services: servicesOf([PODS[0]], []),
        activators: activatorsOf({ ours: [], knatives: [] }),
      },
      { ...WAKING, behind: [PODS[0]] },
    ],
  ])('%s', (_name, changed: Partial<World>, expected) => {
    expect(outcome(servingWorld(changed))).toEqual({ ...SERVING, ...expected });
  });
});

describe('on the way to zero', () => {
  const LONG = seconds(31);
  test.each<[string, World, Partial<Outcome>]>([
    ['it is found out whether activators are in the path', idleWorld(seconds(1)), { asks: true }],
    ['they are, but gateways may lag', idleWorld(seconds(29), { evidence: QUIET }), {}],
    ['long enough, and nothing is in flight', idleWorld(LONG, { evidence: QUIET }), { ...ZERO, asks: false }],
    ['long enough, but it is not known', idleWorld(LONG), { asks: true }],
    [
      'something else answers',
      idleWorld(LONG, { evidence: { ...QUIET, inPath: false, inFlight: undefined } }),
      { asks: true },
    ],
    [
      'somebody does not say',
      idleWorld(LONG, { evidence: { ...QUIET, inFlight: undefined } }),
      { asks: true },
    ],
    [
      'what is known is old',
      idleWorld(LONG, { evidence: { ...QUIET, at: instant(NOW - 3001) } }),
      { asks: true },
    ],
    [
      'other Endpoints were asked about',
      idleWorld(LONG, { evidence: { ...QUIET, endpoints: '499' } }),
      { asks: true },
    ],
    [
      'pods stand in the Endpoints again',
      idleWorld(LONG, { evidence: QUIET, services: servicesOf([PODS[0]], [PODS[0]]) }),
      { asks: true },
    ],
    ['a request is in flight: back', idleWorld(LONG, { evidence: { ...QUIET, inFlight: 1 } }), SERVING],
    ['a request is held: back', idleWorld(seconds(5), { requests: HELD }), SERVING],
    ['a request was at the pods: back', idleWorld(seconds(5), { requests: BUSY }), SERVING],
    ['pods are wanted: back', idleWorld(seconds(5), { pods: decided(2) }), { ...SERVING, replicas: 2 }],
    [
      'after a restart nothing is known: it waits',
      idleWorld(LONG, { pods: decided(-1), requests: undefined }),
      { active: 'False' },
    ],
    [
      'kept for longer by retention',
      idleWorld(seconds(40), {
        evidence: QUIET,
        pa: activePa('False', seconds(40), {
          ...CONCURRENCY,
          'scale-to-zero-pod-retention-period': '50s',
        }),
      }),
      {},
    ],
    [
      'but not where nothing routes to it',
      idleWorld(seconds(40), {
        evidence: QUIET,
        pa: activePa(
          'False',
          seconds(40),
          { ...CONCURRENCY, 'scale-to-zero-pod-retention-period': '50s', 'min-scale': '2' },
          { spec: { reachability: 'Unreachable' } },
        ),
      }),
      ZERO,
    ],
    [
      'the activators are gone: back',
      idleWorld(LONG, { evidence: QUIET, activators: activatorsOf({ ours: [] }) }),
      SERVING,
    ],
    ['its pod crashed', idleWorld(seconds(5), { readyPods: 0, services: servicesOf(OURS, []) }), WAKING],
  ])('%s', (_name, world: World, expected) => {
    expect(outcome(world)).toEqual({ ...IDLE, ...expected });
  });
});

describe('at zero', () => {
  test.each<[string, Partial<World>, Partial<Outcome>]>([
    ['nobody asks', {}, {}],
    ['a request waits', { requests: HELD, pods: decided(-1) }, { ...WAKING }],
    ['pods are wanted', { pods: decided(4) }, { ...WAKING, replicas: 4 }],
    [
      'to the activation scale',
      { requests: HELD, pa: activePa('False', minute, { ...CONCURRENCY, 'activation-scale': '3' }) },
      { ...WAKING, replicas: 3 },
    ],
    [
      'not above the maximum',
      { pods: decided(9), pa: activePa('False', minute, { ...CONCURRENCY, 'max-scale': '2' }) },
      { ...WAKING, replicas: 2 },
    ],
    [
      'the minimum counts again',
      { pa: activePa('False', minute, { ...CONCURRENCY, 'min-scale': '2' }) },
      { ...WAKING, replicas: 2 },
    ],
    [
      'dying pods are still ready, and get no requests',
      { readyPods: 1, services: servicesOf(OURS, [PODS[0]]) },
      {},
    ],
    ['other activators than before', { services: servicesOf(['10.9.0.7'], []) }, {}],
    ['no activator of ours', { activators: activatorsOf({ ours: [] }) }, { behind: [...KNATIVES] }],
  ])('%s', (_name, changed: Partial<World>, expected) => {
    expect(outcome(asleepWorld(changed))).toEqual({ ...ZERO, ...expected });
  });
});

describe('waking', () => {
  const waking = (changed: Partial<World> = {}): World =>
    servingWorld({
      pa: activePa('Unknown', seconds(5), CONCURRENCY),
      readyPods: 0,
      services: servicesOf(OURS, []),
      ...changed,
    });
  test.each<[string, World, Partial<Outcome>]>([
    ['pods are on their way', waking(), {}],
    ['somebody has given it a pod', waking({ pa: activePa('False', minute, CONCURRENCY) }), {}],
    ['a pod is ready', waking({ readyPods: 1, services: servicesOf(OURS, [PODS[0]]) }), SERVING],
    [
      'not within the deadline',
      waking({ pa: activePa('Unknown', seconds(631), CONCURRENCY) }),
      { ...ZERO, active: 'False TimedOut' },
    ],
    [
      'not within the deadline, and none has ever come that could have been measured',
      waking({ pa: activePa('Unknown', seconds(631), CONCURRENCY), pods: decided(-1) }),
      { ...ZERO, active: 'False TimedOut' },
    ],
    [
      'not within the deadline, but it has never started: Knative tells that itself',
      waking({ pa: activePa('Unknown', seconds(631), CONCURRENCY, { started: false }) }),
      {},
    ],
    [
      'a deadline counts for nothing while a request waits',
      waking({ pa: activePa('Unknown', seconds(631), CONCURRENCY), requests: HELD }),
      {},
    ],
  ])('%s', (_name, world: World, expected) => {
    expect(outcome(world)).toEqual({ ...WAKING, ...expected });
  });
});

describe('a query', () => {
  const QUERY = { query: 'up', target: '5', 'hpa-bridge.dev/backend': 'hpa' };
  const fresh: World['measured'] = {
    rung: 'fresh',
    value: 0,
    mayLower: true,
    at: NOW,
    since: instant(NOW - 600_000),
    fault: undefined,
    detail: undefined,
    until: undefined,
  };
  const quietFor = (length: number): World['queryActivity'] => ({
    active: false,
    since: instant(NOW - length),
  });
  const active: World['queryActivity'] = { active: true, since: NOW };
  const serving = (changed: Partial<World>): World =>
    servingWorld({
      pa: activePa('True', ms(3_600_000), QUERY),
      pods: undefined,
      measured: fresh,
      ...changed,
    });
  const asleep = (changed: Partial<World>): World =>
    asleepWorld({ pa: activePa('False', minute, QUERY), pods: undefined, measured: fresh, ...changed });
  test.each<[string, World, Partial<Outcome>]>([
    ['and requests have been quiet for a window', serving({ queryActivity: quietFor(60_000) }), IDLE],
    ['is quiet, but there are requests', serving({ queryActivity: quietFor(60_000), requests: BUSY }), {}],
    ['is quiet for less than a window', serving({ queryActivity: quietFor(59_000) }), {}],
    ['is above its threshold', serving({ queryActivity: active }), {}],
    ['has no number', serving({ queryActivity: undefined }), {}],
    ['does not wake what it does not need', asleep({ queryActivity: quietFor(1000) }), ZERO],
    ['wakes', asleep({ queryActivity: active }), WAKING],
    ['is not needed for a request to wake', asleep({ queryActivity: undefined, requests: HELD }), WAKING],
  ])('%s', (_name, world: World, expected) => {
    expect(outcome(world)).toEqual({ ...SERVING, ...expected });
  });

  test('and the HPA of a revision at zero wants nothing, which is not told while it wakes', () => {
    const hpa = hpaOf({
      status: {
        desiredReplicas: 0,
        currentReplicas: 0,
        conditions: [{ type: 'ScalingActive', status: 'False' }],
      },
    });
    const world = asleep({ queryActivity: active, hpa });
    expect(effectOf(world, plan(world)).pa.status.desiredScale).toBe(1);
    const sleeping = asleep({ queryActivity: quietFor(1000), hpa });
    expect(effectOf(sleeping, plan(sleeping)).pa.status.desiredScale).toBe(0);
  });
});

describe('KEDA asks the query itself', () => {
  const KEDA = { query: 'up', target: '5', 'prometheus-address': 'http://p:9090' };
  const scaledObject = (active: string, lastActive?: string): World['scaledObject'] =>
    scaledObjectOf({
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Active', status: active },
        ],
        ...(lastActive === undefined ? {} : { lastActiveTime: lastActive }),
      },
    });
  const config = { ...worldOf().config };
  const keda = { ...config, keda: { ...config.keda, prometheusAddress: 'http://p:9090' } };
  const serving = (object: World['scaledObject']): World =>
    servingWorld({
      pa: activePa('True', ms(3_600_000), { query: 'up', target: '5' }),
      config: keda,
      kedaServed: true,
      pods: undefined,
      scaledObject: object,
    });
  test.each<[string, World['scaledObject'], string]>([
    ['it was never active', scaledObject('False'), 'idle'],
    ['it was active an hour ago', scaledObject('False', '2026-01-02T02:04:05Z'), 'idle'],
    ['it was active half a minute ago', scaledObject('False', '2026-01-02T03:03:35Z'), 'serving'],
    ['it is active', scaledObject('True', '2026-01-02T02:04:05Z'), 'serving'],
    ['KEDA does not know', scaledObject('Unknown'), 'serving'],
    ['there is no ScaledObject yet', undefined, 'serving'],
  ])('%s: %s', (_name, object, state) => {
    expect(plan(serving(object)).life?.state).toBe(state);
  });

  test('its ScaledObject lets KEDA wake the revision, but never put it to sleep', () => {
    const step = plan(serving(undefined)).steps.find(
      (one): one is Extract<Step, { do: 'apply' }> => one.do === 'apply' && one.kind === 'ScaledObject',
    );
    expect(step?.object).toMatchObject({
      spec: { minReplicaCount: 0, cooldownPeriod: 2147483647, initialCooldownPeriod: 2147483647 },
    });
    expect(KEDA).toBeDefined();
  });
});

test('a revision without its Deployment is given nothing yet', () => {
  const world = servingWorld({ deployment: undefined });
  expect(plan(world).steps.filter(({ do: what }) => what === 'scale')).toEqual([]);
});

test('a new revision is asleep where it starts with no pods', () => {
  const world = worldOf({
    pa: activePa('Unknown', seconds(0), { ...CONCURRENCY, 'initial-scale': '0' }, { started: false }),
    config: {
      ...worldOf().config,
      autoscaler: { ...worldOf().config.autoscaler, allowZeroInitialScale: true },
    },
    deployment: deploymentOf(0),
    services: servicesOf(OURS, []),
    activators: activatorsOf(),
  });
  expect(outcome(world)).toEqual(ZERO);
});
