import type { Fault } from '../../domain/fault.ts';
import type { Key } from '../../domain/key.ts';
import { plan, planAfterFault } from '../../domain/plan/plan.ts';
import type { Plan, Step, World } from '../../domain/plan/world.ts';
import type { ReconcileResult } from '../../engine/reconcile-result.ts';
import { ms, type Ms } from '../../domain/time.ts';
import type { Acted } from './act.ts';

export interface Parts {
  /** Caches -> one consistent picture. */
  readonly observe: (key: Key) => World | undefined;
  /** Steps for the revision -> writes, in order, stopping at the first fault. */
  readonly act: (key: Key, steps: readonly Step[]) => Promise<Acted>;
  /** How long a cache may still take to show what we wrote for this key; undefined when it shows everything. */
  readonly awaited: (key: Key) => Ms | undefined;
  /** When a key that converged is looked at again for no other reason. */
  readonly resync: () => Ms;
  /** Told what each plan found: what the revision scales by, and where it stands in its life. */
  readonly note: (key: Key, plan: Pick<Plan, 'scaling' | 'life'>) => void;
}

/** Observe, plan, act. A write that failed is planned for, too: every way out of here leaves a truthful status. */
export const reconcile =
  ({ observe, act, awaited, resync, note }: Parts) =>
  async (key: Key): Promise<ReconcileResult> => {
    const wait = awaited(key);
    if (wait !== undefined) return { then: 'requeue', after: wait }; // the event that ends the wait comes first
    const world = observe(key);
    if (world === undefined) return { then: 'done' }; // deleted or not ours: owner references take the children
    const planned = plan(world);
    const { steps, requeueAfter } = planned;
    note(key, planned);
    const { failed } = await act(key, steps);
    if (failed !== undefined) return settleFault(act, world, failed);
    return { then: 'requeue', after: ms(Math.min(requeueAfter ?? Infinity, resync())) };
  };

async function settleFault(
  act: Parts['act'],
  world: World,
  failed: { readonly step: Step; readonly fault: Fault },
): Promise<ReconcileResult> {
  const told = await act(world.key, planAfterFault(world, failed.step, failed.fault));
  return { then: 'fault', fault: told.failed?.fault ?? failed.fault };
}
