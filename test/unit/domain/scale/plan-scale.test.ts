import { describe, expect, test } from '@jest/globals';
import { AUTOSCALER_DEFAULTS } from '../../../../src/domain/config/autoscaler.ts';
import { nanos, SECOND } from '../../../../src/domain/go/duration.ts';
import { conditionOf, type Condition } from '../../../../src/domain/k8s/read/condition.ts';
import { desiredScaleAfter } from '../../../../src/domain/scale/activity.ts';
import { planScale, type ScalePlan, type ScaleWorld } from '../../../../src/domain/scale/plan-scale.ts';
import { firstStatus, isNews, nextTick, wakes } from '../../../../src/domain/scale/ticks.ts';
import { instant } from '../../../../src/domain/time.ts';
import { NO_SETTINGS, settingsOf, specOf } from '../../../builders/scale.ts';

const NOW = instant(1_700_000_000_000);
const ACTIVE: Condition = { type: 'Active', status: 'True', lastTransitionTime: '2023-11-14T20:00:00Z' };
const STARTED: Condition = {
  type: 'ScaleTargetInitialized',
  status: 'True',
  lastTransitionTime: '2023-11-14T20:00:00Z',
};

function worldOf(changed: Partial<ScaleWorld> = {}): ScaleWorld {
  return {
    at: NOW,
    source: {
      settings: NO_SETTINGS,
      config: AUTOSCALER_DEFAULTS,
      progressDeadline: nanos(600n * SECOND),
      metric: 'concurrency',
      containerConcurrency: 0,
      reachability: 'Reachable',
    },
    stored: {
      conditions: [ACTIVE, STARTED],
      activeSince: instant(NOW - 3_600_000),
      serviceName: 'hello-00001',
      desiredScale: 2,
    },
    services: {
      serviceName: 'hello-00001',
      privateServiceName: 'hello-00001-private',
      ready: true,
      message: '',
    },
    proxy: { wanted: false, since: undefined },
    readyPods: 2,
    decider: { desiredScale: 2, excessBurstCapacity: 5 },
    ...changed,
  };
}

function planOf(changed: Partial<ScaleWorld> = {}): ScalePlan {
  const plan = planScale(worldOf(changed));
  if ('prove' in plan) throw new Error('asked for a probe');
  return plan;
}

const saidOf = ({ status }: ScalePlan, type: string): readonly (string | undefined)[] => {
  const condition = conditionOf(status.conditions, type);
  return [condition?.status, condition?.reason, condition?.message];
};

describe('one reconcile by concurrency', () => {
  test('of a revision that carries its load scales it and takes the activator out of the path', () => {
    const plan = planOf({ decider: { desiredScale: 4, excessBurstCapacity: 0 } });
    expect(plan).toMatchObject({
      proxy: false,
      measured: { scaling: { replicas: 4 }, metric: { scrapeTarget: 'hello-00001-private' } },
      status: { desiredScale: 4, actualScale: 2, serviceName: 'hello-00001' },
    });
    expect(saidOf(plan, 'Ready')[0]).toBe('True');
  });

  test('keeps the activator in the path while the pods cannot carry a burst', () => {
    expect(planOf({ decider: { desiredScale: 4, excessBurstCapacity: -1 } }).proxy).toBe(true);
  });

  test('without services measures nothing and scales nothing', () => {
    const services = { serviceName: '', privateServiceName: '', ready: false, message: '' };
    const plan = planOf({ services, stored: { ...worldOf().stored, conditions: [] } });
    expect(plan).toMatchObject({ proxy: true, activators: 2, status: { actualScale: 0, desiredScale: 2 } });
    expect(plan.measured).toBeUndefined();
    expect(saidOf(plan, 'SKSReady')).toEqual(['Unknown', 'NotReady', 'No Private Service Name']);
    expect(saidOf(plan, 'Active').slice(0, 2)).toEqual(['Unknown', 'Queued']);
  });

  test('tells that a revision that nobody needs is inactive, and keeps its pods for now', () => {
    const plan = planOf({ decider: { desiredScale: 0, excessBurstCapacity: 0 } });
    expect(plan).toMatchObject({ proxy: true, status: { desiredScale: 0 } });
    expect(plan.measured?.scaling.replicas).toBeUndefined();
    expect(saidOf(plan, 'Active')).toEqual(['False', 'NoTraffic', 'The target is not receiving traffic.']);
  });

  test('asks for a probe before the last pod goes', () => {
    const conditions = [{ ...ACTIVE, status: 'False' } as const, STARTED];
    const world = worldOf({
      stored: { ...worldOf().stored, conditions },
      decider: { desiredScale: 0, excessBurstCapacity: 0 },
    });
    expect(planScale(world)).toEqual({ prove: true });
    expect(planScale({ ...world, inPath: true })).toMatchObject({ measured: { scaling: { replicas: 0 } } });
    expect(planScale({ ...world, inPath: false })).toMatchObject({
      measured: { scaling: { replicas: undefined, awaitProof: true } },
    });
  });

  test('queues requests while pods are missing', () => {
    const source = { ...worldOf().source, settings: settingsOf({ minScale: 3 }) };
    expect(saidOf(planOf({ source }), 'Active').slice(0, 2)).toEqual(['Unknown', 'Queued']);
  });

  test('gives a start up that took too long', () => {
    const plan = planOf({
      stored: { ...worldOf().stored, conditions: [{ ...ACTIVE, status: 'Unknown' }] },
      readyPods: 0,
      decider: { desiredScale: 0, excessBurstCapacity: 0 },
    });
    expect(plan.measured?.scaling.replicas).toBe(0);
    expect(saidOf(plan, 'Active').slice(0, 2)).toEqual(['False', 'TimedOut']);
  });
});

test('right after a restart the desired scale that was told stays', () => {
  expect([desiredScaleAfter(3, -1), desiredScaleAfter(undefined, -1), desiredScaleAfter(3, 0)]).toEqual([
    3, -1, 0,
  ]);
});

describe('when a revision is decided upon', () => {
  test('ticks keep their phase, and missed ones are left out', () => {
    const from = instant(500);
    expect([500, 2499, 2500, 9000].map((now) => nextTick(from, instant(now)))).toEqual([
      2500, 2500, 4500, 10_500,
    ]);
  });

  test('at once when requests wait and there is no pod', () => {
    const status = { desiredScale: 0, excessBurstCapacity: -1 };
    expect(wakes(status, { averageConcurrentRequests: 1 })).toBe(true);
    expect(wakes(status, { averageConcurrentRequests: 0 })).toBe(false);
    expect(wakes({ ...status, desiredScale: -1 }, { averageConcurrentRequests: 1 })).toBe(false);
  });

  test('another scale is news, and a burst capacity that crosses zero', () => {
    const was = { desiredScale: 2, excessBurstCapacity: 3 };
    expect(isNews(was, { ...was, excessBurstCapacity: 0 })).toBe(false);
    expect(isNews(was, { ...was, excessBurstCapacity: -1 })).toBe(true);
    expect(isNews(was, { ...was, desiredScale: 3 })).toBe(true);
  });

  test('before the first decision the scale is unknown, and the initial pods tell the burst capacity', () => {
    expect(firstStatus(specOf({ total: 100, targetBurstCapacity: 211, initialScale: 2 }))).toEqual({
      desiredScale: -1,
      excessBurstCapacity: -11,
    });
    expect(firstStatus(specOf({ targetBurstCapacity: 0 })).excessBurstCapacity).toBe(0);
  });
});
