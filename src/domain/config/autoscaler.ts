import type { Nanos } from '../go/duration.ts';

/** `config-autoscaler` (serving: pkg/autoscaler/config). */
export interface AutoscalerConfig {
  readonly podAutoscalerClass: string;
  readonly enableScaleToZero: boolean;
  readonly allowZeroInitialScale: boolean;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  /** (0, 1] */
  readonly containerConcurrencyTargetFraction: number;
  readonly containerConcurrencyTargetDefault: number;
  /** Constant 0.7; used for rps. */
  readonly targetUtilization: number;
  readonly rpsTargetDefault: number;
  readonly targetBurstCapacity: number;
  readonly panicWindowPercentage: number;
  readonly activatorCapacity: number;
  readonly panicThresholdPercentage: number;
  readonly initialScale: number;
  readonly minScale: number;
  /** 0 = unlimited */
  readonly maxScale: number;
  readonly maxScaleLimit: number;
  readonly stableWindow: Nanos;
  readonly scaleDownDelay: Nanos;
  readonly scaleToZeroGracePeriod: Nanos;
  readonly scaleToZeroPodRetentionPeriod: Nanos;
}
