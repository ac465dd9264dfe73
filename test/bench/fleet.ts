import type { JsonObject } from '../../src/domain/json.ts';
import type { Api } from './api.ts';
import { inParallel } from './api.ts';

const HPA_CLASS = 'hpa.autoscaling.knative.dev';
const AUTOSCALING = 'autoscaling.knative.dev';
const NAMESPACES = 20;

/** What the revisions of the fleet ask for, in turn. */
export const MIX: readonly Readonly<Record<string, string>>[] = [
  {
    [`${AUTOSCALING}/prometheus-query`]: 'sum(rate(http_requests_total{revision="{{ .revisionName }}"}[1m]))',
    [`${AUTOSCALING}/target`]: '12.5',
    [`${AUTOSCALING}/max-scale`]: '20',
  },
  {
    [`${AUTOSCALING}/metric`]: 'cpu',
    [`${AUTOSCALING}/target`]: '70',
    'hpa-bridge.dev/backend': 'hpa',
    [`${AUTOSCALING}/window`]: '60s',
  },
  { [`${AUTOSCALING}/metric`]: 'memory', [`${AUTOSCALING}/target`]: '256', 'hpa-bridge.dev/backend': 'hpa' },
  {
    [`${AUTOSCALING}/metric`]: 'queue_depth',
    [`${AUTOSCALING}/target`]: '1000',
    [`${AUTOSCALING}/min-scale`]: '1',
  },
  {},
  { [`${AUTOSCALING}/prometheus-query`]: 'up', [`${AUTOSCALING}/target`]: 'many' },
];

const isPlannable = (index: number): boolean => index % MIX.length !== MIX.length - 1;
const hasScaler = (index: number): boolean => isPlannable(index) && index % MIX.length !== MIX.length - 2;

export const LISTS = {
  podAutoscalers: '/apis/autoscaling.internal.knative.dev/v1alpha1/podautoscalers',
  revisions: '/apis/serving.knative.dev/v1/revisions',
  serverlessServices: '/apis/networking.internal.knative.dev/v1alpha1/serverlessservices',
  scaledObjects: '/apis/keda.sh/v1alpha1/scaledobjects',
  hpas: '/apis/autoscaling/v2/horizontalpodautoscalers',
  deployments: '/apis/apps/v1/deployments',
  pods: '/api/v1/pods',
} as const;

const inNamespace = (list: string, namespace: string): string =>
  list.replace(/\/([a-z]+)$/, `/namespaces/${namespace}/$1`);

/** How many objects of each kind a complete plan of the fleet has. */
export const complete = (
  count: number,
): { readonly statuses: number; readonly services: number; readonly scalers: number } => {
  const all = Array.from({ length: count }, (_, index) => index);
  return { statuses: count, services: all.filter(isPlannable).length, scalers: all.filter(hasScaler).length };
};

/** Makes `count` revisions of mixed kinds, as Knative's controller would: Revision, PodAutoscaler, Deployment and a ready pod. */
export async function makeFleet(api: Api, count: number): Promise<void> {
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `fleet-${index}`);
  await inParallel(['knative-serving', ...namespaces], 8, (name) =>
    api.send('POST', '/api/v1/namespaces', { metadata: { name } }),
  );
  const all = Array.from({ length: count }, (_, index) => index);
  await inParallel(all, 32, (index) =>
    makeRevision(api, `r${index}-00001`, namespaces[index % NAMESPACES]!, index),
  );
}

async function makeRevision(api: Api, name: string, namespace: string, index: number): Promise<void> {
  const annotations = {
    [`${AUTOSCALING}/class`]: HPA_CLASS,
    'serving.knative.dev/creator': 'bench',
    ...MIX[index % MIX.length],
  };
  const labels = {
    'serving.knative.dev/revision': name,
    'serving.knative.dev/service': name.slice(0, -6),
    'serving.knative.dev/configuration': name.slice(0, -6),
    app: name,
  };
  const post = (list: string, body: JsonObject) => api.send('POST', inNamespace(list, namespace), body);
  const container = {
    name: 'user-container',
    image: 'example.com/app:1',
    ports: [{ containerPort: 8080, name: 'user-port', protocol: 'TCP' }],
    env: Array.from({ length: 10 }, (_, n) => ({ name: `SETTING_${n}`, value: 'a value of some length' })),
    resources: { requests: { cpu: '100m', memory: '128Mi' } },
  };
  const revision = await post(LISTS.revisions, {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: { name, annotations, labels },
    spec: { containerConcurrency: 0, timeoutSeconds: 300, containers: [container] },
  });
  const owner = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    name,
    uid: revision.metadata['uid'] as string,
    controller: true,
    blockOwnerDeletion: true,
  };
  const deployment = `${name}-deployment`;
  await post(LISTS.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deployment, labels, ownerReferences: [owner] },
    spec: {
      replicas: 1,
      selector: { matchLabels: { 'serving.knative.dev/revision': name } },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  const pod = await post(LISTS.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${deployment}-0`, labels },
    spec: { containers: [container], automountServiceAccountToken: false },
  });
  await api.send(
    'PATCH',
    `${inNamespace(LISTS.pods, namespace)}/${pod.metadata.name}/status`,
    {
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      },
    },
    'application/merge-patch+json',
  );
  await post(LISTS.podAutoscalers, {
    apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
    kind: 'PodAutoscaler',
    metadata: {
      name,
      annotations: { [`${AUTOSCALING}/metric`]: 'cpu', ...annotations },
      labels,
      ownerReferences: [owner],
    },
    spec: {
      protocolType: 'http1',
      reachability: 'Reachable',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
    },
  });
}

/** Counts what a controller made, until the plan of the whole fleet is complete. */
export async function untilPlanned(api: Api, count: number, signal: AbortSignal): Promise<void> {
  const wanted = complete(count);
  const seen = { statuses: new Set<string>(), services: new Set<string>(), scalers: new Set<string>() };
  const done = Promise.withResolvers<undefined>();
  const stop = new AbortController();
  const note = (into: Set<string>, uid: unknown): void => {
    into.add(String(uid));
    if (
      seen.statuses.size >= wanted.statuses &&
      seen.services.size >= wanted.services &&
      seen.scalers.size >= wanted.scalers
    )
      done.resolve(undefined);
  };
  const watching = AbortSignal.any([signal, stop.signal]);
  const watches = [
    api.watch(
      LISTS.podAutoscalers,
      (pa) => {
        const status = pa['status'] as
          { readonly conditions?: readonly { readonly type: string }[] } | undefined;
        if (status?.conditions?.some(({ type }) => type === 'Active') === true)
          note(seen.statuses, pa.metadata['uid']);
      },
      watching,
    ),
    api.watch(LISTS.serverlessServices, (sks) => note(seen.services, sks.metadata['uid']), watching),
    api.watch(LISTS.scaledObjects, (object) => note(seen.scalers, object.metadata['uid']), watching),
    api.watch(LISTS.hpas, (object) => note(seen.scalers, object.metadata['uid']), watching),
  ];
  const progress = setInterval(
    () =>
      console.error(
        `  ${seen.statuses.size} statuses, ${seen.services.size} services, ${seen.scalers.size} scalers`,
      ),
    5000,
  );
  await Promise.race([done.promise, ...watches.map((watch) => watch.then(() => done.promise))]);
  clearInterval(progress);
  stop.abort();
  await Promise.all(watches);
}
