import type { Boot } from '../../domain/config/boot.ts';
import { WEBHOOK_CONFIGURATION } from '../../domain/admission/webhooks.ts';
import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import { OBSERVABILITY } from '../../domain/doctor/config.ts';
import type { Facts, Seen } from '../../domain/doctor/facts.ts';
import { activatorRights, rightsOf } from '../../domain/doctor/rights.ts';
import { settingOf } from '../../domain/doctor/settings.ts';
import { API_SERVICE } from '../../domain/external-metrics/discovery.ts';
import { ACTIVATOR_LABELS, CONTROLLER_LABELS, type BridgePod } from '../../domain/k8s/read/bridge-pod.ts';
import type { ServiceName } from '../../domain/k8s/service-name.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { ok } from '../../domain/result.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import type { Certificates } from '../../ports/certificates.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import type { KubeReader } from '../../ports/kube.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import {
  activatorAddresses,
  asleep,
  deployments,
  leaseSeen,
  metricsPages,
  missingOf,
  podSeen,
  podsOf,
  servedKinds,
} from './look-cluster.ts';
import {
  apiServiceSeen,
  certificateSeen,
  configMapData,
  serversOf,
  serversSeen,
  webhookSeen,
} from './look-metrics.ts';
import { seen } from './seen.ts';

export interface LookParts {
  readonly boot: Boot;
  /** Of the API server: `host:port`. */
  readonly host: string;
  readonly version: (signal: AbortSignal) => Promise<string>;
  readonly reader: KubeReader;
  readonly reviews: Pick<AccessReviews, 'mayDo'>;
  readonly lease: (name: string) => LeaseStore;
  /** Asks a port of a pod. */
  readonly pod: (pod: Key, port: number) => HttpGet;
  readonly certificates: Pick<Certificates, 'read'>;
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly clock: Pick<Clock, 'now'>;
}

const KEDA_OPERATOR = { labelSelector: 'app.kubernetes.io/name=keda-operator' };

/** Looks at everything at once, and changes nothing. Rejects only with the signal's reason, or with a mistake of ours. */
export async function look(parts: LookParts, signal: AbortSignal): Promise<Facts> {
  const { boot, reader, clock } = parts;
  const namespace = boot.systemNamespace;
  const pods = seen(() => podsOf(reader, { namespace, labelSelector: CONTROLLER_LABELS }, signal));
  const pages = pods.then((found) => metricsPages(valuesIn(found), parts.pod, signal));
  const [configured, ofPods, activators, version, served, inSystem, kedaOperators, running, leases] =
    await Promise.all([
      lookAtServers(parts, pages, signal),
      pods.then((found) => lookAsPodsAre(parts, valuesIn(found), signal)),
      lookAtActivators(parts, signal),
      seen(() => parts.version(signal)),
      seen(() => servedKinds(reader, signal)),
      seen(() => deployments(reader, { namespace }, signal)),
      seen(() => deployments(reader, KEDA_OPERATOR, signal)),
      pods,
      Promise.all(
        boot.leaseNames.map(async (name) => ({
          name,
          seen: await seen(() => leaseSeen(parts.lease(name), signal)),
        })),
      ),
      pages,
    ]);
  return {
    ...configured,
    ...ofPods,
    ...activators,
    systemNamespace: namespace,
    host: parts.host,
    ...{ version, served, kedaOperators, leases },
    deployments: inSystem,
    pods: running.ok ? ok(running.value.map(podSeen)) : running,
    // After all else: a lease that was renewed meanwhile is not from the future.
    at: clock.now(),
  };
}

/** Of the manifests. */
const USUAL_ACCOUNT = 'hpa-bridge';

const valuesIn = (found: Seen<readonly BridgePod[]>): readonly BridgePod[] => (found.ok ? found.value : []);

/** What depends on how the controller is set, as far as its pods tell. */
async function lookAsPodsAre(
  { boot, reader, reviews, certificates }: LookParts,
  pods: readonly BridgePod[],
  signal: AbortSignal,
): Promise<
  Pick<Facts, 'secretName' | 'webhookSecret' | 'apiService' | 'certificate' | 'webhook' | 'missingRights'>
> {
  const namespace = boot.systemNamespace;
  const serviceOf = (name: Parameters<typeof settingOf>[0]): ServiceName => ({
    namespace,
    name: settingOf(name, boot, pods),
  });
  const [metrics, webhooks] = [serviceOf('externalMetricsService'), serviceOf('webhookService')];
  const secretName = settingOf('externalMetricsSecret', boot, pods);
  const webhookSecret = settingOf('webhookSecret', boot, pods);
  const rights = rightsOf(namespace, [
    { kind: 'APIService', name: API_SERVICE, only: 'external metrics' },
    { kind: 'Secret', name: secretName, only: 'external metrics' },
    { kind: 'Secret', name: webhookSecret, only: 'the webhook' },
    { kind: 'ValidatingWebhookConfiguration', name: WEBHOOK_CONFIGURATION, only: 'the webhook' },
    { kind: 'MutatingWebhookConfiguration', name: WEBHOOK_CONFIGURATION, only: 'the webhook' },
  ]);
  const account = { namespace, name: pods[0]?.spec.serviceAccountName ?? USUAL_ACCOUNT };
  const held = { secret: keyOf(namespace, secretName), service: metrics };
  const shown = { secret: keyOf(namespace, webhookSecret), service: webhooks };
  const [apiService, certificate, webhook, missingRights] = await Promise.all([
    seen(() => apiServiceSeen(reader, metrics, signal)),
    seen(() => certificateSeen(reader, certificates, held, signal)),
    seen(() => webhookSeen(reader, certificates, shown, signal)),
    seen(() => missingOf(reviews, rights, account)),
  ]);
  return { secretName, webhookSecret, apiService, certificate, webhook, missingRights };
}

async function lookAtActivators(
  { boot, reader, reviews }: LookParts,
  signal: AbortSignal,
): Promise<Pick<Facts, 'activators' | 'missingOfActivators'>> {
  const namespace = boot.systemNamespace;
  const found = await seen(() => podsOf(reader, { namespace, labelSelector: ACTIVATOR_LABELS }, signal));
  const [first] = valuesIn(found);
  const [activators, missingOfActivators] = await Promise.all([
    seen(async () => ({
      pods: valuesIn(found).map(podSeen),
      addresses: await activatorAddresses(reader, namespace, signal),
      asleep: await asleep(reader, signal),
    })),
    seen(async () =>
      first === undefined
        ? []
        : missingOf(reviews, activatorRights(), { namespace, name: first.spec.serviceAccountName }),
    ),
  ]);
  return { activators: found.ok ? activators : found, missingOfActivators };
}

async function lookAtServers(
  { boot, reader, sourceOf }: LookParts,
  pages: Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<Pick<Facts, 'configMaps' | 'servers'>> {
  const configMaps = await Promise.all(
    [...Object.keys(CONFIG_MAPS), OBSERVABILITY].map(async (name) => ({
      name,
      seen: await seen(() => configMapData(reader, keyOf(boot.systemNamespace, name), signal)),
    })),
  );
  return { configMaps, servers: await serversSeen(serversOf(configMaps), sourceOf, pages, signal) };
}
