import type { ActivatorsSeen, DeploymentSeen, LeaseSeen, PodSeen } from '../../domain/doctor/facts.ts';
import { accessReviewFor, type Right } from '../../domain/doctor/rights.ts';
import { installedView } from '../../domain/doctor/views.ts';
import type { Fault } from '../../domain/fault.ts';
import { OUR_ACTIVATOR, SERVICE_TYPE } from '../../domain/k8s/knative-services.ts';
import { controllerOf, keyOfMeta, type KubeObject } from '../../domain/k8s/meta.ts';
import { bridgePodView, httpPortOf, type BridgePod } from '../../domain/k8s/read/bridge-pod.ts';
import { conditionOf } from '../../domain/k8s/read/condition.ts';
import { endpointsView, readyAddresses } from '../../domain/k8s/read/endpoints.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { deploymentView, REVISION_LABEL, revisionOf } from '../../domain/k8s/read/workload.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import { parseRfc3339 } from '../../domain/rfc3339.ts';
import type { Result } from '../../domain/result.ts';
import { seconds } from '../../domain/time.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { unlessAbsent } from '../../engine/unless-absent.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import type { KubeReader, Selection } from '../../ports/kube.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import { seen } from './seen.ts';

const PAGE = 500;

const KINDS: readonly Kind[] = [
  'Revision',
  'PodAutoscaler',
  'ServerlessService',
  'HorizontalPodAutoscaler',
  'ScaledObject',
];

export async function servedKinds(
  reader: Pick<KubeReader, 'served'>,
  signal: AbortSignal,
): Promise<ReadonlySet<Kind>> {
  const served = await Promise.all(
    KINDS.map(async (kind) => ((await reader.served(RESOURCES[kind], signal)) ? [kind] : [])),
  );
  return new Set(served.flat());
}

/** Every object that can be read, page by page. */
async function listed<T>(
  reader: Pick<KubeReader, 'list'>,
  selection: Selection,
  read: (object: KubeObject) => Result<T, Fault>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const all: T[] = [];
  let from: string | undefined;
  do {
    const page = await reader.list(
      selection,
      { limit: PAGE, ...(from !== undefined && { continue: from }) },
      signal,
    );
    for (const item of page.items) {
      const got = read(item);
      if (got.ok) all.push(got.value);
    }
    from = page.continue;
  } while (from !== undefined);
  return all;
}

export async function deployments(
  reader: Pick<KubeReader, 'list'>,
  where: Omit<Selection, 'resource'>,
  signal: AbortSignal,
): Promise<readonly DeploymentSeen[]> {
  const all = await listed(
    reader,
    { ...where, resource: RESOURCES.Deployment },
    readThrough(installedView),
    signal,
  );
  return all.map(({ metadata, spec }) => ({
    name: metadata.name,
    replicas: spec.replicas,
    version: metadata.labels['app.kubernetes.io/version'] ?? '',
  }));
}

/** The pods with these labels that run, or are about to. */
export async function podsOf(
  reader: Pick<KubeReader, 'list'>,
  { namespace, labelSelector }: { readonly namespace: string; readonly labelSelector: string },
  signal: AbortSignal,
): Promise<readonly BridgePod[]> {
  const selection = { resource: RESOURCES.Pod, namespace, labelSelector };
  const pods = await listed(reader, selection, readThrough(bridgePodView), signal);
  return pods.filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending');
}

/** Of activators that are ready, as the Endpoints of their Service have them. */
export async function activatorAddresses(
  reader: Pick<KubeReader, 'get'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const object = await unlessAbsent(reader.get(RESOURCES.Endpoints, keyOf(namespace, OUR_ACTIVATOR), signal));
  const got = object && readThrough(endpointsView)(object);
  return got?.ok === true ? readyAddresses(got.value).map(({ ip }) => ip) : [];
}

/** Revisions without pods whose Services hpa-bridge keeps. */
export async function asleep(
  reader: Pick<KubeReader, 'list'>,
  signal: AbortSignal,
): Promise<ActivatorsSeen['asleep']> {
  const [deployments, endpoints] = await Promise.all([
    listed(
      reader,
      { resource: RESOURCES.Deployment, labelSelector: REVISION_LABEL },
      readThrough(deploymentView),
      signal,
    ),
    listed(
      reader,
      { resource: RESOURCES.Endpoints, labelSelector: `${SERVICE_TYPE}=Public` },
      readThrough(endpointsView),
      signal,
    ),
  ]);
  const empty = new Set(deployments.filter(({ spec }) => spec.replicas === 0).flatMap(revisionOf));
  return endpoints
    .filter(({ metadata }) => controllerOf(metadata)?.kind === RESOURCES.PodAutoscaler.kind)
    .map((found) => ({
      key: keyOfMeta(found.metadata),
      addresses: readyAddresses(found).map(({ ip }) => ip),
    }))
    .filter(({ key }) => empty.has(key));
}

/** What they tell on /metrics; who does not answer is left out. */
export async function metricsPages(
  pods: readonly BridgePod[],
  get: (pod: Key, port: number) => HttpGet,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const pages = await Promise.all(
    pods.map((pod) => seen(() => get(keyOfMeta(pod.metadata), httpPortOf(pod))('/metrics', signal))),
  );
  return pages.flatMap((page) => (page.ok && page.value.status === 200 ? [page.value.body] : []));
}

export const podSeen = ({ metadata, status }: BridgePod): PodSeen => ({
  name: metadata.name,
  isReady: conditionOf(status.conditions, 'Ready')?.status === 'True',
});

export async function leaseSeen(lease: LeaseStore, signal: AbortSignal): Promise<LeaseSeen | undefined> {
  const record = await lease.read(signal);
  if (record === undefined) return undefined;
  return {
    holder: record.holder,
    duration: seconds(record.durationSeconds),
    renewedAt: parseRfc3339(record.renewTime.replace(/\.\d+Z$/, 'Z')),
  };
}

/** Those of the rights that the ServiceAccount does not have. */
export async function missingOf(
  reviews: Pick<AccessReviews, 'mayDo'>,
  rights: readonly Right[],
  account: { readonly namespace: string; readonly name: string },
): Promise<readonly Right[]> {
  const asked = await Promise.all(
    rights.map(async (right) =>
      (await reviews.mayDo(accessReviewFor(right, account))).allowed ? [] : [right],
    ),
  );
  return asked.flat();
}
