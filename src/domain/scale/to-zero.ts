import { millis, SECOND, type Nanos } from '../go/duration.ts';
import { ms, seconds, since, type Instant, type Ms } from '../time.ts';
import { isUnreachable, type Scaled } from './scaled.ts';
import { burstCapacityOf, stableWindowOf } from './spec.ts';

/** Why the last pods of a revision that nobody needs stay or go. */
export type ZeroReason =
  | 'scale-to-zero-disabled'
  | 'nobody-wakes'
  | 'activation-timed-out'
  | 'activating'
  | 'idle-for-a-window'
  | 'active-for-less-than-a-window'
  | 'activator-not-in-path'
  | 'pod-retention'
  | 'grace-period'
  | 'inactive-long-enough'
  | 'proxied-long-enough';

/** What becomes of a wish for no pods at all. */
export type ToZero =
  /** Have so many pods now. */
  | {
      readonly then: 'scale';
      readonly pods: 0 | 1;
      readonly because: ZeroReason;
      readonly revisit?: Ms;
    }
  /** Leave the pods as they are and tell the status `want`; -1 is unknown. */
  | {
      readonly then: 'wait';
      readonly want: 0 | -1;
      readonly because: ZeroReason;
      readonly revisit?: Ms;
    }
  /** First find out whether requests reach the activator, and ask again with the answer. */
  | { readonly then: 'prove' };

/** On top of the progress deadline, for pods to be noticed. */
const ACTIVATION_BUFFER = 30n * SECOND;
/** So that a reconcile comes where no object changes that would cause one. */
const AFTER_THIS_ONE = seconds(3);

/** How long a start may take before it has failed. */
export const activationTimeout = ({
  settings,
  progressDeadline,
}: Pick<Scaled, 'settings' | 'progressDeadline'>): Ms =>
  millis(((settings.progressDeadline ?? progressDeadline) + ACTIVATION_BUFFER) as Nanos);

/**
 * The way of the last pods to zero (serving: pkg/reconciler/autoscaling/kpa/scaler.go): a window of being active without demand, then
 * inactive with the activator in the path, then the grace period or, if it is longer, the retention. `inPath` says what a probe found; undefined: none was made.
 */
export function toZero(scaled: Scaled, now: Instant, inPath?: boolean): ToZero {
  if (!scaled.config.enableScaleToZero) return { then: 'scale', pods: 1, because: 'scale-to-zero-disabled' };
  const { active } = scaled;
  if (active === undefined || active.status === 'Unknown') return whileActivating(scaled, now);
  if (active.status === 'True') return whileActive(scaled, since(active.since, now));
  // With an unlimited burst the activator is always in the path.
  const isProxied = burstCapacityOf(scaled.settings, scaled.config) === -1 || inPath;
  if (isProxied === undefined) return { then: 'prove' };
  if (!isProxied) return { then: 'wait', want: 0, because: 'activator-not-in-path' };
  return whileInactive(scaled, since(active.since, now), now);
}

function whileActivating(scaled: Scaled, now: Instant): ToZero {
  const timeout = activationTimeout(scaled);
  if (scaled.active !== undefined && since(scaled.active.since, now) > timeout)
    return { then: 'scale', pods: 0, because: 'activation-timed-out' };
  return { then: 'wait', want: -1, because: 'activating', revisit: timeout };
}

function whileActive({ settings, config, proxy }: Scaled, activeFor: Ms): ToZero {
  const window = millis(stableWindowOf(settings, config));
  if (activeFor < window)
    return {
      then: 'scale',
      pods: 1,
      because: 'active-for-less-than-a-window',
      revisit: ms(window - activeFor),
    };
  const because = 'idle-for-a-window';
  return proxy.wanted
    ? { then: 'wait', want: 0, because, revisit: AFTER_THIS_ONE }
    : { then: 'wait', want: 0, because };
}

function whileInactive(scaled: Scaled, inactiveFor: Ms, now: Instant): ToZero {
  const { settings, config, proxy } = scaled;
  const grace = millis(config.scaleToZeroGracePeriod);
  const retention = isUnreachable(scaled)
    ? 0
    : millis(settings.scaleToZeroPodRetentionPeriod ?? config.scaleToZeroPodRetentionPeriod);
  if (inactiveFor >= Math.max(grace, retention))
    return { then: 'scale', pods: 0, because: 'inactive-long-enough' };
  if (retention > 0 && inactiveFor < retention)
    return { then: 'wait', want: 0, because: 'pod-retention', revisit: ms(retention - inactiveFor) };
  const rest = ms(grace - (proxy.since === undefined ? 0 : since(proxy.since, now)));
  return rest <= 0
    ? { then: 'scale', pods: 0, because: 'proxied-long-enough' }
    : { then: 'wait', want: 0, because: 'grace-period', revisit: rest };
}
