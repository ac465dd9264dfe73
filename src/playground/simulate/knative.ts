import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { childName } from '../../domain/k8s/child-name.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { numberIn, objectIn, objectsIn, omit, textIn } from '../api-server/fields.ts';
import { annotationsOf, controlledBy, labelsOf, statusOf, type Cluster } from './cluster.ts';
import { R, REVISION, SERVICE } from './kinds.ts';

const GENERATION = 'serving.knative.dev/configurationGeneration';
const CLASS = 'autoscaling.knative.dev/class';
const METRIC = 'autoscaling.knative.dev/metric';

/** Makes a Revision of each new template of a Service; the newest is reachable. */
export function playService(cluster: Cluster, service: KubeObject): void {
  const { name, namespace = '' } = service.metadata;
  const generation = numberIn(service.metadata, 'generation') ?? 1;
  const template = objectIn(objectIn(service, 'spec'), 'template');
  const revision = `${name}-${String(generation).padStart(5, '0')}`;
  cluster.ensure(R.Revision, {
    metadata: {
      name: revision,
      namespace,
      annotations: objectIn(objectIn(template, 'metadata'), 'annotations'),
      labels: {
        ...objectIn(objectIn(template, 'metadata'), 'labels'),
        [SERVICE]: name,
        'serving.knative.dev/serviceUID': textIn(service.metadata, 'uid'),
        'serving.knative.dev/configuration': name,
        [GENERATION]: String(generation),
      },
      ownerReferences: [controlledBy(service)],
    },
    spec: objectIn(template, 'spec'),
  });
  const ready = statusOf(cluster.find(R.Revision, namespace, revision), 'Ready');
  const status = {
    observedGeneration: generation,
    latestCreatedRevisionName: revision,
    ...(ready === 'True' ? { latestReadyRevisionName: revision } : {}),
    conditions: cluster.conditions(service, [
      { type: 'ConfigurationsReady', status: ready },
      { type: 'Ready', status: ready },
      { type: 'RoutesReady', status: ready },
    ]),
  };
  cluster.merge(R.KnativeService, service, { status }, 'status');
}

/** Makes the Deployment and the PodAutoscaler of a Revision, and keeps the latter's annotations those of the Revision. */
export function playRevision(cluster: Cluster, revision: KubeObject): void {
  const { name, namespace = '' } = revision.metadata;
  const owned = {
    namespace,
    labels: {
      app: name,
      ...labelsOf(revision),
      [REVISION]: name,
      'serving.knative.dev/revisionUID': textIn(revision.metadata, 'uid'),
    },
    ownerReferences: [controlledBy(revision)],
  };
  const deployment = childName(name, '-deployment');
  // The number of pods is set once; from then on it belongs to whoever scales.
  cluster.ensure(R.Deployment, {
    metadata: { name: deployment, ...owned },
    spec: {
      replicas: initialScale(revision),
      selector: { matchLabels: { 'serving.knative.dev/revisionUID': textIn(revision.metadata, 'uid') } },
      template: { metadata: { labels: owned.labels }, spec: { containers: containersOf(revision) } },
    },
  });
  const autoscaler = cluster.apply(R.PodAutoscaler, {
    metadata: { name, ...owned, annotations: autoscalerAnnotations(revision) },
    spec: {
      protocolType: protocolOf(revision),
      reachability: isNewest(cluster, revision) ? 'Reachable' : 'Unreachable',
      containerConcurrency: numberIn(objectIn(revision, 'spec'), 'containerConcurrency') ?? 0,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
    },
  });
  const started = statusOf(autoscaler, 'ScaleTargetInitialized') === 'True' ? 'True' : 'Unknown';
  const status = {
    observedGeneration: numberIn(revision.metadata, 'generation') ?? 1,
    conditions: cluster.conditions(revision, [
      { type: 'Active', status: statusOf(autoscaler, 'Ready'), severity: 'Info' },
      { type: 'ContainerHealthy', status: started },
      { type: 'Ready', status: started },
      { type: 'ResourcesAvailable', status: started },
    ]),
  };
  cluster.merge(R.Revision, revision, { status }, 'status');
}

/** Knative's webhook gives a PodAutoscaler of this class a metric where the user named none. */
function autoscalerAnnotations(revision: KubeObject): JsonObject {
  const annotations = annotationsOf(revision);
  return annotations[CLASS] === 'hpa.autoscaling.knative.dev'
    ? { [METRIC]: 'cpu', ...annotations }
    : annotations;
}

function isNewest(cluster: Cluster, revision: KubeObject): boolean {
  const labels = labelsOf(revision);
  const all = cluster.labelled(
    R.Revision,
    revision.metadata.namespace ?? '',
    SERVICE,
    textIn(labels, SERVICE),
  );
  const generationOf = (each: KubeObject): number => Number(textIn(labelsOf(each), GENERATION));
  return all.every((each) => generationOf(each) <= generationOf(revision));
}

function initialScale(revision: KubeObject): number {
  const annotations = annotationsOf(revision);
  const least = [
    annotations['autoscaling.knative.dev/initial-scale'],
    annotations['autoscaling.knative.dev/min-scale'],
  ];
  return Math.max(1, ...least.map(Number).filter(Number.isInteger));
}

const containersOf = (revision: KubeObject): readonly JsonObject[] =>
  objectsIn(objectIn(revision, 'spec'), 'containers').map((container, i) => ({
    name: i === 0 ? 'user-container' : `container-${i}`,
    ...omit(container, 'env'),
  }));

const protocolOf = (revision: KubeObject): string => {
  const [container] = objectsIn(objectIn(revision, 'spec'), 'containers');
  const [port] = isJsonObject(container) ? objectsIn(container, 'ports') : [];
  return port?.['name'] === 'h2c' ? 'h2c' : 'http1';
};
