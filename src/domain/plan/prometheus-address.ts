import { keyOfSetting } from '../annotation/table.ts';
import type { LiveConfig } from '../config/live.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';

const CONFIG_KEY = 'autoscaler.keda.prometheus-address in config-autoscaler-keda';
const EXPECTED =
  'an http or https URL with a host and without query, such as http://prometheus.monitoring:9090';

/** What makes an address unusable, as a clause that follows the name of the field; never quotes the address. */
function problemOf(address: string): string | undefined {
  const authority = /^https?:\/\/([^/?#\\\s]+)/i.exec(address)?.[1];
  if (authority === undefined) return `must be ${EXPECTED}`;
  if (authority.includes('@'))
    return 'must not contain a user name or password; use trigger-prometheus-auth-name instead';
  // KEDA appends its path to the text as it stands.
  if (/[?#\\\s]/.test(address)) return `must be ${EXPECTED}`;
  return URL.canParse(address) ? undefined : `must be ${EXPECTED}`;
}

/** One spelling for all addresses that mean the same server: scheme and host in lower case, no default port, no slash at the end. */
function normalised(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/**
 * Whether a Prometheus address may be asked: it is the configured one or on the allow-list. The error is a clause that follows the name
 * of the field. It never contains the address, which may hold a password.
 */
export function checkAddress(address: string, config: LiveConfig): Result<string, string> {
  const problem = problemOf(address);
  if (problem !== undefined) return err(problem);
  const known = [config.keda.prometheusAddress, ...config.bridge.allowedPrometheusAddresses];
  const wanted = normalised(address);
  return known.some((one) => problemOf(one) === undefined && normalised(one) === wanted)
    ? ok(address)
    : err(
        'is neither the configured address nor on the list allowed-prometheus-addresses in config-hpa-bridge; ask the platform owner to add it',
      );
}

/**
 * The Prometheus server that a revision is measured by: the annotation, else the one of config-autoscaler-keda. The error is a sentence
 * that names the field.
 */
export function prometheusAddressOf(
  annotation: string | undefined,
  config: LiveConfig,
): Result<string, string> {
  const address = annotation ?? config.keda.prometheusAddress;
  const checked = checkAddress(address, config);
  const field = annotation === undefined ? CONFIG_KEY : keyOfSetting('prometheusAddress');
  return checked.ok ? checked : err(`${field} ${checked.error}.`);
}
