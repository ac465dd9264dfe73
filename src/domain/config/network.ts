import { either } from '../either.ts';
import { err, ok, type Result } from '../result.ts';
import { MESH_MODES, type MeshMode } from '../scale/scrape-route.ts';
import { shown } from '../shown.ts';

/** The part of `config-network` that concerns how pods are reached. */
export interface NetworkConfig {
  readonly mesh: MeshMode;
}

export const NETWORK_DEFAULTS: NetworkConfig = { mesh: 'auto' };

/** The keys of config-network that we read, for documentation. */
export const NETWORK_KEYS = {
  mesh: {
    key: 'mesh-compatibility-mode',
    fallback: NETWORK_DEFAULTS.mesh,
    doc: 'How pods are asked for their requests: by address (disabled), through the private Service of the revision (enabled), or so only once all of them answer 502 or 503 by address (auto).',
  },
} as const;

/** Reads the data of config-network, in any case of letters as Knative does; the rest is other controllers' business. The error is one sentence. */
export function parseNetworkConfig(data: Readonly<Record<string, string>>): Result<NetworkConfig, string> {
  const { key, fallback } = NETWORK_KEYS.mesh;
  const text = (Object.hasOwn(data, key) ? data[key] : undefined) ?? fallback;
  const mesh = MESH_MODES.find((mode) => mode === text.toLowerCase());
  return mesh === undefined
    ? err(`${key} is ${shown(text)}: expected ${either(MESH_MODES)}, for example auto.`)
    : ok({ mesh });
}
