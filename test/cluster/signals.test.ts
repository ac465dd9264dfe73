import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { KINDS, type HorizontalPodAutoscaler, type ScaledObject, type Trigger } from './kinds.ts';
import { api, namespace } from './lab.ts';
import { Prometheus } from './prometheus.ts';
import {
  annotate,
  applyService,
  conditionOf,
  eventsAbout,
  PLAIN_QUERY,
  podAutoscalerWith,
  served,
  type Annotations,
} from './serving.ts';

const DEFAULT_PROMETHEUS = 'http://prometheus-operated.default.svc:9090';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('signals');
  bridge = await Bridge.started('signals');
  await bridge.leading();
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

/** KEDA's admission wants every container to ask for the resource that is scaled on; queue-proxy asks for no memory by itself. */
const PROXY_MEMORY = { 'queue.sidecar.serving.knative.dev/memory-resource-request': '20Mi' } as const;

/** Applies a Service, waits until it is Ready, and returns its ScaledObject. */
async function scaledObjectOf(name: string, annotations: Annotations): Promise<ScaledObject> {
  const revision = await served(space.name, name, annotations);
  return eventually(() => api.get(KINDS.scaledObject, space.name, revision));
}

const onlyTrigger = (object: ScaledObject): Trigger => {
  expect(object.spec.triggers).toHaveLength(1);
  return object.spec.triggers[0]!;
};

/** The HPA of this name, once its spec is as KEDA (or the bridge) means it. */
const hpaWhen = (
  name: string,
  holds: (hpa: HorizontalPodAutoscaler) => void,
): Promise<HorizontalPodAutoscaler> =>
  eventually(async () => {
    const hpa = await api.get(KINDS.hpa, space.name, name);
    holds(hpa);
    return hpa;
  });

describe('under KEDA', () => {
  test('the service of the README: a metric, its query, a target and bounds', async () => {
    const query = 'sum(rate(http_requests_total{}[1m]))';
    const object = await scaledObjectOf('readme', {
      metric: 'http_requests_total',
      query,
      target: '5',
      minScale: '1',
      maxScale: '10',
    });
    const revision = object.metadata.name;
    const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
    expect(object.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
        kind: 'PodAutoscaler',
        name: revision,
        uid: pa.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(object.metadata.labels).toMatchObject(pa.metadata.labels!);
    expect(object.metadata.annotations).toMatchObject(pa.metadata.annotations!);
    expect(object.spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${revision}-deployment` },
      minReplicaCount: 1,
      maxReplicaCount: 10,
      advanced: { horizontalPodAutoscalerConfig: { name: revision } },
    });
    expect(onlyTrigger(object)).toMatchObject({
      type: 'prometheus',
      metricType: 'AverageValue',
      metadata: { serverAddress: DEFAULT_PROMETHEUS, query, threshold: '5', namespace: space.name },
    });
    // KEDA understood it: this HPA is its work.
    const hpa = await hpaWhen(revision, ({ spec }) => expect(spec.metrics).toHaveLength(1));
    expect(hpa.metadata.ownerReferences).toMatchObject([{ kind: 'ScaledObject', name: revision }]);
    expect(hpa.spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [{ type: 'External', external: { target: { type: 'AverageValue', averageValue: '5' } } }],
    });
  });

  test('the status of the PodAutoscaler is what Knative expects of one', async () => {
    const revision = await served(space.name, 'status', { metric: 'cpu', target: '80', 'min-scale': '2' });
    await eventually(async () => {
      const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
      const sks = await api.get(KINDS.sks, space.name, revision);
      expect(pa.status).toMatchObject({
        observedGeneration: pa.metadata.generation,
        serviceName: revision,
        metricsServiceName: sks.status?.privateServiceName,
        actualScale: 2,
        desiredScale: 2,
      });
      const conditions = pa.status?.conditions ?? [];
      const types = conditions.map(({ type }) => type);
      expect(types).toEqual(types.toSorted());
      const counting = conditions.filter(({ severity }) => severity === undefined);
      expect(counting.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual(
        ['Active', 'Ready', 'SKSReady', 'ScaleTargetInitialized'].map((type) => [
          type,
          'True',
          undefined,
          undefined,
        ]),
      );
      for (const condition of conditions) expect(condition.lastTransitionTime).toMatch(/^\d{4}-.*Z$/);
    });
    const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
    const sks = await api.get(KINDS.sks, space.name, revision);
    expect(sks.spec).toEqual({
      mode: 'Serve',
      objectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${revision}-deployment` },
      protocolType: 'http1',
      ...(sks.spec.numActivators === undefined ? {} : { numActivators: 0 }),
    });
    expect(sks.metadata.ownerReferences).toMatchObject([
      {
        kind: 'PodAutoscaler',
        name: revision,
        uid: pa.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    const revisionStatus = await api.get(KINDS.revision, space.name, revision);
    expect(conditionOf(revisionStatus, 'Active')).toMatchObject({ status: 'True' });
    expect(revisionStatus.status).toMatchObject({ actualReplicas: 2, desiredReplicas: 2 });
  });

  test('cpu', async () => {
    const object = await scaledObjectOf('cpu', { metric: 'cpu', target: '65.2', 'max-scale': '4' });
    expect(onlyTrigger(object)).toMatchObject({
      type: 'cpu',
      metricType: 'Utilization',
      metadata: { value: '66' },
    });
    expect(object.spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 4 });
    await hpaWhen(object.metadata.name, ({ spec }) =>
      expect(spec.metrics).toMatchObject([
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 66 } },
        },
      ]),
    );
  });

  test('cpu when only a target is given', async () => {
    const object = await scaledObjectOf('target-alone', { target: '50' });
    expect(onlyTrigger(object)).toMatchObject({ type: 'cpu', metadata: { value: '50' } });
  });

  test('memory', async () => {
    const object = await scaledObjectOf('memory', { metric: 'memory', target: '200', ...PROXY_MEMORY });
    expect(onlyTrigger(object)).toMatchObject({
      type: 'memory',
      metricType: 'AverageValue',
      metadata: { value: '200Mi' },
    });
    await hpaWhen(object.metadata.name, ({ spec }) =>
      expect(spec.metrics).toMatchObject([
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } },
        },
      ]),
    );
  });

  test('a refusal by the admission of KEDA is told in its own words', async () => {
    await applyService(space.name, 'refused', { metric: 'memory', target: '200' });
    const pa = await podAutoscalerWith(space.name, 'refused-00001', {
      type: 'Active',
      reason: 'FailedCreate',
    });
    expect(conditionOf(pa, 'Active')?.message).toContain('ScaledObject "refused-00001"');
    await eventually(async () => {
      const messages = (await eventsAbout(space.name, 'refused-00001')).map(({ message }) => message);
      expect(messages).toContainEqual(expect.stringContaining("queue-proxy doesn't have the memory request"));
    });
  });

  test('a query alone, with the revision filled in', async () => {
    const object = await scaledObjectOf('query-alone', {
      'prometheus-query': 'sum(depth{pod=~"{{ .revisionName }}-.*"})',
      target: '3',
    });
    expect(onlyTrigger(object).metadata).toMatchObject({
      query: `sum(depth{pod=~"${object.metadata.name}-.*"})`,
      threshold: '3',
    });
  });

  test('a query derived from the name of the metric', async () => {
    const object = await scaledObjectOf('derived', { metric: 'orders_total', target: '10' });
    const pods = `${object.metadata.name}-deployment-.*`;
    expect(onlyTrigger(object).metadata).toMatchObject({
      query: `sum(rate(orders_total{namespace="${space.name}",pod=~"${pods}"}[1m]))`,
      threshold: '10',
    });
  });

  test.each([
    ['fraction', '0.5', '0.5', '500m'],
    ['thousands', '5000', '5000', '5k'],
  ])('a target is kept exactly: %s', async (name, target, threshold, quantity) => {
    const object = await scaledObjectOf(name, { query: 'vector(1)', target });
    expect(onlyTrigger(object).metadata).toMatchObject({ threshold });
    await hpaWhen(object.metadata.name, ({ spec }) =>
      expect(spec.metrics).toMatchObject([{ external: { target: { averageValue: quantity } } }]),
    );
  });

  test('window, and rules that replace it on one side', async () => {
    const object = await scaledObjectOf('window', {
      query: 'vector(1)',
      target: '5',
      window: '90s',
      'hpa-scale-up-rules': '{"policies":[{"type":"Pods","value":4,"periodSeconds":15}]}',
    });
    const behavior = {
      scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] },
      scaleDown: { stabilizationWindowSeconds: 90 },
    };
    expect(object.spec.advanced).toMatchObject({ horizontalPodAutoscalerConfig: { behavior } });
    await hpaWhen(object.metadata.name, ({ spec }) => expect(spec.behavior).toMatchObject(behavior));
  });

  test('authentication', async () => {
    await api.apply(KINDS.secret, {
      metadata: { namespace: space.name, name: 'credentials' },
      stringData: { token: 'of-the-test' },
    });
    await api.apply(KINDS.triggerAuthentication, {
      metadata: { namespace: space.name, name: 'prometheus-auth' },
      spec: { secretTargetRef: [{ parameter: 'bearerToken', name: 'credentials', key: 'token' }] },
    });
    const object = await scaledObjectOf('auth', {
      query: 'vector(1)',
      target: '5',
      'trigger-prometheus-auth-name': 'prometheus-auth',
      'trigger-prometheus-auth-modes': 'bearer',
    });
    expect(onlyTrigger(object)).toMatchObject({
      authenticationRef: { name: 'prometheus-auth' },
      metadata: { authModes: 'bearer' },
    });
  });

  test('more triggers and a formula over them', async () => {
    const more = [
      {
        type: 'prometheus',
        name: 'queue',
        metadata: { serverAddress: DEFAULT_PROMETHEUS, query: 'sum(queue_depth)', threshold: '10' },
      },
    ];
    const object = await scaledObjectOf('formula', {
      query: 'vector(1)',
      target: '5',
      'trigger-prometheus-name': 'requests',
      'extra-prometheus-triggers': JSON.stringify(more),
      'scaling-modifiers': '{"formula":"requests + queue","target":"5","metricType":"AverageValue"}',
    });
    expect(object.spec.triggers.map(({ name }) => name)).toEqual(['requests', 'queue']);
    expect(object.spec.advanced).toMatchObject({
      scalingModifiers: { formula: 'requests + queue', target: '5', metricType: 'AverageValue' },
    });
  });

  test('an override is kept, but for what makes it ours', async () => {
    const override = {
      metadata: { name: 'somewhere-else' },
      spec: {
        cooldownPeriod: 77,
        pollingInterval: 11,
        maxReplicaCount: 99,
        fallback: { failureThreshold: 3, replicas: 2, behavior: 'currentReplicas' },
        advanced: { restoreToOriginalReplicaCount: true },
        triggers: [
          {
            type: 'prometheus',
            metadata: { serverAddress: DEFAULT_PROMETHEUS, query: 'sum(own)', threshold: '4' },
          },
        ],
      },
    };
    const object = await scaledObjectOf('override', {
      'scaled-object-override': JSON.stringify(override),
      'max-scale': '6',
    });
    expect(object.spec).toMatchObject({
      cooldownPeriod: 77,
      pollingInterval: 11,
      maxReplicaCount: 6,
      fallback: { failureThreshold: 3, replicas: 2, behavior: 'currentReplicas' },
      advanced: {
        restoreToOriginalReplicaCount: true,
        horizontalPodAutoscalerConfig: { name: object.metadata.name },
      },
      scaleTargetRef: { name: `${object.metadata.name}-deployment` },
    });
    expect(onlyTrigger(object).metadata).toMatchObject({ query: 'sum(own)' });
  });

  test('an annotation of KEDA reaches the ScaledObject', async () => {
    const object = await scaledObjectOf('paused', {
      query: 'vector(1)',
      target: '5',
      'autoscaling.keda.sh/paused': 'true',
    });
    expect(object.metadata.annotations).toMatchObject({ 'autoscaling.keda.sh/paused': 'true' });
    await eventually(async () => {
      const seen = await api.get(KINDS.scaledObject, space.name, object.metadata.name);
      expect(conditionOf(seen, 'Paused')).toMatchObject({ status: 'True' });
    });
  });

  test('a real Prometheus, asked by a real KEDA, moves the replicas', async () => {
    const { address } = await Prometheus.start(space.name);
    await configured(
      'config-autoscaler-keda',
      { 'autoscaler.keda.prometheus-address': address },
      async () => {
        const revision = await served(space.name, 'moved', {
          query: 'vector(12)',
          target: '4',
          'max-scale': '9',
        });
        await eventually(async () => {
          const object = await api.get(KINDS.scaledObject, space.name, revision);
          expect(onlyTrigger(object).metadata).toMatchObject({ serverAddress: address });
          const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
          expect(pa.status).toMatchObject({ desiredScale: 3, actualScale: 3 });
        });
      },
    );
  });

  test('a query without a result is no zero: the replicas stay, and the PodAutoscaler says why', async () => {
    const { address } = await Prometheus.start(space.name);
    await configured(
      'config-autoscaler-keda',
      { 'autoscaler.keda.prometheus-address': address },
      async () => {
        const revision = await served(space.name, 'empty', {
          query: 'sum(nobody_exports_this)',
          target: '4',
          'initial-scale': '2',
          'hpa-bridge.dev/polling-interval': '2s',
        });
        await podAutoscalerWith(space.name, revision, {
          type: 'SignalAvailable',
          status: 'False',
          reason: 'TriggerError',
        });
        await podAutoscalerWith(space.name, revision, { type: 'Ready', status: 'True' });
        await hpaWhen(revision, ({ spec, status }) => {
          expect(spec.minReplicas).toBe(1);
          const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
          expect(active).toMatchObject({ status: 'False', reason: 'FailedGetExternalMetric' });
        });
        const deployment = await api.get(KINDS.deployment, space.name, `${revision}-deployment`);
        expect(deployment.spec.replicas).toBe(2);
      },
    );
  });
});

describe('under the HPA', () => {
  const BACKEND = { 'hpa-bridge.dev/backend': 'hpa' } as const;

  const hpaOf = async (name: string, annotations: Annotations): Promise<HorizontalPodAutoscaler> => {
    const revision = await served(space.name, name, { ...BACKEND, ...annotations });
    const hpa = await eventually(() => api.get(KINDS.hpa, space.name, revision));
    expect(await api.find(KINDS.scaledObject, space.name, revision)).toBeUndefined();
    const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
    expect(hpa.metadata.ownerReferences).toMatchObject([
      { kind: 'PodAutoscaler', uid: pa.metadata.uid, controller: true },
    ]);
    expect(hpa.metadata.annotations).toMatchObject(pa.metadata.annotations!);
    expect(hpa.spec.scaleTargetRef).toEqual(pa.spec.scaleTargetRef);
    return hpa;
  };

  test('cpu, without an upper bound', async () => {
    const { spec } = await hpaOf('hpa-cpu', { metric: 'cpu', target: '65.2', 'min-scale': '2' });
    expect(spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 2_147_483_647,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 66 } },
        },
      ],
    });
  });

  test('memory, with a window', async () => {
    const { spec } = await hpaOf('hpa-memory', {
      metric: 'memory',
      target: '200',
      'max-scale': '3',
      window: '30s',
    });
    expect(spec).toMatchObject({
      maxReplicas: 3,
      metrics: [{ resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } } }],
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 30 },
        scaleDown: { stabilizationWindowSeconds: 30 },
      },
    });
  });

  test('it goes once the revision scales by its requests', async () => {
    const { metadata } = await hpaOf('hpa-no-more', { metric: 'cpu', target: '70' });
    await annotate(space.name, metadata.name, { metric: 'concurrency', target: '10' });
    await eventually(async () =>
      expect(await api.find(KINDS.hpa, space.name, metadata.name)).toBeUndefined(),
    );
  });

  test('a query makes none while somebody else serves external metrics, and that is said', async () => {
    await applyService(space.name, 'hpa-query', { ...BACKEND, query: PLAIN_QUERY, target: '5' });
    const pa = await podAutoscalerWith(space.name, 'hpa-query-00001', {
      type: 'Active',
      status: 'Unknown',
      reason: 'ExternalMetricsForeign',
    });
    expect(conditionOf(pa, 'Active')?.message).toContain('keda/keda-metrics-apiserver');
    expect(await api.find(KINDS.hpa, space.name, 'hpa-query-00001')).toBeUndefined();
    expect(await api.find(KINDS.scaledObject, space.name, 'hpa-query-00001')).toBeUndefined();
  });
});

describe('neither metric nor target nor query', () => {
  test('means cpu with signal-without-metric: cpu', async () => {
    await configured('config-hpa-bridge', { 'signal-without-metric': 'cpu' }, async () => {
      const object = await scaledObjectOf('strict', {});
      expect(onlyTrigger(object)).toMatchObject({ type: 'cpu' });
    });
  });
});
