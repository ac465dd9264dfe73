import { describe, expect, test } from '@jest/globals';
import { ms } from '../../../../src/domain/time.ts';
import type { Key } from '../../../../src/domain/key.ts';
import type { Fault } from '../../../../src/domain/fault.ts';
import type { Scaling, Step, World } from '../../../../src/domain/plan/world.ts';
import type { Acted } from '../../../../src/processes/controller/act.ts';
import { reconcile, type Parts } from '../../../../src/processes/controller/reconcile.ts';
import { effectOf } from '../../../builders/effect.ts';
import { paOf, sksOf, worldOf } from '../../../builders/world.ts';

const CPU = { metric: 'cpu', target: '70' };
const START = worldOf({ pa: paOf(CPU), sks: sksOf(), readyPods: 1 });
const RESYNC = ms(1234);

/** A world that takes the steps of each plan over, as the API server and the caches do. */
class Stage {
  world: World | undefined;
  readonly noted: (Scaling | undefined)[] = [];
  readonly done: Step[] = [];
  /** What the first step that fits fails with. */
  failing: { readonly fits: (step: Step) => boolean; readonly fault: Fault } | undefined;

  constructor(world: World | undefined) {
    this.world = world;
  }

  readonly act = (_key: Key, steps: readonly Step[]): Promise<Acted> => {
    for (const step of steps) {
      if (this.failing?.fits(step) === true)
        return Promise.resolve({ failed: { step, fault: this.failing.fault } });
      this.done.push(step);
      if (this.world !== undefined) this.world = effectOf(this.world, { steps: [step] });
    }
    return Promise.resolve({});
  };

  reconcile(parts: Partial<Parts> = {}): ReturnType<ReturnType<typeof reconcile>> {
    const run = reconcile({
      observe: () => this.world,
      act: this.act,
      awaited: () => undefined,
      resync: () => RESYNC,
      note: (_key, { scaling }) => void this.noted.push(scaling),
      ...parts,
    });
    return run(START.key);
  }

  condition(type: string): unknown {
    return this.world?.pa.status.conditions.find((one) => one.type === type);
  }
}

const isApplyOf =
  (kind: string) =>
  (step: Step): boolean =>
    step.do === 'apply' && step.kind === kind;

describe('a revision', () => {
  test('gets what it needs, and is looked at again at the resync', async () => {
    const stage = new Stage(START);
    expect(await stage.reconcile()).toEqual({ then: 'requeue', after: RESYNC });
    expect(stage.world?.hpa).toBeDefined();
    expect(stage.condition('Active')).toMatchObject({ status: 'True' });
    expect(stage.noted).toEqual([{ signal: 'cpu', backend: 'hpa' }]);
  });

  test('that has all is left alone', async () => {
    const stage = new Stage(START);
    await stage.reconcile();
    stage.done.length = 0;
    expect(await stage.reconcile()).toEqual({ then: 'requeue', after: RESYNC });
    expect(stage.done).toEqual([]);
  });

  test('that is gone, or not ours, is nobody\u2019s work', async () => {
    const stage = new Stage(undefined);
    expect(await stage.reconcile()).toEqual({ then: 'done' });
    expect([stage.done, stage.noted]).toEqual([[], []]);
  });

  test('whose writes the caches do not show yet waits, unseen', async () => {
    const stage = new Stage(START);
    expect(await stage.reconcile({ awaited: () => ms(77) })).toEqual({ then: 'requeue', after: 77 });
    expect([stage.done, stage.noted]).toEqual([[], []]);
  });
});

describe('a write that fails', () => {
  const rejected: Fault = { code: 'rejected', message: 'No, said the server.' };
  test('is told in the status where the server will not have it, and the queue hears of it', async () => {
    const stage = new Stage(START);
    stage.failing = { fits: isApplyOf('HorizontalPodAutoscaler'), fault: rejected };
    expect(await stage.reconcile()).toEqual({ then: 'fault', fault: rejected });
    expect(stage.condition('Active')).toMatchObject({
      reason: 'FailedCreate',
      message: 'Failed to create HorizontalPodAutoscaler "hello-00001". No, said the server.',
    });
  });

  test('for a reason that passes by itself leaves the status as it was', async () => {
    const stage = new Stage(START);
    const fault: Fault = { code: 'api_unavailable', message: 'Nobody answers.' };
    stage.failing = { fits: isApplyOf('HorizontalPodAutoscaler'), fault };
    expect(await stage.reconcile()).toEqual({ then: 'fault', fault });
    expect(stage.done).toEqual([]);
    expect(stage.world).toBe(START);
  });

  test('whose story cannot be told either: the later fault counts', async () => {
    const stage = new Stage(START);
    const later: Fault = { code: 'conflict', message: 'Somebody else was faster.' };
    let first = true;
    const act = (_key: Key, steps: readonly Step[]): Promise<Acted> => {
      const step = steps.find((one) => one.do === (first ? 'apply' : 'status'));
      const fault = first ? rejected : later;
      first = false;
      return Promise.resolve(step === undefined ? {} : { failed: { step, fault } });
    };
    expect(await stage.reconcile({ act })).toEqual({ then: 'fault', fault: later });
  });

  test('heals when the server relents', async () => {
    const stage = new Stage(START);
    stage.failing = { fits: isApplyOf('HorizontalPodAutoscaler'), fault: rejected };
    await stage.reconcile();
    stage.failing = undefined;
    expect(await stage.reconcile()).toEqual({ then: 'requeue', after: RESYNC });
    expect(stage.condition('Active')).toMatchObject({ status: 'True' });
    expect(stage.world?.hpa).toBeDefined();
  });
});
