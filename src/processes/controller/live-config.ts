import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../domain/config/live.ts';
import type { BridgeEvent } from '../../domain/event.ts';
import { configRefused, configUnknownKey } from '../../domain/config/events.ts';
import type { ConfigMap } from '../../domain/k8s/read/config-map.ts';
import type { Log } from '../../ports/log.ts';
import type { Recorder } from '../../ports/recorder.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface LiveConfigParts {
  readonly recorder: Recorder;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Called after a new version came into force. */
  readonly onChange: () => void;
}

/** The ConfigMaps in force: a good edit replaces its part at once, a bad one is refused and the last good one stays. */
export class LiveConfiguration {
  readonly #parts: LiveConfigParts;
  #current: LiveConfig = LIVE_DEFAULTS;
  /** The ConfigMaps of which a good version was taken over. */
  readonly #taken = new Set<string>();
  /** What was said about each ConfigMap; said again when we become the leader, because only the leader is heard. */
  readonly #said = new Map<string, readonly BridgeEvent[]>();

  constructor(parts: LiveConfigParts) {
    this.#parts = parts;
    for (const name of Object.keys(CONFIG_MAPS))
      parts.telemetry.set('hpa_bridge_config_valid', { configmap: name }, 1);
  }

  current(): LiveConfig {
    return this.#current;
  }

  /** Takes a ConfigMap of the system namespace over as it is now; `undefined` when it was removed: its defaults hold. */
  offer(name: string, configMap: ConfigMap | undefined): void {
    const row = CONFIG_MAPS[name];
    if (row === undefined) return;
    const data = configMap?.data ?? {};
    const read = row.take(this.#current, data);
    this.#parts.telemetry.set('hpa_bridge_config_valid', { configmap: name }, read.ok ? 1 : 0);
    if (!read.ok) this.#parts.log.warn('configuration refused', { resource: name, detail: read.error });
    if (configMap === undefined) {
      this.#said.delete(name);
      this.#taken.delete(name);
    } else {
      const inForce = this.#taken.has(name) ? 'the last good one' : 'the default values';
      this.#say(name, [
        ...(read.ok ? [] : [configRefused(configMap, read.error, inForce)]),
        ...row.unknown(data).map((sentence) => configUnknownKey(configMap, sentence)),
      ]);
      if (read.ok) this.#taken.add(name);
    }
    if (!read.ok || sameConfig(read.value, this.#current)) return;
    this.#current = read.value;
    this.#parts.log.info('configuration in force', { resource: name });
    this.#parts.onChange();
  }

  /** Publishes what is still wrong. */
  repeat(): void {
    for (const event of [...this.#said.values()].flat()) this.#parts.recorder.publish(event);
  }

  #say(name: string, events: readonly BridgeEvent[]): void {
    this.#said.set(name, events);
    for (const event of events) this.#parts.recorder.publish(event);
  }
}

/** Values of configurations are made of texts, numbers, booleans, nanoseconds, lists and objects. */
const sameConfig = (a: LiveConfig, b: LiveConfig): boolean => printed(a) === printed(b);
const printed = (config: LiveConfig): string =>
  JSON.stringify(config, (_key, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? String(value) : value,
  );
