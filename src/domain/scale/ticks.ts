import { seconds, type Instant } from '../time.ts';
import { firstBurstCapacity } from './burst.ts';
import type { DeciderSpec } from './spec.ts';
import type { Stat } from './stat.ts';

/** How often a revision is decided upon. */
export const TICK = seconds(2);

/** The last decision, as the reconcile reads it. */
export interface DeciderStatus {
  /** -1: none yet. */
  readonly desiredScale: number;
  readonly excessBurstCapacity: number;
}

/** What holds before the first decision (serving: pkg/autoscaler/scaling/multiscaler.go). */
export const firstStatus = (spec: DeciderSpec): DeciderStatus => ({
  desiredScale: -1,
  excessBurstCapacity: firstBurstCapacity(spec),
});

/** Whether the reconcile has something to do now: another scale, or the activator's place in the path changes with the sign of the capacity. */
export const isNews = (was: DeciderStatus, is: DeciderStatus): boolean =>
  was.desiredScale !== is.desiredScale || was.excessBurstCapacity < 0 !== is.excessBurstCapacity < 0;

/** Whether a report is reason to decide at once: requests wait, and there is no pod. */
export const wakes = (status: DeciderStatus, stat: Pick<Stat, 'averageConcurrentRequests'>): boolean =>
  status.desiredScale === 0 && stat.averageConcurrentRequests !== 0;

/** The first tick after `now` of a decider that was created at `createdAt`: ticks keep their phase, and missed ones are left out. */
export const nextTick = (createdAt: Instant, now: Instant): Instant =>
  (createdAt + (Math.floor((now - createdAt) / TICK) + 1) * TICK) as Instant;
