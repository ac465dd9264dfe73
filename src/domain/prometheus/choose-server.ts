import type { Mistake } from '../annotation/mistake.ts';
import type { Settings } from '../annotation/settings.ts';
import { keyOfSetting } from '../annotation/table.ts';
import type { LiveConfig } from '../config/live.ts';
import { plainServer, type PrometheusServer } from '../config/prometheus-servers.ts';
import { prometheusAddressOf } from '../plan/prometheus-address.ts';
import { canonicalAddress } from '../prometheus-address.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** The name of the server that is asked where a revision names none. */
export const DEFAULT_SERVER = 'default';

/** What we ask where nobody has said anything: the Prometheus of kube-prometheus-stack in its usual namespace. */
export const USUAL_ADDRESS = 'http://prometheus-operated.monitoring.svc:9090';

type Chosen = Pick<Settings, 'prometheusServer' | 'prometheusAddress'>;

/**
 * The server that a revision is measured by: the one that it names; else the one at the address that it names; else the one named
 * `default`; else the one at the address that config-autoscaler-keda names; else the usual one. An address that is configured with a
 * name is asked as configured there. The error is one sentence.
 */
export function serverOf(settings: Chosen, config: LiveConfig): Result<PrometheusServer, string> {
  const servers = config.bridge.prometheusServers;
  const { prometheusServer: name, prometheusAddress } = settings;
  const named = servers.find((one) => one.name === (name ?? DEFAULT_SERVER));
  if (name !== undefined) return named === undefined ? err(unknownName(name, servers)) : ok(named);
  if (named !== undefined && prometheusAddress === undefined) return ok(named);
  if (prometheusAddress === undefined && !config.keda.namesAddress)
    return ok(serverAt(USUAL_ADDRESS, servers));
  const address = prometheusAddressOf(prometheusAddress, config);
  return address.ok ? ok(serverAt(address.value, servers)) : address;
}

/** The mistake of naming a server that the platform owner has not configured. */
export function unknownServer(settings: Chosen, config: LiveConfig): readonly Mistake[] {
  const { prometheusServer: name } = settings;
  const servers = config.bridge.prometheusServers;
  if (name === undefined || servers.some((one) => one.name === name)) return [];
  const key = keyOfSetting('prometheusServer');
  return [{ effect: 'refused', key, message: unknownName(name, servers) }];
}

/** The configured server at an address, or one of which nothing else is known; its name is its host. */
export function serverAt(address: string, servers: readonly PrometheusServer[]): PrometheusServer {
  const wanted = canonicalAddress(address);
  const known = servers.find((one) => canonicalAddress(one.address) === wanted);
  return known ?? plainServer(URL.parse(address)?.host ?? DEFAULT_SERVER, address);
}

function unknownName(name: string, servers: readonly PrometheusServer[]): string {
  const known = servers.map((one) => one.name).join(', ');
  const hint = known === '' ? 'none is configured there' : `known are ${known}`;
  return `${keyOfSetting('prometheusServer')} is ${shown(name)}: expected a server of prometheus-servers in config-hpa-bridge; ${hint}.`;
}
