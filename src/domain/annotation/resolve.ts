import type { AutoscalerConfig } from '../config/autoscaler.ts';
import type { Settings } from './settings.ts';

export const KPA_CLASS = 'kpa.autoscaling.knative.dev';
export const HPA_CLASS = 'hpa.autoscaling.knative.dev';

export interface ScaleBounds {
  readonly min: number;
  /** 0 is unlimited. */
  readonly max: number;
}

/**
 * The bounds as upstream reads them (serving: pkg/apis/autoscaling/v1alpha1/pa_lifecycle.go): the annotation before the config, whatever
 * its sign, and no minimum while the revision is exactly `Unreachable`.
 */
export const scaleBounds = (
  { minScale, maxScale }: Settings,
  autoscaler: AutoscalerConfig,
  reachability: string,
): ScaleBounds => ({
  min: reachability === 'Unreachable' ? 0 : (minScale ?? autoscaler.minScale),
  max: maxScale ?? autoscaler.maxScale,
});

/** Pods that a new revision must have reached once. A zero that the platform owner does not allow counts as absent. */
export const resolvedInitialScale = ({ initialScale }: Settings, autoscaler: AutoscalerConfig): number =>
  initialScale === undefined || (initialScale === 0 && !autoscaler.allowZeroInitialScale)
    ? autoscaler.initialScale
    : initialScale;

/** The class as upstream reads it from a PodAutoscaler: absent means the KPA. */
export const resolvedClass = (settings: Settings): string => settings.class ?? KPA_CLASS;

/** The metric as upstream reads it from a PodAutoscaler: absent means the usual one of the class, and none for foreign classes. */
export function resolvedMetric(settings: Settings): string {
  if (settings.metric !== undefined) return settings.metric;
  const byClass: Readonly<Record<string, string>> = { [KPA_CLASS]: 'concurrency', [HPA_CLASS]: 'cpu' };
  return byClass[resolvedClass(settings)] ?? '';
}

/** How samples are averaged, with the older spelling mended; undefined means linear. */
export const resolvedAlgorithm = ({ metricAggregationAlgorithm: algorithm }: Settings): string | undefined =>
  algorithm === 'weightedExponential' ? 'weighted-exponential' : algorithm;

/** The share of the target that a pod should carry on average; undefined: the config's. */
export const resolvedUtilization = ({
  targetUtilizationPercentage: percent,
}: Settings): number | undefined => (percent === undefined ? undefined : percent / 100);
