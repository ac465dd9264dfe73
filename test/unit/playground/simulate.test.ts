import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { apiVersionOf } from '../../../src/domain/k8s/resources.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { KubeObject } from '../../../src/domain/k8s/meta.ts';
import { startApiServer, type ApiServer } from '../../../src/playground/api-server/server.ts';
import { sampleObject, SAMPLES } from '../../../src/playground/samples.ts';
import { simulate } from '../../../src/playground/simulate.ts';
import { Cluster } from '../../../src/playground/simulate/cluster.ts';
import { R } from '../../../src/playground/simulate/kinds.ts';

let server: ApiServer;
let user: Cluster;
let complaints: string[];
let end: () => void;

beforeEach(async () => {
  server = await startApiServer();
  complaints = [];
  end = simulate(server, { complain: (sentence) => complaints.push(sentence) });
  user = new Cluster(server, 'user', Date.now);
});
afterEach(async () => {
  end();
  await server.stop();
});

/** Resolves when nobody has written for some turns. */
async function settled(): Promise<void> {
  for (let quiet = 0, version = server.store.version; quiet < 5; version = server.store.version) {
    await turn();
    quiet = server.store.version === version ? quiet + 1 : 0;
  }
}

const found = (resource: (typeof R)[keyof typeof R], name: string): KubeObject => {
  const object = user.find(resource, 'default', name);
  if (object === undefined) throw new Error(`no ${resource.kind} ${name}`);
  return object;
};
const pods = (revision: string): readonly KubeObject[] =>
  user.labelled(R.Pod, 'default', 'serving.knative.dev/revision', revision);

async function start(name: string): Promise<void> {
  const sample = SAMPLES.find((each) => each.name === name);
  if (sample === undefined) throw new Error(`no sample ${name}`);
  user.apply(R.KnativeService, sampleObject(sample));
  await settled();
}

test('every sample becomes a revision with pods and a PodAutoscaler', async () => {
  for (const { name } of SAMPLES) await start(name);
  expect(complaints).toEqual([]);
  for (const [name, count] of [
    ['query-00001', 1],
    ['cpu-00001', 2],
    ['mistake-00001', 1],
  ] as const) {
    expect(found(R.PodAutoscaler, name)).toMatchObject({
      metadata: {
        annotations: { 'autoscaling.knative.dev/metric': 'cpu' },
        labels: { 'serving.knative.dev/revision': name },
        ownerReferences: [{ kind: 'Revision', name, controller: true }],
      },
      spec: {
        protocolType: 'http1',
        reachability: 'Reachable',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
      },
    });
    expect(found(R.Deployment, `${name}-deployment`)).toMatchObject({ status: { readyReplicas: count } });
    expect(pods(name)).toHaveLength(count);
    expect(pods(name)[0]).toMatchObject({ status: { phase: 'Running' } });
  }
  const query = found(R.Revision, 'query-00001').metadata['annotations'];
  expect(query).not.toHaveProperty(['autoscaling.knative.dev/metric']);
});

test('an edit of the Revision reaches the PodAutoscaler, a new template makes a new Revision', async () => {
  await start('cpu');
  const edit = {
    metadata: {
      annotations: { 'autoscaling.knative.dev/max-scale': '9', 'autoscaling.knative.dev/window': null },
    },
  };
  user.merge(R.Revision, found(R.Revision, 'cpu-00001'), edit);
  await settled();
  const { annotations } = found(R.PodAutoscaler, 'cpu-00001').metadata;
  expect(annotations).toMatchObject({ 'autoscaling.knative.dev/max-scale': '9' });
  expect(annotations).not.toHaveProperty(['autoscaling.knative.dev/window']);
  const spec = { template: { metadata: { annotations: { 'autoscaling.knative.dev/target': '50' } } } };
  user.merge(R.KnativeService, found(R.KnativeService, 'cpu'), { spec });
  await settled();
  expect(found(R.PodAutoscaler, 'cpu-00002')).toMatchObject({ spec: { reachability: 'Reachable' } });
  expect(found(R.PodAutoscaler, 'cpu-00001')).toMatchObject({ spec: { reachability: 'Unreachable' } });
});

test('pods follow the scale, and their number is not put back', async () => {
  await start('query');
  const deployment = found(R.Deployment, 'query-00001-deployment');
  user.merge(R.Deployment, deployment, { spec: { replicas: 3 } });
  await settled();
  expect(pods('query-00001')).toHaveLength(3);
  user.merge(R.Deployment, deployment, { spec: { replicas: 0 } });
  await settled();
  expect(pods('query-00001')).toEqual([]);
});

const bridged = (resource: (typeof R)[keyof typeof R], revision: string, spec: JsonObject): void => {
  user.apply(resource, {
    apiVersion: apiVersionOf(resource),
    metadata: { name: revision, namespace: 'default', labels: { 'serving.knative.dev/revision': revision } },
    spec,
  });
};

test('a ServerlessService leads to the pods while there are any', async () => {
  await start('query');
  const objectRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'query-00001-deployment' };
  bridged(R.ServerlessService, 'query-00001', { mode: 'Serve', protocolType: 'http1', objectRef });
  await settled();
  expect(found(R.ServerlessService, 'query-00001')['status']).toMatchObject({
    serviceName: 'query-00001',
    privateServiceName: 'query-00001-private',
    conditions: [
      { type: 'ActivatorEndpointsPopulated' },
      { type: 'EndpointsPopulated' },
      { type: 'Ready', status: 'True' },
    ],
  });
  const [pod] = pods('query-00001');
  const ip = (pod?.['status'] as JsonObject)['podIP'];
  expect(found(R.Endpoints, 'query-00001')).toMatchObject({ subsets: [{ addresses: [{ ip }] }] });
  user.merge(R.Deployment, found(R.Deployment, 'query-00001-deployment'), { spec: { replicas: 0 } });
  await settled();
  expect(found(R.ServerlessService, 'query-00001')['status']).toMatchObject({
    conditions: [{}, {}, { type: 'Ready', status: 'Unknown', reason: 'NoHealthyBackends' }],
  });
});

test('a ScaledObject gets its HPA, which keeps the scale within limits', async () => {
  await start('query');
  bridged(R.ScaledObject, 'query-00001', {
    scaleTargetRef: { name: 'query-00001-deployment' },
    minReplicaCount: 2,
    maxReplicaCount: 4,
    triggers: [{ type: 'prometheus', metadata: { query: 'up', threshold: '5' } }],
  });
  await settled();
  expect(found(R.ScaledObject, 'query-00001')['status']).toMatchObject({ hpaName: 'keda-hpa-query-00001' });
  expect(found(R.HorizontalPodAutoscaler, 'keda-hpa-query-00001')).toMatchObject({
    spec: {
      metrics: [{ type: 'External', external: { target: { type: 'AverageValue', averageValue: '5' } } }],
    },
    status: { currentReplicas: 2, desiredReplicas: 2 },
  });
  expect(pods('query-00001')).toHaveLength(2);
});

test('a revision goes with its Service', async () => {
  await start('cpu');
  user.remove(R.KnativeService, found(R.KnativeService, 'cpu'));
  await settled();
  for (const resource of [R.Revision, R.PodAutoscaler, R.Deployment, R.Pod])
    expect(user.labelled(resource, 'default', 'serving.knative.dev/service', 'cpu')).toEqual([]);
});

test('what cannot be played is said in a sentence', async () => {
  const bad = {
    metadata: { name: 'a', namespace: 'default' },
    spec: { template: { metadata: { labels: { x: 'not valid!' } } } },
  };
  user.apply(R.KnativeService, bad);
  await settled();
  expect(complaints[0]).toMatch(/^Service default\/a: .*metadata\.labels/);
});
