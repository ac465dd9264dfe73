import type { JsonObject } from '../../domain/json.ts';
import { childName } from '../../domain/k8s/child-name.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { numberIn, objectIn, textIn } from '../api-server/fields.ts';
import { annotationsOf, controlledBy, labelsOf, type Cluster } from './cluster.ts';
import { R, REVISION } from './kinds.ts';

const PORTS: Readonly<Record<string, JsonObject>> = {
  http1: { name: 'http', port: 80, targetPort: 8012, protocol: 'TCP' },
  h2c: { name: 'http2', port: 81, targetPort: 8013, protocol: 'TCP' },
};

/** Makes the two Services of a ServerlessService and the addresses behind them, and says when pods can be reached. */
export function playServerlessService(cluster: Cluster, sks: KubeObject): void {
  const { name, namespace = '' } = sks.metadata;
  const spec = objectIn(sks, 'spec');
  const privateName = childName(name, '-private');
  const port = PORTS[textIn(spec, 'protocolType')] ?? {};
  const deployment = cluster.find(R.Deployment, namespace, textIn(objectIn(spec, 'objectRef'), 'name'));
  const selector =
    deployment === undefined
      ? {}
      : objectIn(objectIn(objectIn(deployment, 'spec'), 'selector'), 'matchLabels');
  const subsets = subsetsOf(cluster, namespace, name, port);
  for (const [service, type] of [
    [privateName, 'Private'],
    [name, 'Public'],
  ] as const) {
    const metadata = {
      name: service,
      namespace,
      annotations: annotationsOf(sks),
      labels: {
        ...labelsOf(sks),
        'networking.internal.knative.dev/serverlessservice': name,
        'networking.internal.knative.dev/serviceType': type,
      },
      ownerReferences: [controlledBy(sks)],
    };
    cluster.apply(R.Service, {
      metadata,
      spec: { ports: [port], ...(type === 'Private' ? { selector } : {}) },
    });
    cluster.apply(R.Endpoints, { metadata, subsets });
  }
  const ready = subsets.length > 0 ? 'True' : 'Unknown';
  const because =
    ready === 'True' ? {} : { reason: 'NoHealthyBackends', message: 'K8s Service is not ready' };
  const status = {
    observedGeneration: numberIn(sks.metadata, 'generation') ?? 1,
    serviceName: name,
    privateServiceName: privateName,
    conditions: cluster.conditions(sks, [
      {
        type: 'ActivatorEndpointsPopulated',
        status: ready === 'True' && spec['mode'] !== 'Proxy' ? 'False' : 'True',
        severity: 'Info',
      },
      { type: 'EndpointsPopulated', status: ready, ...because },
      { type: 'Ready', status: ready, ...because },
    ]),
  };
  cluster.merge(R.ServerlessService, sks, { status }, 'status');
}

function subsetsOf(
  cluster: Cluster,
  namespace: string,
  revision: string,
  port: JsonObject,
): readonly JsonObject[] {
  const addresses = cluster
    .labelled(R.Pod, namespace, REVISION, revision)
    .map((pod) => ({ ip: textIn(objectIn(pod, 'status'), 'podIP') }))
    .filter(({ ip }) => ip !== '');
  return addresses.length === 0
    ? []
    : [{ addresses, ports: [{ name: port['name'], port: port['targetPort'], protocol: 'TCP' }] }];
}
