import { either } from '../either.ts';
import { parseBool } from '../go/parse-bool.ts';
import { err, ok, type Result } from '../result.ts';
import { MESH_MODES, type MeshMode } from '../scale/scrape-route.ts';
import { shown } from '../shown.ts';

/** The part of `config-network` that concerns how pods are reached. */
export interface NetworkConfig {
  readonly mesh: MeshMode;
  /** Whether the mesh lets requests through to the pod whose address they are sent to. */
  readonly podAddressability: boolean;
}

export const NETWORK_DEFAULTS: NetworkConfig = { mesh: 'auto', podAddressability: false };

/** The keys of config-network that we read, for documentation. */
export const NETWORK_KEYS = {
  mesh: {
    key: 'mesh-compatibility-mode',
    fallback: NETWORK_DEFAULTS.mesh,
    doc: 'How pods are asked for their requests: by address (disabled), through the private Service of the revision (enabled), or so only once all of them answer 502 or 503 by address (auto).',
  },
  podAddressability: {
    key: 'enable-mesh-pod-addressability',
    fallback: String(NETWORK_DEFAULTS.podAddressability),
    doc: 'With true, pods are asked by address in the name of their private Service and with the header K-Passthrough-Lb, by which a mesh lets requests through; the Service itself is not asked then, unless mesh-compatibility-mode is enabled.',
  },
} as const;

/** Reads the data of config-network; the rest is other controllers' business. The error is one sentence. */
export function parseNetworkConfig(data: Readonly<Record<string, string>>): Result<NetworkConfig, string> {
  const { mesh, podAddressability } = NETWORK_KEYS;
  const textOf = ({ key, fallback }: { readonly key: string; readonly fallback: string }): string =>
    (Object.hasOwn(data, key) ? data[key] : undefined) ?? fallback;
  // In any case of letters, as Knative reads it.
  const mode = MESH_MODES.find((each) => each === textOf(mesh).toLowerCase());
  if (mode === undefined)
    return err(`${mesh.key} is ${shown(textOf(mesh))}: expected ${either(MESH_MODES)}, for example auto.`);
  const addressable = parseBool(textOf(podAddressability));
  if (!addressable.ok)
    return err(`${podAddressability.key} is ${shown(textOf(podAddressability))}: expected true or false.`);
  return ok({ mesh: mode, podAddressability: addressable.value });
}
