import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../domain/config/live.ts';
import type { ConfigMap } from '../../domain/k8s/read/config-map.ts';
import type { StoreReader } from '../../engine/store.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** The ConfigMaps that decide how many pods a request wakes, how pods are reached, and whether revisions have series of their own. */
const READ = ['config-autoscaler', 'config-network', 'config-hpa-bridge'];

/** The ConfigMaps in force: a bad edit is refused, and the last good one stays. What is wrong with it, the controller says as an event. */
export function liveConfig(
  configMaps: StoreReader<ConfigMap>,
  { telemetry, log }: { readonly telemetry: Telemetry; readonly log: Log },
): () => LiveConfig {
  let current = LIVE_DEFAULTS;
  configMaps.subscribe((_key, before, after) => {
    const name = (after ?? before)?.metadata.name ?? '';
    const row = READ.includes(name) ? CONFIG_MAPS[name] : undefined;
    if (row === undefined) return;
    const read = row.take(current, after?.data ?? {});
    telemetry.set('hpa_bridge_config_valid', { configmap: name }, read.ok ? 1 : 0);
    if (read.ok) current = read.value;
    else log.warn('configuration refused', { resource: name, detail: read.error });
  });
  return () => current;
}
