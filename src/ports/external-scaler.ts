import type { MetricSpec, MetricValue } from '../domain/keda-scaler/answers.ts';
import type { Refusal } from '../domain/keda-scaler/refusal.ts';
import type { ScaledObjectRef } from '../domain/keda-scaler/scaled-object-ref.ts';
import type { Result } from '../domain/result.ts';

/** What KEDA asks of an external scaler. Everything is answered from memory, without waiting. */
export interface ExternalScaler {
  isActive(ref: ScaledObjectRef): Result<boolean, Refusal>;
  metricSpecs(ref: ScaledObjectRef): Result<readonly MetricSpec[], Refusal>;
  metrics(ref: ScaledObjectRef, metricName: string): Result<readonly MetricValue[], Refusal>;
  /**
   * Tells the state at once, then each change, until the returned function is called. While there is no state nothing is told: who
   * follows a revision that is not measured yet hears of it when it is.
   */
  followActive(ref: ScaledObjectRef, tell: (active: boolean) => void): Result<() => void, Refusal>;
  /** As `followActive`, for the target. */
  followMetricSpecs(
    ref: ScaledObjectRef,
    tell: (specs: readonly MetricSpec[]) => void,
  ): Result<() => void, Refusal>;
}
