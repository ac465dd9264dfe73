import { CONFIG_MAPS } from '../../domain/config/config-maps.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../domain/config/live.ts';
import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import type { CertificateSeen, Facts, ServerSeen, WebhookSeen } from '../../domain/doctor/facts.ts';
import { outcomesIn } from '../../domain/doctor/outcomes.ts';
import { reachedView } from '../../domain/doctor/views.ts';
import { trustedIn, WEBHOOK_CONFIGURATION } from '../../domain/admission/webhooks.ts';
import { keptIn, type Kept } from '../../domain/certificate.ts';
import { claimOf, type Claim } from '../../domain/external-metrics/claim.ts';
import { serverNameOf, type ServiceName } from '../../domain/k8s/service-name.ts';
import { API_SERVICE } from '../../domain/external-metrics/discovery.ts';
import { FaultError, type Fault } from '../../domain/fault.ts';
import { conditionOf, type Condition } from '../../domain/k8s/read/condition.ts';
import { configMapView } from '../../domain/k8s/read/config-map.ts';
import { secretView } from '../../domain/k8s/read/secret.ts';
import { webhookConfigurationView } from '../../domain/k8s/read/webhook-configuration.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { serverOf } from '../../domain/prometheus/choose-server.ts';
import { withoutSecrets } from '../../domain/without-secrets.ts';
import type { Result } from '../../domain/result.ts';
import type { Certificates } from '../../ports/certificates.ts';
import type { KubeReader } from '../../ports/kube.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import { unlessAbsent } from '../../engine/unless-absent.ts';

type Get = Pick<KubeReader, 'get'>;

/** An object through its view; undefined where there is none. */
async function found<T>(
  reading: Promise<KubeObject>,
  read: (object: KubeObject) => Result<T, Fault>,
): Promise<T | undefined> {
  const object = await unlessAbsent(reading);
  if (object === undefined) return undefined;
  const got = read(object);
  if (got.ok) return got.value;
  throw new FaultError(got.error);
}

export const configMapData = async (
  reader: Get,
  key: Key,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> =>
  (await found(reader.get(RESOURCES.ConfigMap, key, signal), readThrough(configMapView)))?.data;

/** Who serves external metrics, and whether the API server reaches it. */
export async function apiServiceSeen(
  reader: Get,
  own: ServiceName,
  signal: AbortSignal,
): Promise<{ readonly claim: Claim; readonly available: Condition | undefined }> {
  const reading = reader.get(RESOURCES.APIService, keyOf('', API_SERVICE), signal);
  const object = await found(reading, readThrough(reachedView));
  return {
    claim: claimOf(object, own),
    available: object && conditionOf(object.status.conditions, 'Available'),
  };
}

/** Of the Secret only what its certificate is goes further. */
export async function certificateSeen(
  reader: Get,
  certificates: Pick<Certificates, 'read'>,
  { secret, service }: { readonly secret: Key; readonly service: ServiceName },
  signal: AbortSignal,
): Promise<CertificateSeen> {
  const kept = keptIn(await found(reader.get(RESOURCES.Secret, secret, signal), readThrough(secretView)));
  return seenIn(kept, certificates, service);
}

const seenIn = (
  kept: Kept,
  certificates: Pick<Certificates, 'read'>,
  service: ServiceName,
): CertificateSeen => ({
  is: kept.is,
  facts: 'material' in kept ? certificates.read(kept.material, serverNameOf(service)) : undefined,
});

/** How the API server asks the webhook; undefined where none is installed. */
export async function webhookSeen(
  reader: Get,
  certificates: Pick<Certificates, 'read'>,
  { secret, service }: { readonly secret: Key; readonly service: ServiceName },
  signal: AbortSignal,
): Promise<WebhookSeen | undefined> {
  const at = keyOf('', WEBHOOK_CONFIGURATION);
  const reading = reader.get(RESOURCES.ValidatingWebhookConfiguration, at, signal);
  const configuration = await found(reading, readThrough(webhookConfigurationView));
  if (configuration === undefined) return undefined;
  const kept = keptIn(await found(reader.get(RESOURCES.Secret, secret, signal), readThrough(secretView)));
  const bundle = trustedIn(configuration, service);
  const certificate = seenIn(kept, certificates, service);
  const believed =
    certificate.facts?.ok === true && 'material' in kept && bundle !== undefined
      ? certificates.read({ ...kept.material, ca: bundle }, serverNameOf(service))
      : undefined;
  return {
    isOurs: bundle !== undefined,
    isStrict: configuration.webhooks.some(({ failurePolicy }) => failurePolicy === 'Fail'),
    certificate,
    distrust: believed?.ok === false ? believed.error : undefined,
  };
}

/** Every server that is configured, and the one that is asked where a revision names none. A ConfigMap that is refused has no part in it. */
export function serversOf(configMaps: Facts['configMaps']): readonly PrometheusServer[] {
  const config = configMaps.reduce<LiveConfig>((live, { name, seen }) => {
    const taken = seen.ok && seen.value !== undefined ? CONFIG_MAPS[name]?.take(live, seen.value) : undefined;
    return taken?.ok === true ? taken.value : live;
  }, LIVE_DEFAULTS);
  const usual = serverOf({ prometheusServer: undefined, prometheusAddress: undefined }, config);
  const named = config.bridge.prometheusServers;
  return usual.ok && !named.includes(usual.value) ? [...named, usual.value] : named;
}

/** A number on every server, and the time of its clock with it. */
const QUERY = 'count(up == 1) or vector(0)';

/** `pages`: what replicas tell on /metrics. */
export const serversSeen = (
  servers: readonly PrometheusServer[],
  sourceOf: (server: PrometheusServer) => MetricSource,
  pages: Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly ServerSeen[]> =>
  Promise.all(
    servers.map(async (server) => ({
      name: server.name,
      address: withoutSecrets(server.address),
      answer: await sourceOf(server).ask({ query: QUERY }, signal),
      outcomes: outcomesIn(await pages, server.name),
    })),
  );
