import type { Boot } from '../../domain/config/boot.ts';
import { WEBHOOK_CONFIGURATION } from '../../domain/admission/webhooks.ts';
import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import { OBSERVABILITY } from '../../domain/doctor/config.ts';
import type { Facts } from '../../domain/doctor/facts.ts';
import { rightsOf } from '../../domain/doctor/rights.ts';
import { API_SERVICE } from '../../domain/external-metrics/discovery.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import type { Certificates } from '../../ports/certificates.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import type { KubeReader } from '../../ports/kube.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import {
  controllerPods,
  deployments,
  leaseSeen,
  metricsPages,
  missingOf,
  podSeen,
  servedKinds,
} from './look-cluster.ts';
import { apiServiceSeen, certificateSeen, configMapData, serversOf, serversSeen } from './look-metrics.ts';
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
  const { boot, reader, reviews, clock } = parts;
  const namespace = boot.systemNamespace;
  const service = { namespace, name: boot.externalMetricsService };
  const secret = keyOf(namespace, boot.externalMetricsSecret);
  const pods = seen(() => controllerPods(reader, namespace, signal));
  const pages = pods.then((found) => metricsPages(found.ok ? found.value : [], parts.pod, signal));
  const rights = rightsOf(namespace, {
    APIService: API_SERVICE,
    Secret: boot.externalMetricsSecret,
    ValidatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
    MutatingWebhookConfiguration: WEBHOOK_CONFIGURATION,
  });
  const account = async (): Promise<string> => {
    const found = await pods;
    return (found.ok ? found.value[0]?.spec.serviceAccountName : undefined) ?? USUAL_ACCOUNT;
  };
  const [
    configured,
    version,
    served,
    inSystem,
    kedaOperators,
    running,
    leases,
    apiService,
    certificate,
    missingRights,
  ] = await Promise.all([
    lookAtServers(parts, pages, signal),
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
    seen(() => apiServiceSeen(reader, service, signal)),
    seen(() => certificateSeen(reader, parts.certificates, { secret, service }, signal)),
    seen(async () => missingOf(reviews, rights, { namespace, name: await account() })),
    pages,
  ]);
  return {
    ...configured,
    systemNamespace: namespace,
    secretName: boot.externalMetricsSecret,
    host: parts.host,
    ...{ version, served, kedaOperators, leases, apiService, certificate, missingRights },
    deployments: inSystem,
    pods: running.ok ? { ok: true, value: running.value.map(podSeen) } : running,
    // After all else: a lease that was renewed meanwhile is not from the future.
    at: clock.now(),
  };
}

/** Of the manifests. */
const USUAL_ACCOUNT = 'hpa-bridge';

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
