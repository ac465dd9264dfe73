import { err, ok, type Result } from '../result.ts';
import { AUTOSCALER_KEYS } from './autoscaler-table.ts';
import { parseAutoscalerConfig, wrongInAutoscalerConfig } from './autoscaler.ts';
import { parseBridgeConfig, unknownBridgeKeys } from './bridge.ts';
import { DEPLOYMENT_KEYS, parseDeploymentConfig } from './deployment.ts';
import { FEATURES_KEYS, parseFeaturesConfig } from './features.ts';
import { KEDA_KEYS, parseKedaConfig } from './keda.ts';
import type { LiveConfig } from './live.ts';
import { NETWORK_KEYS, parseNetworkConfig } from './network.ts';
import { misspeltKeys } from './unknown-keys.ts';

type Data = Readonly<Record<string, string>>;

interface Row {
  /** The configuration with this ConfigMap's part replaced, or a sentence that says why it is refused. */
  readonly take: (config: LiveConfig, data: Data) => Result<LiveConfig, string>;
  /** A sentence for each key that nothing reads. */
  readonly unknown: (data: Data) => readonly string[];
}

const into =
  <K extends keyof LiveConfig>(part: K, parse: (data: Data) => Result<LiveConfig[K], string>): Row['take'] =>
  (config, data) => {
    const read = parse(data);
    return read.ok ? ok({ ...config, [part]: read.value }) : read;
  };

const readAutoscaler = (data: Data): ReturnType<typeof parseAutoscalerConfig> => {
  const wrong = wrongInAutoscalerConfig(data);
  return wrong === undefined ? parseAutoscalerConfig(data) : err(wrong);
};

const keysIn = (
  table: Readonly<Record<string, { readonly key: string; readonly alias?: string }>>,
): readonly string[] =>
  Object.values(table).flatMap(({ key, alias }) => (alias === undefined ? [key] : [key, alias]));

const slips =
  (configMap: string, known: readonly string[]): Row['unknown'] =>
  (data) =>
    misspeltKeys(data, known, configMap);

/** The ConfigMaps that we read, by name. All but the last are Knative's and autoscaler-keda's, with keys for other readers than us. */
export const CONFIG_MAPS: Readonly<Record<string, Row>> = {
  'config-autoscaler': {
    take: into('autoscaler', readAutoscaler),
    unknown: slips('config-autoscaler', keysIn(AUTOSCALER_KEYS)),
  },
  'config-autoscaler-keda': {
    take: into('keda', parseKedaConfig),
    unknown: slips('config-autoscaler-keda', keysIn(KEDA_KEYS)),
  },
  'config-deployment': {
    take: into('deployment', parseDeploymentConfig),
    unknown: slips('config-deployment', keysIn(DEPLOYMENT_KEYS)),
  },
  'config-features': {
    take: into('features', parseFeaturesConfig),
    unknown: slips('config-features', keysIn(FEATURES_KEYS)),
  },
  'config-network': {
    take: into('network', parseNetworkConfig),
    unknown: slips('config-network', keysIn(NETWORK_KEYS)),
  },
  'config-hpa-bridge': { take: into('bridge', parseBridgeConfig), unknown: unknownBridgeKeys },
};
