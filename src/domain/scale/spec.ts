import { resolvedAlgorithm, resolvedInitialScale } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import type { AutoscalerConfig } from '../config/autoscaler.ts';
import { durationOf, roundToSecond, SECOND, type Nanos } from '../go/duration.ts';
import { metricTarget, type MetricTarget } from './target.ts';

/** What a revision is scaled by: annotations before config-autoscaler, none of them validated (serving: kpa/resources/decider.go). */
export interface DeciderSpec extends MetricTarget {
  /** `rps`; all else counts as concurrency. */
  readonly metric: string;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  /** -1: all that exceeds the pods. */
  readonly targetBurstCapacity: number;
  readonly activatorCapacity: number;
  /** Pods wanted per ready pod from which on there is a panic. */
  readonly panicThreshold: number;
  readonly stableWindow: Nanos;
  /** Whole seconds, at least 1. */
  readonly panicWindow: Nanos;
  readonly scaleDownDelay: Nanos;
  readonly initialScale: number;
  /** False while nothing routes to the revision. */
  readonly reachable: boolean;
  /** 0 or 1: none. */
  readonly activationScale: number;
}

/** What is known of a PodAutoscaler where its numbers are put together. */
export interface SpecSource {
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  readonly metric: string;
  /** 0: no limit. */
  readonly containerConcurrency: number;
  /** `Unreachable`, or anything else for reachable. */
  readonly reachability: string;
}

export function deciderSpec(source: SpecSource): DeciderSpec {
  const { settings, config, metric, containerConcurrency, reachability } = source;
  return {
    metric,
    ...metricTarget(settings, config, metric, containerConcurrency),
    maxScaleUpRate: config.maxScaleUpRate,
    maxScaleDownRate: config.maxScaleDownRate,
    targetBurstCapacity: burstCapacityOf(settings, config),
    activatorCapacity: config.activatorCapacity,
    panicThreshold: (settings.panicThresholdPercentage ?? config.panicThresholdPercentage) / 100,
    stableWindow: stableWindowOf(settings, config),
    panicWindow: panicWindowOf(settings, config),
    scaleDownDelay: settings.scaleDownDelay ?? config.scaleDownDelay,
    initialScale: resolvedInitialScale(settings, config),
    reachable: reachability !== 'Unreachable',
    activationScale: settings.activationScale ?? 0,
  };
}

export const stableWindowOf = (settings: Settings, config: AutoscalerConfig): Nanos =>
  settings.window ?? config.stableWindow;

/** A share of the stable window, in whole seconds (serving: pkg/reconciler/autoscaling/resources/metric.go). */
function panicWindowOf(settings: Settings, config: AutoscalerConfig): Nanos {
  const percentage = settings.panicWindowPercentage ?? config.panicWindowPercentage;
  const window = roundToSecond(durationOf((Number(stableWindowOf(settings, config)) * percentage) / 100));
  return window < SECOND ? SECOND : window;
}

export const burstCapacityOf = (settings: Settings, config: AutoscalerConfig): number =>
  settings.targetBurstCapacity ?? config.targetBurstCapacity;

/** How what a revision carries is measured. */
export interface MetricSpec {
  readonly stableWindow: Nanos;
  readonly panicWindow: Nanos;
  readonly algorithm: 'linear' | 'weighted-exponential';
  /** The Service whose pods are scraped; empty: only what the activator reports counts. */
  readonly scrapeTarget: string;
}

export const metricSpec = (
  settings: Settings,
  config: AutoscalerConfig,
  metricsService: string,
): MetricSpec => ({
  stableWindow: stableWindowOf(settings, config),
  panicWindow: panicWindowOf(settings, config),
  algorithm: resolvedAlgorithm(settings) === 'weighted-exponential' ? 'weighted-exponential' : 'linear',
  scrapeTarget: burstCapacityOf(settings, config) === -1 ? '' : metricsService,
});
