import { keyOfSetting } from '../annotation/table.ts';
import { KEDA_KEYS } from '../config/keda.ts';
import type { LiveConfig } from '../config/live.ts';
import { ADDRESS_EXPECTS, canonicalAddress, shownAddress } from '../prometheus-address.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';

const ALLOWED =
  'expected the address in config-autoscaler-keda or one of allowed-prometheus-addresses in config-hpa-bridge, which the platform owner can extend';

/** What makes a text no address, as a clause that follows the name of the field. */
const malformed = (address: string): string =>
  address.includes('@')
    ? `contains a user name or password: expected them in an object that ${keyOfSetting('triggerPrometheusAuthName')} names`
    : `is ${shownAddress(address)}: expected ${ADDRESS_EXPECTS}`;

/**
 * Whether a Prometheus address may be asked: it is the configured one or on the allow-list. The error is a clause that follows the name
 * of the field, without what may be a password.
 */
export function checkAddress(address: string, config: LiveConfig): Result<string, string> {
  const wanted = canonicalAddress(address);
  if (wanted === undefined) return err(malformed(address));
  const known = [config.keda.prometheusAddress, ...config.bridge.allowedPrometheusAddresses];
  return known.some((one) => canonicalAddress(one) === wanted)
    ? ok(address)
    : err(`is ${shownAddress(address)}: ${ALLOWED}`);
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
