import type { DeploymentSeen, LeaseSeen, PodSeen } from '../../domain/doctor/facts.ts';
import { accessReviewFor, type Right } from '../../domain/doctor/rights.ts';
import { installedView } from '../../domain/doctor/views.ts';
import type { Fault } from '../../domain/fault.ts';
import { keyOfMeta, type KubeObject } from '../../domain/k8s/meta.ts';
import {
  bridgePodView,
  CONTROLLER_LABELS,
  httpPortOf,
  type BridgePod,
} from '../../domain/k8s/read/bridge-pod.ts';
import { conditionOf } from '../../domain/k8s/read/condition.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import { parseRfc3339 } from '../../domain/rfc3339.ts';
import type { Result } from '../../domain/result.ts';
import { seconds } from '../../domain/time.ts';
import type { Key } from '../../domain/key.ts';
import type { AccessReviews } from '../../ports/access-reviews.ts';
import type { KubeReader, Selection } from '../../ports/kube.ts';
import type { HttpGet } from '../../ports/http-get.ts';
import type { LeaseStore } from '../../ports/lease.ts';
import { seen } from './seen.ts';

/** As many as one page has: where there are more, some do not matter. */
const MOST = 500;

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

async function listed<T>(
  reader: Pick<KubeReader, 'list'>,
  selection: Selection,
  read: (object: KubeObject) => Result<T, Fault>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const { items } = await reader.list(selection, { limit: MOST }, signal);
  return items.flatMap((item) => {
    const got = read(item);
    return got.ok ? [got.value] : [];
  });
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

/** The pods of the controller that run. */
export async function controllerPods(
  reader: Pick<KubeReader, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly BridgePod[]> {
  const selection = { resource: RESOURCES.Pod, namespace, labelSelector: CONTROLLER_LABELS };
  const pods = await listed(reader, selection, readThrough(bridgePodView), signal);
  return pods.filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending');
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
