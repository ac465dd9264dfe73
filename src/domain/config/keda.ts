/** `config-autoscaler-keda` (autoscaler-keda: config/autoscaler_keda.go). */
export interface KedaConfig {
  readonly prometheusAddress: string;
  readonly scaledObjectAutocreate: boolean;
}
