import type { ScaleBounds } from '../annotation/resolve.ts';
import type { Bounds } from './intent.ts';

/** What a scaler takes for "no limit": the largest int32. */
export const UNLIMITED = 2147483647;

/** The bounds that a scaler is built with: never below 1, and not below what the revision has to start with until it has started. */
export function scalerBounds(
  { min, max }: ScaleBounds,
  start: { readonly initial: number; readonly awaited: boolean },
): Bounds {
  const most = max === 0 ? UNLIMITED : max;
  const least = Math.max(1, min);
  return { min: start.awaited ? Math.min(Math.max(least, start.initial), most) : least, max: most };
}
