import type { Fault } from '../../domain/fault.ts';
import type { Key } from '../../domain/key.ts';
import { plan, planAfterFault } from '../../domain/plan/plan.ts';
import type { Step, World } from '../../domain/plan/world.ts';
import type { ReconcileResult } from '../../engine/reconcile-result.ts';
import type { Acted } from './act.ts';

export interface Parts {
  /** Caches -> one consistent picture. */
  readonly observe: (key: Key) => World | undefined;
  /** Steps -> writes, in order, stopping at the first fault. */
  readonly act: (steps: readonly Step[]) => Promise<Acted>;
}

/** Observe, plan, act. A write that failed is planned for, too: every way out of here leaves a truthful status. */
export const reconcile =
  ({ observe, act }: Parts) =>
  async (key: Key): Promise<ReconcileResult> => {
    const world = observe(key);
    if (world === undefined) return { then: 'done' }; // deleted or not ours: owner references take the children
    const { steps, requeueAfter } = plan(world);
    const { failed } = await act(steps);
    if (failed !== undefined) return settleFault(act, world, failed);
    return requeueAfter === undefined ? { then: 'done' } : { then: 'requeue', after: requeueAfter };
  };

async function settleFault(
  act: Parts['act'],
  world: World,
  failed: { readonly step: Step; readonly fault: Fault },
): Promise<ReconcileResult> {
  const told = await act(planAfterFault(world, failed.step, failed.fault));
  return { then: 'fault', fault: told.failed?.fault ?? failed.fault };
}
