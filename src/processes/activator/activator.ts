import type { Boot } from '../../domain/config/boot.ts';
import { authorityOf } from '../../domain/authority.ts';
import { unsynced } from '../../engine/cached.ts';
import type { ReflectorTiming } from '../../engine/reflector.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { Log } from '../../ports/log.ts';
import type { PodProbe } from '../../ports/pod-probe.ts';
import type { StatDialer } from '../../ports/stat-dialer.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { buildCaches } from './caches.ts';
import { liveConfig } from './config.ts';
import { Reporter } from './reporter.ts';
import { StatLinks } from './stat-links.ts';
import { internalTls, type InternalTls } from './tls.ts';
import { PodThrottler } from './throttler.ts';

export interface ActivatorParts {
  readonly boot: Pick<Boot, 'systemNamespace' | 'classes' | 'podIp' | 'maxWaiting' | 'maxWaitingBytes'>;
  /** Who we are in reports. */
  readonly podName: string;
  readonly reader: KubeReader;
  readonly writer: KubeWriter;
  readonly probe: PodProbe;
  readonly dialer: StatDialer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Other patience than the reflectors' own. */
  readonly timing?: Partial<ReflectorTiming>;
}

export interface Activator {
  readonly throttler: PodThrottler;
  readonly tls: InternalTls;
  /** What is not in the caches yet; empty when the process is ready. */
  readonly missing: () => readonly string[];
  /** Resolves when every cache is filled, or the signal aborts. */
  readonly synced: (signal: AbortSignal) => Promise<void>;
  /** Keeps the caches and reports until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Puts caches, configuration, throttler and reports together. */
export function buildActivator(parts: ActivatorParts): Activator {
  const { boot, podName, clock, telemetry } = parts;
  const caches = buildCaches(parts, boot.systemNamespace);
  const links = new StatLinks(parts);
  const reporter = new Reporter({
    podName,
    clock,
    send: (message) => links.send(message),
    onReport: () => {
      const { inFlight, waiting } = throttler.counts();
      telemetry.set('hpa_bridge_activator_in_flight', {}, inFlight);
      telemetry.set('hpa_bridge_activator_waiting', {}, waiting);
    },
  });
  const throttler = new PodThrottler({
    ...parts,
    caches,
    config: liveConfig(caches.configMaps.store, parts),
    classes: boot.classes,
    address: boot.podIp,
    bounds: { waiting: boot.maxWaiting, bytes: boot.maxWaitingBytes },
    requests: reporter,
  });
  caches.controllers.store.subscribe((_key, _before, after) => {
    const { addresses = [], port } = after ?? {};
    links.lead(port === undefined ? [] : addresses.map((host) => authorityOf(host, port)));
  });
  const all = Object.values(caches);
  return {
    throttler,
    tls: internalTls(caches),
    missing: () => unsynced(all).map((kinds) => `the list of ${kinds}`),
    synced: async (signal) => {
      await Promise.all(all.map(({ store }) => store.untilSynced(signal)));
    },
    run: async (signal) => {
      await Promise.all([...all.map((cache) => cache.run(signal)), reporter.run(signal)]);
      links.lead([]);
      throttler.close();
    },
  };
}
