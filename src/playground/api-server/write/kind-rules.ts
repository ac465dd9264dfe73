import { BlockList, isIP } from 'node:net';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { kindId, type ServedKind } from '../kinds/kind.ts';
import { numberIn, objectIn, objectsIn, omit, textIn } from '../fields.ts';
import { invalidValue, required, type Cause } from '../status.ts';

/** What a kind completes and refuses beyond its schema. */
interface KindRules {
  readonly defaults?: (object: KubeObject) => KubeObject;
  readonly mistakes?: (object: KubeObject, live: KubeObject | undefined) => readonly Cause[];
}

const withSpec = (object: KubeObject, spec: JsonObject): KubeObject => ({
  ...object,
  spec: { ...objectIn(object, 'spec'), ...spec },
});

/** kubernetes: pkg/apis/autoscaling/v2/defaults.go */
function defaultAutoscaler(object: KubeObject): KubeObject {
  const spec = objectIn(object, 'spec');
  const metrics = objectsIn(spec, 'metrics');
  const behavior = spec['behavior'];
  return {
    ...withSpec(object, {
      minReplicas: spec['minReplicas'] ?? 1,
      metrics: metrics.length > 0 ? metrics : [DEFAULT_METRIC],
      ...(isJsonObject(behavior) ? { behavior: defaultBehavior(behavior) } : {}),
    }),
    status: { desiredReplicas: 0, currentMetrics: null, ...objectIn(object, 'status') },
  };
}
const DEFAULT_METRIC: JsonObject = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};
const DOUBLE_OR_FOUR: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const ALL_AT_ONCE: JsonObject = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};
const defaultBehavior = (behavior: JsonObject): JsonObject => ({
  ...behavior,
  scaleUp: { ...DOUBLE_OR_FOUR, ...objectIn(behavior, 'scaleUp') },
  scaleDown: { ...ALL_AT_ONCE, ...objectIn(behavior, 'scaleDown') },
});

function autoscalerMistakes(object: KubeObject): readonly Cause[] {
  const spec = objectIn(object, 'spec');
  const [min, max] = [numberIn(spec, 'minReplicas') ?? 1, numberIn(spec, 'maxReplicas') ?? 0];
  const causes: Cause[] = [];
  if (min < 1) causes.push(invalidValue('spec.minReplicas', min, 'must be greater than or equal to 1'));
  if (max < 1) causes.push(invalidValue('spec.maxReplicas', max, 'must be greater than 0'));
  if (max < min)
    causes.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  objectsIn(spec, 'metrics').forEach((metric, i) =>
    causes.push(...metricMistakes(metric, `spec.metrics[${i}]`)),
  );
  for (const side of ['scaleUp', 'scaleDown']) {
    const window = numberIn(objectIn(objectIn(spec, 'behavior'), side), 'stabilizationWindowSeconds') ?? 0;
    if (window < 0 || window > 3600)
      causes.push(
        invalidValue(
          `spec.behavior.${side}.stabilizationWindowSeconds`,
          window,
          'must be between 0 and 3600',
        ),
      );
  }
  return causes;
}

const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  ContainerResource: 'containerResource',
};
const TARGETS = ['averageValue', 'averageUtilization', 'value'];

function metricMistakes(metric: JsonObject, path: string): readonly Cause[] {
  const source = SOURCES[textIn(metric, 'type')];
  if (source === undefined) return [invalidValue(`${path}.type`, metric['type'], 'is no metric source')];
  const body = metric[source];
  if (!isJsonObject(body)) return [required(`${path}.${source}`)];
  const target = objectIn(body, 'target');
  const at = `${path}.${source}.target`;
  if (textIn(target, 'type') === '') return [required(`${at}.type`)];
  const causes: Cause[] = [];
  if (TARGETS.every((field) => target[field] === undefined)) causes.push(required(`${at}.averageValue`));
  for (const field of TARGETS) {
    const value = target[field];
    const amount = typeof value === 'string' ? Number.parseFloat(value) : value;
    if (typeof amount === 'number' && amount <= 0)
      causes.push(invalidValue(`${at}.${field}`, value, 'must be positive'));
  }
  return causes;
}

/** kubernetes: pkg/apis/apps/v1/defaults.go; the pod template is left as it comes. */
const defaultDeployment = (object: KubeObject): KubeObject => {
  const spec = objectIn(object, 'spec');
  return withSpec(object, {
    replicas: spec['replicas'] ?? 1,
    strategy: spec['strategy'] ?? {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
    },
    revisionHistoryLimit: spec['revisionHistoryLimit'] ?? 10,
    progressDeadlineSeconds: spec['progressDeadlineSeconds'] ?? 600,
  });
};

function workloadMistakes(object: KubeObject, live: KubeObject | undefined): readonly Cause[] {
  const spec = objectIn(object, 'spec');
  const selector = objectIn(spec, 'selector');
  const wanted = objectIn(selector, 'matchLabels');
  const labels = objectIn(objectIn(objectIn(spec, 'template'), 'metadata'), 'labels');
  const causes: Cause[] = [];
  if (Object.entries(wanted).some(([key, value]) => labels[key] !== value))
    causes.push(
      invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  if (live !== undefined && !sameJson(objectIn(live, 'spec')['selector'], selector))
    causes.push(invalidValue('spec.selector', selector, 'field is immutable'));
  if ((numberIn(spec, 'replicas') ?? 0) < 0)
    causes.push(invalidValue('spec.replicas', spec['replicas'], 'must be greater than or equal to 0'));
  return causes;
}

const UNROUTABLE = new BlockList();
UNROUTABLE.addSubnet('127.0.0.0', 8, 'ipv4');
UNROUTABLE.addSubnet('169.254.0.0', 16, 'ipv4');
UNROUTABLE.addSubnet('224.0.0.0', 24, 'ipv4');
UNROUTABLE.addAddress('0.0.0.0', 'ipv4');
UNROUTABLE.addAddress('::1', 'ipv6');

/** Endpoints may not point at the machine itself (kubernetes: ValidateEndpointIP). */
function endpointsMistakes(object: KubeObject): readonly Cause[] {
  return objectsIn(object, 'subsets').flatMap((subset, i) =>
    ['addresses', 'notReadyAddresses'].flatMap((field) =>
      objectsIn(subset, field).flatMap((address, j) =>
        addressMistakes(textIn(address, 'ip'), `subsets[${i}].${field}[${j}].ip`),
      ),
    ),
  );
}
function addressMistakes(ip: string, path: string): readonly Cause[] {
  const version = isIP(ip);
  if (version === 0) return [invalidValue(path, ip, 'must be a valid IP address')];
  if (!UNROUTABLE.check(ip, version === 4 ? 'ipv4' : 'ipv6')) return [];
  return [
    invalidValue(path, ip, 'may not be an unspecified, loopback, link-local or local multicast address'),
  ];
}

/** An event lies in the namespace of what it is about; what is in no namespace has its events in `default`. */
function eventMistakes(object: KubeObject): readonly Cause[] {
  const about = textIn(objectIn(object, 'involvedObject'), 'namespace');
  const here = object.metadata.namespace ?? '';
  if (about === here || (about === '' && here === 'default')) return [];
  return [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}

/** keda: the rule that compares both counts in the ScaledObject's definition. */
function scaledObjectMistakes(object: KubeObject): readonly Cause[] {
  const spec = objectIn(object, 'spec');
  const [min, max] = [numberIn(spec, 'minReplicaCount') ?? 0, numberIn(spec, 'maxReplicaCount') ?? 100];
  return min <= max ? [] : [invalidValue('spec', min, 'minReplicaCount must not be above maxReplicaCount')];
}

/** Text data of a Secret is stored as base64. */
function defaultSecret(object: KubeObject): KubeObject {
  const texts = objectIn(object, 'stringData');
  const data: Record<string, Json | undefined> = { ...objectIn(object, 'data') };
  for (const key of Object.keys(texts)) data[key] = Buffer.from(textIn(texts, key)).toString('base64');
  return { ...omit(object, 'stringData'), ...(Object.keys(data).length === 0 ? {} : { data }) } as KubeObject;
}

const defaultNamespace = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...objectIn(object.metadata, 'labels'), 'kubernetes.io/metadata.name': object.metadata.name },
  },
  spec: { finalizers: ['kubernetes'], ...objectIn(object, 'spec') },
  status: { phase: 'Active', ...objectIn(object, 'status') },
});

const defaultPod = (object: KubeObject): KubeObject => ({
  ...object,
  status: { phase: 'Pending', ...objectIn(object, 'status') },
});

const RULES: Readonly<Record<string, KindRules>> = {
  'horizontalpodautoscalers.autoscaling': { defaults: defaultAutoscaler, mistakes: autoscalerMistakes },
  'deployments.apps': { defaults: defaultDeployment, mistakes: workloadMistakes },
  'replicasets.apps': { mistakes: workloadMistakes },
  'scaledobjects.keda.sh': { mistakes: scaledObjectMistakes },
  endpoints: { mistakes: endpointsMistakes },
  events: { mistakes: eventMistakes },
  secrets: { defaults: defaultSecret },
  namespaces: { defaults: defaultNamespace },
  pods: { defaults: defaultPod },
};

export const withDefaults = (kind: ServedKind, object: KubeObject): KubeObject =>
  RULES[kindId(kind)]?.defaults?.(object) ?? object;
export const kindMistakes = (
  kind: ServedKind,
  object: KubeObject,
  live: KubeObject | undefined,
): readonly Cause[] => RULES[kindId(kind)]?.mistakes?.(object, live) ?? [];
