import type { Settings } from '../annotation/settings.ts';
import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Bounds } from './intent.ts';

/** What a scaler takes for "no limit": the largest int32. */
export const UNLIMITED = 2147483647;

export interface Asked {
  /** As upstream reads it: 0 while the revision is unreachable. */
  readonly min: number;
  /** 0 is unlimited. */
  readonly max: number;
}

/** The bounds that a scaler is built with: never below 1, and not below what the revision has to start with until it has started. */
export function scalerBounds(
  { min, max }: Asked,
  start: { readonly initial: number; readonly awaited: boolean },
): Bounds {
  const most = max === 0 ? UNLIMITED : max;
  const least = Math.max(1, min);
  return { min: start.awaited ? Math.min(Math.max(least, start.initial), most) : least, max: most };
}

export function askedBounds(settings: Settings, config: AutoscalerConfig, pa: PodAutoscaler): Asked {
  const unreachable = pa.spec.reachability === 'Unreachable';
  return {
    min: unreachable ? 0 : (settings.minScale ?? config.minScale),
    max: settings.maxScale ?? config.maxScale,
  };
}

/** Pods that a new revision must have reached once. */
export function initialScale({ initialScale: wanted }: Settings, config: AutoscalerConfig): number {
  return wanted === undefined || (wanted === 0 && !config.allowZeroInitialScale)
    ? config.initialScale
    : wanted;
}
