import { markFalse, markTrue, markUnknown, type Because, type ConditionSet } from '../k8s/conditions.ts';
import { conditionOf } from '../k8s/read/condition.ts';

/** What the condition `Active` depends on. */
export interface Activity {
  /** -1: unknown. */
  readonly want: number;
  readonly ready: number;
  /** See `activeThreshold`, before this round. */
  readonly threshold: number;
  /** Empty while the revision has no Service. */
  readonly serviceName: string;
}

const TIMED_OUT: Because = { reason: 'TimedOut', message: 'The target could not be activated.' };
const NO_TRAFFIC: Because = { reason: 'NoTraffic', message: 'The target is not receiving traffic.' };
const QUEUED: Because = {
  reason: 'Queued',
  message: 'Requests to the target are being buffered as resources are provisioned.',
};

/** Marks whether the revision has started, and whether it is active (serving: pkg/reconciler/autoscaling/kpa/kpa.go). */
export function withActivity(set: ConditionSet, activity: Activity): ConditionSet {
  const { ready, threshold, serviceName } = activity;
  const hasStarted = ready >= threshold && serviceName !== '';
  return withActive(hasStarted ? markTrue(set, 'ScaleTargetInitialized') : set, activity);
}

function withActive(set: ConditionSet, { want, ready, threshold }: Activity): ConditionSet {
  const status = conditionOf(set.current, 'Active')?.status ?? 'Unknown';
  // A threshold of 0 is a revision that starts without pods: nothing is wanted, and that is not known yet.
  if (want === 0 || threshold === 0) {
    const failed = status === 'Unknown' && threshold > 0;
    return markFalse(set, 'Active', failed ? TIMED_OUT : NO_TRAFFIC);
  }
  const inactive = want < 0 && status === 'False';
  if (ready >= threshold) return inactive ? set : markTrue(set, 'Active');
  return inactive ? markFalse(set, 'Active', NO_TRAFFIC) : markUnknown(set, 'Active', QUEUED);
}

/** The `desiredScale` to tell: right after a start, when nothing is known, what was told before stays. */
export const desiredScaleAfter = (told: number | undefined, want: number): number =>
  want === -1 && told !== undefined && told >= 0 ? told : want;
