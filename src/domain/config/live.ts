import { AUTOSCALER_DEFAULTS, type AutoscalerConfig } from './autoscaler.ts';
import { BRIDGE_DEFAULTS, type BridgeConfig } from './bridge.ts';
import { DEPLOYMENT_DEFAULTS, type DeploymentConfig } from './deployment.ts';
import { FEATURES_DEFAULTS, type FeaturesConfig } from './features.ts';
import { KEDA_DEFAULTS, type KedaConfig } from './keda.ts';
import { NETWORK_DEFAULTS, type NetworkConfig } from './network.ts';

/** The ConfigMaps in force, parsed. One reconcile sees one version of all of them. */
export interface LiveConfig {
  /** `config-autoscaler` */
  readonly autoscaler: AutoscalerConfig;
  /** `config-autoscaler-keda` */
  readonly keda: KedaConfig;
  /** `config-deployment` */
  readonly deployment: DeploymentConfig;
  /** `config-features` */
  readonly features: FeaturesConfig;
  /** `config-network` */
  readonly network: NetworkConfig;
  /** `config-hpa-bridge` */
  readonly bridge: BridgeConfig;
}

/** What holds where a ConfigMap is missing or says nothing. */
export const LIVE_DEFAULTS: LiveConfig = {
  autoscaler: AUTOSCALER_DEFAULTS,
  keda: KEDA_DEFAULTS,
  deployment: DEPLOYMENT_DEFAULTS,
  features: FEATURES_DEFAULTS,
  network: NETWORK_DEFAULTS,
  bridge: BRIDGE_DEFAULTS,
};
