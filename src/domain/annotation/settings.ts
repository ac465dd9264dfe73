import type { Nanos } from '../go/duration.ts';

/**
 * The user's annotations, read: one field per row of the table, `undefined` where the key is absent or its value does not parse.
 * (This interface is derived from the table in table.ts; see there for keys, aliases and documentation.)
 */
export interface Settings {
  readonly class: string | undefined;
  readonly metric: string | undefined;
  readonly target: number | undefined;
  readonly minScale: number | undefined;
  readonly maxScale: number | undefined;
  readonly initialScale: number | undefined;
  readonly activationScale: number | undefined;
  readonly scaleDownDelay: Nanos | undefined;
  readonly scaleToZeroPodRetentionPeriod: Nanos | undefined;
  readonly window: Nanos | undefined;
  readonly targetUtilizationPercentage: number | undefined;
  readonly targetBurstCapacity: number | undefined;
  readonly panicWindowPercentage: number | undefined;
  readonly panicThresholdPercentage: number | undefined;
  readonly metricAggregationAlgorithm: string | undefined;
  readonly progressDeadline: Nanos | undefined;
  // autoscaler-keda's; JSON annotations and words stay text here: the planner of the ScaledObject reads them, with position.
  readonly scaledObjectAutoCreate: boolean | undefined;
  readonly prometheusAddress: string | undefined;
  /** `prometheus-query`, alias `query`. */
  readonly prometheusQuery: string | undefined;
  readonly metricType: string | undefined;
  readonly triggerPrometheusName: string | undefined;
  readonly triggerPrometheusAuthName: string | undefined;
  readonly triggerPrometheusAuthKind: string | undefined;
  readonly triggerPrometheusAuthModes: string | undefined;
  readonly extraPrometheusTriggers: string | undefined;
  readonly scalingModifiers: string | undefined;
  readonly hpaScaleUpRules: string | undefined;
  readonly hpaScaleDownRules: string | undefined;
  readonly scaledObjectOverride: string | undefined;
  /** `hpa-bridge.dev/backend` */
  readonly backend: 'auto' | 'keda' | 'hpa' | undefined;
}
