import type { AutoscalerConfig } from './autoscaler.ts';
import type { BridgeConfig } from './bridge.ts';
import type { DeploymentConfig } from './deployment.ts';
import type { KedaConfig } from './keda.ts';

/** The ConfigMaps in force, parsed. One reconcile sees one version of all four. */
export interface LiveConfig {
  /** `config-autoscaler` */
  readonly autoscaler: AutoscalerConfig;
  /** `config-autoscaler-keda` */
  readonly keda: KedaConfig;
  /** `config-deployment` */
  readonly deployment: DeploymentConfig;
  /** `config-hpa-bridge` */
  readonly bridge: BridgeConfig;
}
