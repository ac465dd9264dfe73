import { readSettings } from '../annotation/parse.ts';
import type { Settings } from '../annotation/settings.ts';
import type { BridgeConfig } from '../config/bridge.ts';
import type { LiveConfig } from '../config/live.ts';
import { plainServer } from '../config/prometheus-servers.ts';
import { keyOf } from '../key.ts';
import { podAutoscalerView } from '../k8s/read/pod-autoscaler.ts';
import { revisionView } from '../k8s/read/revision.ts';
import { NOTHING_AROUND, type World } from '../plan/world.ts';
import { instant } from '../time.ts';
import { USUAL_ADDRESS } from '../prometheus/choose-server.ts';
import type { Template } from './template.ts';

/** What is known of the cluster that an object is meant for. */
export interface Known {
  /** The defaults, where a ConfigMap is not known. */
  readonly config: LiveConfig;
  /** The ConfigMaps that are known. */
  readonly configMaps: ReadonlySet<string>;
  /** Who scales where an annotation does not say; undefined: not known. */
  readonly backend: 'keda' | 'hpa' | undefined;
}

/**
 * The revision of a template in every cluster that it may be meant for. What the platform owner decides in a ConfigMap that is not known,
 * the owner is taken to have decided for it.
 */
export function worldsOf(template: Template, known: Known): readonly World[] {
  const { annotations } = template;
  const config = allowing(known, readSettings(annotations).settings, annotations);
  const name = template.revision;
  const metadata = {
    name,
    namespace: template.namespace,
    uid: 'unknown',
    labels: template.labels,
    annotations,
  };
  const world: Omit<World, 'kedaServed'> = {
    key: keyOf(template.namespace, name),
    at: instant(0),
    pa: podAutoscalerView.parse({
      metadata: { ...metadata, resourceVersion: '1', generation: 1 },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
        reachability: 'Reachable',
        containerConcurrency: template.containerConcurrency,
      },
    }),
    revision: revisionView.parse({ metadata }),
    config,
    ...NOTHING_AROUND,
  };
  const served = known.backend === undefined ? [true, false] : [known.backend === 'keda'];
  return served.map((kedaServed) => ({ ...world, kedaServed }));
}

function allowing(
  { config, configMaps }: Known,
  settings: Settings,
  annotations: Readonly<Record<string, string>>,
): LiveConfig {
  return {
    ...config,
    autoscaler: configMaps.has('config-autoscaler')
      ? config.autoscaler
      : { ...config.autoscaler, allowZeroInitialScale: true },
    bridge: configMaps.has('config-hpa-bridge')
      ? config.bridge
      : { ...config.bridge, ...allowedBy(settings, Object.values(annotations).join('\n')) },
  };
}

/** A configuration in which everything is allowed that these annotations name. */
function allowedBy({ prometheusServer, prometheusAddress }: Settings, all: string): Partial<BridgeConfig> {
  const named = (field: string): readonly string[] =>
    [...all.matchAll(new RegExp(`"${field}"\\s*:\\s*"([^"\\\\]*)"`, 'g'))].map(([, value = '']) => value);
  return {
    prometheusServers: prometheusServer === undefined ? [] : [plainServer(prometheusServer, USUAL_ADDRESS)],
    allowedPrometheusAddresses: [
      ...(prometheusAddress === undefined ? [] : [prometheusAddress]),
      ...named('serverAddress'),
    ],
    allowedTriggerTypes: named('type'),
  };
}
