import type { JsonObject } from '../../json.ts';

/** The fields of a KEDA trigger that we write. */
export type Trigger = {
  readonly type: string;
  readonly name?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly metricType?: string;
  readonly useCachedMetrics?: boolean;
  readonly authenticationRef?: { readonly name: string; readonly kind?: string };
};

/** One direction of `behavior` of an HPA (autoscaling/v2), as KEDA passes it on. */
export type ScalingRules = {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly policies?: readonly JsonObject[];
  readonly tolerance?: string;
};

/** Both directions; one that is absent keeps the HPA's defaults. */
export type Behavior = { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };

export type ScalingModifiers = {
  readonly formula?: string;
  readonly target?: string;
  readonly activationTarget?: string;
  readonly metricType?: string;
};

/** The spec of a KEDA ScaledObject: only what we mean to own, plus whatever a raw override brings. */
export type ScaledObjectSpec = JsonObject & {
  readonly scaleTargetRef: JsonObject & {
    readonly name: string;
    readonly apiVersion?: string;
    readonly kind?: string;
  };
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly advanced: JsonObject & {
    readonly horizontalPodAutoscalerConfig: JsonObject & {
      readonly name: string;
      readonly behavior?: Behavior;
    };
    readonly scalingModifiers?: ScalingModifiers;
  };
  readonly triggers: readonly Trigger[];
};
