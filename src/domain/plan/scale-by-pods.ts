import { keyOfMeta } from '../k8s/meta.ts';
import { activeThreshold, bounded } from '../scale/bounded.ts';
import type { Intended } from './intent-of.ts';
import { isInitialised } from './start.ts';
import type { Step, World } from './world.ts';

type ScaleStep = Extract<Step, { do: 'scale' }>;

/** What becomes of the replicas of a revision that is scaled by what its pods carry. */
export interface PodScale {
  /** The scale that the status tells; at least 1. */
  readonly want: number;
  /** Ready pods from which on the revision is active. */
  readonly threshold: number;
  /** Absent where there is nothing to change. */
  readonly step?: ScaleStep;
}

/**
 * From a decision to replicas (serving: pkg/reconciler/autoscaling/kpa/scaler.go). At least one, whatever is measured: nobody sleeps who
 * cannot be woken. Where nothing is decided, because nothing was measured, a revision is only ever raised: to its minimum, and to what it
 * starts with.
 */
export function scaleByPods(world: World, { intent: { settings, config } }: Intended): PodScale {
  const { pa, deployment } = world;
  const bounding = {
    settings,
    config: config.autoscaler,
    reachability: pa.spec.reachability,
    initialized: isInitialised(world),
  };
  const threshold = Math.max(1, activeThreshold(bounding));
  const decided = world.pods?.status.desiredScale ?? -1;
  const replicas = deployment?.spec.replicas;
  const within = Math.max(1, bounded(bounding, decided).pods);
  const want = decided < 0 ? Math.max(within, replicas ?? pa.status.desiredScale ?? 0) : within;
  if (replicas === want || deployment === undefined || deployment.metadata.deletionTimestamp !== undefined)
    return { want, threshold };
  const { metadata } = deployment;
  const { resourceVersion } = metadata;
  return {
    want,
    threshold,
    step: { do: 'scale', key: keyOfMeta(metadata), replicas: want, resourceVersion },
  };
}
