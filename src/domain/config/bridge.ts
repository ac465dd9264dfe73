/** `config-hpa-bridge`: what the platform owner decides. */
export interface BridgeConfig {
  readonly backend: 'auto' | 'keda' | 'hpa';
  /** What a revision with neither metric nor target nor query scales by. */
  readonly signalWithoutMetric: 'concurrency' | 'cpu';
  /** Beside the configured address, the addresses that `prometheus-address` and triggers may name. */
  readonly allowedPrometheusAddresses: readonly string[];
  /** The KEDA trigger types that `extra-prometheus-triggers` and `scaled-object-override` may use. */
  readonly allowedTriggerTypes: readonly string[];
}
