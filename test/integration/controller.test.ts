import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

// The real controller over real sockets; only the API server is ours.
let cluster: ClusterInMemory;
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
});
afterEach(() => cluster.stop());

const QUERY = {
  [`${AUTOSCALING}/prometheus-query`]: 'sum(rate(http_requests_total{revision="{{ .revisionName }}"}[1m]))',
  [`${AUTOSCALING}/target`]: '0.5',
};
const CPU = {
  [`${AUTOSCALING}/metric`]: 'cpu',
  [`${AUTOSCALING}/target`]: '70',
  'hpa-bridge.dev/backend': 'hpa',
};

interface Spec {
  readonly spec: {
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly maxReplicaCount?: number;
    readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
  };
}
const specOf = (object: unknown): Spec['spec'] => (object as Spec).spec;

const specWhere = (
  kind: string,
  name: string,
  fits: (spec: Spec['spec']) => boolean,
): Promise<Spec['spec']> =>
  cluster.until(`${kind} ${name} as wanted`, async () => {
    const object = await cluster.get(kind, name);
    return object !== undefined && fits(specOf(object)) && specOf(object);
  });

describe('a revision from its birth', () => {
  test('a query becomes a ScaledObject, and the PodAutoscaler is Ready as soon as its pod and services are', async () => {
    await cluster.controller();
    await cluster.revision('hello-00001', QUERY);
    await cluster.services('hello-00001');
    await cluster.condition('hello-00001', 'Ready', 'True');
    const [trigger] = (await specWhere('ScaledObject', 'hello-00001', () => true)).triggers;
    expect(trigger?.metadata).toEqual({
      serverAddress: 'http://prometheus-operated.default.svc:9090',
      query: 'sum(rate(http_requests_total{revision="hello-00001"}[1m]))',
      threshold: '0.5',
      namespace: 'default',
      ignoreNullValues: 'false',
    });
    const pa = await cluster.get('PodAutoscaler', 'hello-00001');
    expect(pa?.['status']).toMatchObject({
      observedGeneration: 1,
      serviceName: 'hello-00001',
      metricsServiceName: 'hello-00001-private',
      actualScale: 1,
      desiredScale: 1,
    });
  });

  test('cpu becomes an HPA; what the PodAutoscaler was defaulted to is not what the user chose', async () => {
    await cluster.controller();
    await cluster.revision('cpu-00001', CPU);
    await cluster.revision('none-00001', {});
    await specWhere('HorizontalPodAutoscaler', 'cpu-00001', ({ minReplicas }) => minReplicas === 1);
    await cluster.condition('none-00001', 'SignalAvailable', 'Unknown', 'NotMeasuredYet');
    expect(await cluster.get('HorizontalPodAutoscaler', 'none-00001')).toBeUndefined();
    expect(await cluster.get('ScaledObject', 'none-00001')).toBeUndefined();
  });

  test('a mistake is said in a condition and an event, and nothing is made', async () => {
    const { events } = await cluster.controller();
    await cluster.revision('bad-00001', { ...QUERY, [`${AUTOSCALING}/target`]: '-3' });
    const said = await cluster.condition('bad-00001', 'AnnotationsValid', 'False', 'InvalidAnnotation');
    expect(said.message).toContain(`${AUTOSCALING}/target`);
    expect(events.map(({ type, reason }) => ({ type, reason }))).toContainEqual({
      type: 'Warning',
      reason: 'InvalidAnnotation',
    });
    expect(await cluster.get('ScaledObject', 'bad-00001')).toBeUndefined();
  });

  test('a PodAutoscaler of another class is left alone', async () => {
    const { telemetry } = await cluster.controller();
    await cluster.revision('kpa-00001', { [`${AUTOSCALING}/class`]: 'kpa.autoscaling.knative.dev' });
    await cluster.revision('ours-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'ours-00001', () => true);
    expect((await cluster.get('PodAutoscaler', 'kpa-00001'))?.['status']).toBeUndefined();
    expect(telemetry.valueOf('hpa_bridge_faults_total', { code: 'internal' })).toBe(0);
  });
});

test('a revision born with no pods is lifted where an HPA would stand still', async () => {
  await cluster.controller();
  await cluster.revision('zero-00001', { ...CPU, [`${AUTOSCALING}/initial-scale`]: '0' }, 0);
  await cluster.until('one replica', async () => {
    const deployment = await cluster.get('Deployment', 'zero-00001-deployment');
    return (deployment?.['spec'] as { readonly replicas?: number } | undefined)?.replicas === 1;
  });
});

describe('changes', () => {
  test('an edit of the Revision reaches the scaler though the PodAutoscaler did not change', async () => {
    await cluster.controller();
    await cluster.revision('edit-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'edit-00001', () => true);
    await cluster.merge('Revision', 'edit-00001', {
      metadata: { annotations: { [`${AUTOSCALING}/max-scale`]: '7' } },
    });
    await specWhere('HorizontalPodAutoscaler', 'edit-00001', ({ maxReplicas }) => maxReplicas === 7);
  });

  test('a broken edit changes nothing that works', async () => {
    await cluster.controller();
    await cluster.revision('works-00001', CPU);
    await cluster.services('works-00001');
    await cluster.condition('works-00001', 'Ready', 'True');
    const before = await cluster.get('HorizontalPodAutoscaler', 'works-00001');
    await cluster.merge('Revision', 'works-00001', {
      metadata: { annotations: { [`${AUTOSCALING}/target`]: '-1' } },
    });
    await cluster.condition('works-00001', 'AnnotationsValid', 'False');
    expect((await cluster.conditions('works-00001'))['Ready']?.status).toBe('True');
    expect((await cluster.get('HorizontalPodAutoscaler', 'works-00001'))?.metadata['resourceVersion']).toBe(
      before?.metadata['resourceVersion'],
    );
  });

  test('a scaler that somebody edited or deleted comes back', async () => {
    await cluster.controller();
    await cluster.revision('drift-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'drift-00001', () => true);
    await cluster.merge('HorizontalPodAutoscaler', 'drift-00001', { spec: { maxReplicas: 3 } });
    await specWhere(
      'HorizontalPodAutoscaler',
      'drift-00001',
      ({ maxReplicas }) => maxReplicas === 2147483647,
    );
    const gone = await cluster.get('HorizontalPodAutoscaler', 'drift-00001');
    await cluster.remove('HorizontalPodAutoscaler', 'drift-00001');
    await cluster.until('a new HPA', async () => {
      const made = await cluster.get('HorizontalPodAutoscaler', 'drift-00001');
      return made !== undefined && made.metadata['uid'] !== gone?.metadata['uid'];
    });
  });

  test('a foreign HPA of the name is not touched', async () => {
    await cluster.controller();
    const spec = {
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'theirs' },
    };
    const theirs = await cluster.create('HorizontalPodAutoscaler', 'foreign-00001', { spec });
    await cluster.revision('foreign-00001', CPU);
    const said = await cluster.condition('foreign-00001', 'Active', 'False', 'NotOwned');
    expect(said.message).toBe(
      'There is an existing HorizontalPodAutoscaler "foreign-00001" that we do not own.',
    );
    expect((await cluster.get('HorizontalPodAutoscaler', 'foreign-00001'))?.metadata['resourceVersion']).toBe(
      theirs.metadata['resourceVersion'],
    );
  });

  test('a good edit of config-autoscaler replans everything, a bad one is refused and the last good one stays', async () => {
    const { events, telemetry } = await cluster.controller();
    await cluster.revision('config-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'config-00001', () => true);
    const offer = (data: Record<string, string>) =>
      cluster.merge('ConfigMap', 'config-autoscaler', { data }, { namespace: 'knative-serving' });
    await cluster.create('ConfigMap', 'config-autoscaler', { data: { 'max-scale': '9' } }, 'knative-serving');
    await specWhere('HorizontalPodAutoscaler', 'config-00001', ({ maxReplicas }) => maxReplicas === 9);
    await offer({ 'max-scale': 'nine' });
    await cluster.until(
      'the refusal',
      () => telemetry.valueOf('hpa_bridge_config_valid', { configmap: 'config-autoscaler' }) === 0,
    );
    expect(events.find(({ reason }) => reason === 'InvalidConfig')?.message).toContain('max-scale');
    expect(specOf(await cluster.get('HorizontalPodAutoscaler', 'config-00001')).maxReplicas).toBe(9);
    await offer({ 'max-scale': '11' });
    await specWhere('HorizontalPodAutoscaler', 'config-00001', ({ maxReplicas }) => maxReplicas === 11);
  });
});

test('revisions are counted by signal and backend, and gone ones are not', async () => {
  const { telemetry } = await cluster.controller();
  const counted = (signal: string, backend: string): number =>
    telemetry.valueOf('hpa_bridge_revisions', { signal, backend });
  await cluster.revision('one-00001', CPU);
  await cluster.revision('two-00001', QUERY);
  await cluster.until('both counted', () => counted('cpu', 'hpa') === 1 && counted('query', 'keda') === 1);
  await cluster.merge('Revision', 'one-00001', {
    metadata: { annotations: { [`${AUTOSCALING}/target`]: '-1' } },
  });
  await cluster.until(
    'the mistake counted',
    () => counted('cpu', 'hpa') === 0 && counted('invalid', 'none') === 1,
  );
  await cluster.remove('PodAutoscaler', 'two-00001');
  await cluster.until('the gone one not counted', () => counted('query', 'keda') === 0);
});

describe('faults', () => {
  test('KEDA is removed and comes back: one scaler each time, without a restart', async () => {
    await cluster.controller();
    await cluster.revision('auto-00001', QUERY);
    await specWhere('ScaledObject', 'auto-00001', () => true);
    const definition = await cluster.get('CustomResourceDefinition', 'scaledobjects.keda.sh');
    await cluster.remove('CustomResourceDefinition', 'scaledobjects.keda.sh');
    await specWhere('HorizontalPodAutoscaler', 'auto-00001', () => true);
    const { spec } = definition as unknown as { readonly spec: Record<string, never> };
    await cluster.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'scaledobjects.keda.sh' },
      spec,
    });
    await specWhere('ScaledObject', 'auto-00001', () => true);
  });

  test('watches that the server ends and history that it forgets lose no change', async () => {
    await cluster.controller();
    await cluster.revision('first-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'first-00001', () => true);
    cluster.server.closeWatches();
    cluster.server.expireHistory();
    await cluster.revision('second-00001', CPU);
    await specWhere('HorizontalPodAutoscaler', 'second-00001', () => true);
  });

  test('a process that does not lead reads everything and writes nothing, and a new leader repeats no write', async () => {
    let open = false;
    const opened = Promise.withResolvers<undefined>();
    const gate = {
      isOpen: () => open,
      untilOpen: (signal: AbortSignal) =>
        open
          ? Promise.resolve()
          : Promise.race([
              opened.promise,
              new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
            ]).then(() => undefined),
    };
    const follower = await cluster.controller({ gate });
    const leader = await cluster.controller();
    await cluster.revision('lead-00001', CPU);
    await cluster.services('lead-00001');
    await cluster.condition('lead-00001', 'Ready', 'True');
    const writes = (): number =>
      follower.telemetry.valueOf('hpa_bridge_writes_total', {
        kind: 'HorizontalPodAutoscaler',
        verb: 'apply',
      }) + follower.telemetry.valueOf('hpa_bridge_writes_total', { kind: 'PodAutoscaler', verb: 'patch' });
    expect(writes()).toBe(0);
    await leader.stop();
    open = true;
    opened.resolve(undefined);
    await cluster.until(
      'the takeover',
      () => follower.telemetry.valueOf('hpa_bridge_reconcile_seconds', { result: 'requeue' }) > 0,
    );
    expect(writes()).toBe(0);
  });
});
