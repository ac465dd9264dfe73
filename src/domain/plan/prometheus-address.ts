import { keyOfSetting } from '../annotation/table.ts';
import { KEDA_KEYS } from '../config/keda.ts';
import type { LiveConfig } from '../config/live.ts';
import { ADDRESS_EXPECTS, canonicalAddress } from '../prometheus-address.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';

const NOT_ALLOWED =
  'is neither the configured address nor one of allowed-prometheus-addresses in config-hpa-bridge; ask the platform owner to add it';

/** What makes a text no address, as a clause that follows the name of the field. */
const malformed = (address: string): string =>
  /\/\/[^/?#]*@/.test(address)
    ? 'must not contain a user name or password; use trigger-prometheus-auth-name instead'
    : `must be ${ADDRESS_EXPECTS}`;

/**
 * Whether a Prometheus address may be asked: it is the configured one or on the allow-list. The error is a clause that follows the name
 * of the field. It never contains the address, which may hold a password.
 */
export function checkAddress(address: string, config: LiveConfig): Result<string, string> {
  const wanted = canonicalAddress(address);
  if (wanted === undefined) return err(malformed(address));
  const known = [config.keda.prometheusAddress, ...config.bridge.allowedPrometheusAddresses];
  return known.some((one) => canonicalAddress(one) === wanted) ? ok(address) : err(NOT_ALLOWED);
}

/**
 * The Prometheus server that a revision is measured by: the annotation, else the one of config-autoscaler-keda. The error is a sentence
 * that names the field.
 */
export function prometheusAddressOf(
  annotation: string | undefined,
  config: LiveConfig,
): Result<string, string> {
  const checked = checkAddress(annotation ?? config.keda.prometheusAddress, config);
  const field =
    annotation === undefined
      ? `${KEDA_KEYS.prometheusAddress.key} in config-autoscaler-keda`
      : keyOfSetting('prometheusAddress');
  return checked.ok ? checked : err(`${field} ${checked.error}.`);
}
