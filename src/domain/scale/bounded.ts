import { resolvedInitialScale, scaleBounds } from '../annotation/resolve.ts';
import { isUnreachable, type Scaled } from './scaled.ts';

type Bounding = Pick<Scaled, 'settings' | 'config' | 'reachability' | 'initialized'>;

/** A number of pods within the bounds, and the bound that moved it there. */
export interface Bounded {
  readonly pods: number;
  readonly by?: 'min-scale' | 'initial-scale' | 'max-scale';
  /** Its value. */
  readonly bound?: number;
}

/**
 * Holds a wanted scale between min-scale and max-scale; until the revision has started, the initial scale is a minimum, too, if it is above
 * 1 and something routes there (serving: pkg/reconciler/autoscaling/kpa/scaler.go). The minimum wins.
 */
export function bounded(scaled: Bounding, wanted: number): Bounded {
  const { settings, config, reachability, initialized } = scaled;
  const { min, max } = scaleBounds(settings, config, reachability);
  const initial = resolvedInitialScale(settings, config);
  const starting = initial > 1 && !initialized && !isUnreachable(scaled) && initial > min;
  const least = starting ? initial : min;
  if (wanted < least) return { pods: least, by: starting ? 'initial-scale' : 'min-scale', bound: least };
  if (max !== 0 && wanted > max) return { pods: max, by: 'max-scale', bound: max };
  return { pods: wanted };
}

/** Ready pods from which on the revision is active: once it has started at least one, before what it has to start with. */
export function activeThreshold({ settings, config, reachability, initialized }: Bounding): number {
  const { min } = scaleBounds(settings, config, reachability);
  return Math.max(min, initialized ? 1 : resolvedInitialScale(settings, config));
}
