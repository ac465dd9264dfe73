import { keyOfMeta } from '../k8s/meta.ts';
import { activeThreshold, bounded, type Bounded } from '../scale/bounded.ts';
import type { Decision } from '../scale/decide.ts';
import type { ScaleRecord } from '../scale/record.ts';
import type { Scaling } from '../scale/scaling.ts';
import { intentOf, type Intended } from './intent-of.ts';
import { isInitialised } from './start.ts';
import { lifeOf } from '../zero/life.ts';
import type { Step, World } from './world.ts';

type ScaleStep = Extract<Step, { do: 'scale' }>;

/** What becomes of the replicas of a revision that is scaled by what its pods carry. */
export interface PodScale {
  /** `want` is at least 1. */
  readonly scaling: Scaling;
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
  const bounding = {
    settings,
    config: config.autoscaler,
    reachability: world.pa.spec.reachability,
    initialized: isInitialised(world),
  };
  const threshold = Math.max(1, activeThreshold(bounding));
  const decided = world.pods?.status.desiredScale ?? -1;
  const limited = bounded(bounding, decided);
  const scaling = { ...replicasFor(world, decided, limited), limited };
  const step = stepTo(world, scaling.want);
  return step === undefined ? { scaling, threshold } : { scaling, threshold, step };
}

function replicasFor(
  { pa, deployment }: World,
  decided: number,
  limited: Bounded,
): Pick<Scaling, 'want' | 'replicas' | 'zero'> {
  const least = Math.max(1, limited.pods);
  // Bounds below zero, set past the admission of Knative, are no number of replicas either.
  if (decided < 0 || limited.pods < 0) {
    const want = Math.max(least, deployment?.spec.replicas ?? pa.status.desiredScale ?? 0);
    return { want, replicas: want === deployment?.spec.replicas ? undefined : want };
  }
  return { want: least, replicas: least, ...(limited.pods === 0 ? { zero: 'nobody-wakes' } : {}) };
}

function stepTo({ deployment }: World, replicas: number): ScaleStep | undefined {
  if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
  if (deployment.spec.replicas === replicas) return undefined;
  const { metadata } = deployment;
  return { do: 'scale', key: keyOfMeta(metadata), replicas, resourceVersion: metadata.resourceVersion };
}

/** A decision about a revision with all that became of it; undefined where its annotations are refused, so that nothing does. */
export function scaleRecordOf(world: World, decision: Decision): ScaleRecord | undefined {
  const intended = intentOf(world);
  if (!intended.ok || world.deployment === undefined) return undefined;
  const { keeper, intent } = intended.value;
  const lives = keeper === 'bridge' || intent.sleeps;
  const { scaling } = lives ? lifeOf(world, intended.value) : scaleByPods(world, intended.value);
  return { decision, scaling, from: world.deployment.spec.replicas };
}
