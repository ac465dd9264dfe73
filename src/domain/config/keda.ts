import { parseBool } from '../go/parse-bool.ts';
import { trimSpace } from '../go/trim-space.ts';
import { ADDRESS_EXPECTS, isPrometheusAddress, shownAddress } from '../prometheus-address.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** `config-autoscaler-keda` (autoscaler-keda: config/autoscaler_keda.go). */
export interface KedaConfig {
  /** An absolute http(s) URL with a host. */
  readonly prometheusAddress: string;
  /** Whether the ConfigMap names it; else it is autoscaler-keda's default. */
  readonly namesAddress: boolean;
  readonly scaledObjectAutocreate: boolean;
}

export const KEDA_DEFAULTS: KedaConfig = {
  prometheusAddress: 'http://prometheus-operated.default.svc:9090',
  namesAddress: false,
  scaledObjectAutocreate: true,
};

/** The keys of config-autoscaler-keda, for documentation. */
export const KEDA_KEYS = {
  prometheusAddress: {
    key: 'autoscaler.keda.prometheus-address',
    fallback: KEDA_DEFAULTS.prometheusAddress,
    doc: 'The Prometheus that queries go to when the revision names none. Where this key is absent, hpa-bridge itself asks http://prometheus-operated.monitoring.svc:9090.',
  },
  scaledObjectAutocreate: {
    key: 'autoscaler.keda.scaledobject-autocreate',
    fallback: 'true',
    doc: 'Whether a ScaledObject is made for revisions that say nothing about it.',
  },
} as const;

/** Reads the data of config-autoscaler-keda. Keys that it does not know say nothing. The error is one sentence. */
export function parseKedaConfig(data: Readonly<Record<string, string>>): Result<KedaConfig, string> {
  const addressKey = KEDA_KEYS.prometheusAddress.key;
  const createKey = KEDA_KEYS.scaledObjectAutocreate.key;
  const prometheusAddress = trimSpace(data[addressKey] ?? KEDA_DEFAULTS.prometheusAddress);
  if (!isPrometheusAddress(prometheusAddress))
    return err(`${addressKey} is ${shownAddress(prometheusAddress)}: expected ${ADDRESS_EXPECTS}.`);
  const autocreate = parseBool(data[createKey] ?? KEDA_KEYS.scaledObjectAutocreate.fallback);
  if (!autocreate.ok)
    return err(`${createKey} is ${shown(data[createKey] ?? '')}: expected true or false, for example true.`);
  const namesAddress = data[addressKey] !== undefined;
  return ok({ prometheusAddress, namesAddress, scaledObjectAutocreate: autocreate.value });
}
