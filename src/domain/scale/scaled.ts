import type { Settings } from '../annotation/settings.ts';
import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { Nanos } from '../go/duration.ts';
import type { ConditionStatus } from '../k8s/read/condition.ts';
import type { Instant } from '../time.ts';

/** What is known of a revision where a decision is turned into replicas. */
export interface Scaled {
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  /** `progress-deadline` of config-deployment. */
  readonly progressDeadline: Nanos;
  /** `Unreachable`, or anything else for reachable. */
  readonly reachability: string;
  /** The condition `Active` as it is stored; absent counts as Unknown, since no known time. */
  readonly active: { readonly status: ConditionStatus; readonly since: Instant } | undefined;
  /** The condition `ScaleTargetInitialized` is True. */
  readonly initialized: boolean;
  /** Whether requests are to go to the activator, and since when they can (`ActivatorEndpointsPopulated`). */
  readonly proxy: { readonly wanted: boolean; readonly since: Instant | undefined };
}

export const isUnreachable = ({ reachability }: Pick<Scaled, 'reachability'>): boolean =>
  reachability === 'Unreachable';
