import { scaleBounds } from '../annotation/resolve.ts';
import { readSettings } from '../annotation/parse.ts';
import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Deployment } from '../k8s/read/workload.ts';

/** A write to the sub-resource `scale`, good for one version of the Deployment. */
export interface Wake {
  readonly replicas: number;
  readonly resourceVersion: string;
}

/** Whether somebody has to wake the revision: its Deployment is told to have no pods. */
export const isAsleep = (deployment: Deployment | undefined): deployment is Deployment =>
  deployment?.spec.replicas === 0 && deployment.metadata.deletionTimestamp === undefined;

/** The pods that a request wakes a revision to: as many as `activation-scale` and `min-scale` ask for, at least one, and not above `max-scale`. */
export function wakeOf(
  { metadata, spec }: Pick<PodAutoscaler, 'metadata' | 'spec'>,
  deployment: Deployment,
  autoscaler: AutoscalerConfig,
): Wake {
  const { settings } = readSettings(metadata.annotations);
  const { min, max } = scaleBounds(settings, autoscaler, spec.reachability);
  const wanted = Math.max(1, settings.activationScale ?? 1, min);
  return {
    replicas: max > 0 ? Math.min(wanted, max) : wanted,
    resourceVersion: deployment.metadata.resourceVersion,
  };
}
