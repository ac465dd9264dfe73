import type { JsonObject } from '../../domain/json.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { numberIn, objectIn, objectsIn, textIn } from '../api-server/fields.ts';
import { controlledBy, labelsOf, type Cluster } from './cluster.ts';
import { R } from './kinds.ts';

/** Keeps the Deployment within the limits of its HPA. Nothing is measured here, so the number itself stays as it is. */
export function playAutoscaler(cluster: Cluster, hpa: KubeObject): void {
  const { namespace = '' } = hpa.metadata;
  const spec = objectIn(hpa, 'spec');
  const deployment = cluster.find(R.Deployment, namespace, textIn(objectIn(spec, 'scaleTargetRef'), 'name'));
  if (deployment === undefined) return;
  const current = numberIn(objectIn(deployment, 'spec'), 'replicas') ?? 1;
  const [min, max] = [numberIn(spec, 'minReplicas') ?? 1, numberIn(spec, 'maxReplicas') ?? 1];
  // An HPA leaves alone what somebody has put to sleep.
  const desired = current === 0 ? 0 : Math.min(Math.max(current, min), max);
  if (desired !== current) cluster.merge(R.Deployment, deployment, { spec: { replicas: desired } });
  const status = {
    observedGeneration: numberIn(hpa.metadata, 'generation'),
    currentReplicas: current,
    desiredReplicas: desired,
    conditions: cluster.conditions(hpa, [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'ReadyForNewScale',
        message: 'the last scale was long enough ago',
      },
      {
        type: 'ScalingActive',
        status: current === 0 ? 'False' : 'True',
        reason: current === 0 ? 'ScalingDisabled' : 'ValidMetricFound',
        message:
          current === 0
            ? 'the target has no replicas'
            : 'the playground measures nothing and keeps the scale',
      },
      {
        type: 'ScalingLimited',
        status: 'False',
        reason: 'DesiredWithinRange',
        message: 'the scale is within its limits',
      },
    ]),
  };
  cluster.merge(
    R.HorizontalPodAutoscaler,
    hpa,
    { status: { ...status, observedGeneration: status.observedGeneration ?? null } },
    'status',
  );
}

/** What KEDA's operator does with a ScaledObject: an HPA of its triggers, and a status that names it. */
export function playScaledObject(cluster: Cluster, scaledObject: KubeObject): void {
  const { name, namespace = '' } = scaledObject.metadata;
  const spec = objectIn(scaledObject, 'spec');
  const config = objectIn(objectIn(spec, 'advanced'), 'horizontalPodAutoscalerConfig');
  const hpaName = textIn(config, 'name') || `keda-hpa-${name}`;
  cluster.apply(R.HorizontalPodAutoscaler, {
    metadata: {
      name: hpaName,
      namespace,
      labels: { ...labelsOf(scaledObject), 'scaledobject.keda.sh/name': name },
      ownerReferences: [controlledBy(scaledObject)],
    },
    spec: {
      scaleTargetRef: {
        apiVersion: textIn(objectIn(spec, 'scaleTargetRef'), 'apiVersion') || 'apps/v1',
        kind: textIn(objectIn(spec, 'scaleTargetRef'), 'kind') || 'Deployment',
        name: textIn(objectIn(spec, 'scaleTargetRef'), 'name'),
      },
      minReplicas: Math.max(1, numberIn(spec, 'minReplicaCount') ?? 1),
      maxReplicas: numberIn(spec, 'maxReplicaCount') ?? 100,
      metrics: objectsIn(spec, 'triggers').map((trigger, i) => metricOf(trigger, name, i)),
      ...(config['behavior'] === undefined ? {} : { behavior: config['behavior'] }),
    },
  });
  const status = {
    hpaName,
    conditions: cluster.conditions(scaledObject, [
      {
        type: 'Ready',
        status: 'True',
        reason: 'ScaledObjectReady',
        message: 'ScaledObject is defined correctly',
      },
      { type: 'Active', status: 'True', reason: 'ScalerActive', message: 'Scaling is performed' },
      { type: 'Fallback', status: 'False', reason: 'NoFallbackFound', message: 'No fallbacks are active' },
      { type: 'Paused', status: 'False' },
    ]),
  };
  cluster.merge(R.ScaledObject, scaledObject, { status }, 'status');
}

function metricOf(trigger: JsonObject, name: string, index: number): JsonObject {
  const type = textIn(trigger, 'type');
  const metadata = objectIn(trigger, 'metadata');
  const goal = textIn(metadata, 'threshold') || textIn(metadata, 'value') || '1';
  const metricType = textIn(trigger, 'metricType') || 'AverageValue';
  if (type === 'cpu' || type === 'memory') {
    const target =
      metricType === 'Utilization'
        ? { type: metricType, averageUtilization: Math.round(Number(goal)) }
        : { type: metricType, averageValue: goal };
    return { type: 'Resource', resource: { name: type, target } };
  }
  const target =
    metricType === 'Value' ? { type: metricType, value: goal } : { type: metricType, averageValue: goal };
  const selector = { matchLabels: { 'scaledobject.keda.sh/name': name } };
  return { type: 'External', external: { metric: { name: `s${index}-${type}`, selector }, target } };
}
