import { expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import { collection, PATCH } from './kube.ts';
import { autoscaler, configMap, deployment, K, podAutoscaler } from './samples.ts';

const status = { serviceName: 's', metricsServiceName: 'm', actualScale: 0 };

export function subresourceCases(bench: () => Bench): void {
  const made = async (): Promise<string> => {
    const { kube, namespace } = bench();
    await kube.post(collection(K.PodAutoscaler, namespace), { ...podAutoscaler('a'), status });
    return `${collection(K.PodAutoscaler, namespace)}/a`;
  };

  test('an object is born without status, where that has an endpoint', async () => {
    const path = await made();
    expect((await bench().kube.get(path)).body).not.toHaveProperty('status');
  });

  test('the status endpoint writes the status alone, the main one everything else', async () => {
    const { kube } = bench();
    const path = await made();
    const first = await kube.merge(`${path}/status`, {
      status,
      spec: { protocolType: 'h2c' },
      metadata: { labels: { x: 'y' } },
    });
    expect([first.code, first.body.status]).toEqual([200, status]);
    expect(first.body.spec['protocolType']).toBe('http1');
    expect(first.body.metadata).not.toHaveProperty('labels');
    expect(first.body.metadata.generation).toBe(1);
    const second = await kube.merge(path, {
      status: { serviceName: 'other' },
      spec: { protocolType: 'h2c' },
    });
    expect([second.body.status, second.body.spec['protocolType'], second.body.metadata.generation]).toEqual([
      status,
      'h2c',
      2,
    ]);
    expect((await kube.get(`${path}/status`)).body).toEqual(second.body);
  });

  test('a status can be replaced, and is locked by its version', async () => {
    const { kube } = bench();
    const path = await made();
    const read = (await kube.get(path)).body;
    const put = await kube.put(`${path}/status`, { ...read, status });
    expect([put.code, put.body.status]).toEqual([200, status]);
    expect(
      (await kube.put(`${path}/status`, { ...read, status: { ...status, serviceName: 't' } })).code,
    ).toBe(409);
    const { resourceVersion } = read.metadata;
    const stale = await kube.merge(`${path}/status`, {
      metadata: { resourceVersion },
      status: { serviceName: 't' },
    });
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
  });

  test('the same status again is no write', async () => {
    const { kube } = bench();
    const path = await made();
    const first = await kube.merge(`${path}/status`, { status });
    const second = await kube.merge(`${path}/status`, { status });
    expect(second.body).toEqual(first.body);
  });

  test('a status that lacks what it needs is refused', async () => {
    const { kube } = bench();
    const path = await made();
    const reply = await kube.merge(`${path}/status`, { status: { desiredScale: 1 } });
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
    const conditions = [{ type: 'Ready' }];
    expect((await kube.merge(`${path}/status`, { status: { ...status, conditions } })).code).toBe(422);
  });

  test('conditions of a custom resource are replaced as a list', async () => {
    const { kube } = bench();
    const path = await made();
    const conditions = [
      { type: 'Ready', status: 'Unknown' },
      { type: 'Active', status: 'True', severity: 'Info' },
    ];
    await kube.merge(`${path}/status`, { status: { ...status, conditions } });
    const next = await kube.merge(`${path}/status`, { status: { conditions: conditions.slice(0, 1) } });
    expect(next.body.status).toEqual({ ...status, conditions: conditions.slice(0, 1) });
  });

  test('the status of an HPA is written like any other', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.HorizontalPodAutoscaler, namespace)}/a`;
    await kube.post(collection(K.HorizontalPodAutoscaler, namespace), autoscaler('a'));
    const reply = await kube.merge(`${path}/status`, { status: { currentReplicas: 2, desiredReplicas: 3 } });
    expect([reply.code, reply.body.status]).toEqual([
      200,
      { currentReplicas: 2, desiredReplicas: 3, currentMetrics: null },
    ]);
  });

  test('a kind without status has no such endpoint', async () => {
    const { kube, namespace } = bench();
    await kube.post(collection(K.ConfigMap, namespace), configMap('a'));
    expect((await kube.get(`${collection(K.ConfigMap, namespace)}/a/status`)).code).toBe(404);
  });

  test('a Deployment is scaled through its scale', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.Deployment, namespace)}/a`;
    const first = (await kube.post(collection(K.Deployment, namespace), deployment('a', { replicas: 2 })))
      .body;
    const scale = await kube.get(`${path}/scale`);
    expect(scale.body).toEqual({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: {
        name: 'a',
        namespace,
        uid: first.metadata.uid,
        resourceVersion: first.metadata.resourceVersion,
        creationTimestamp: first.metadata['creationTimestamp'],
      },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=a' },
    });
    const patched = await kube.merge(`${path}/scale`, { spec: { replicas: 3 } });
    expect([patched.code, patched.body.spec]).toEqual([200, { replicas: 3 }]);
    const after = (await kube.get(path)).body;
    expect([after.spec['replicas'], after.metadata.generation]).toEqual([3, 2]);
    const put = await kube.put(`${path}/scale`, {
      ...scale.body,
      metadata: { name: 'a', namespace },
      spec: { replicas: 1 },
    });
    expect([put.code, (await kube.get(path)).body.spec['replicas']]).toEqual([200, 1]);
  });

  test('a Scale of nothing leaves its replicas out', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.Deployment, namespace)}/a`;
    await kube.post(collection(K.Deployment, namespace), deployment('a', { replicas: 2 }));
    const zero = await kube.merge(`${path}/scale`, { spec: { replicas: 0 } });
    expect([zero.code, zero.body.spec]).toEqual([200, {}]);
    expect((await kube.get(path)).body.spec['replicas']).toBe(0);
    expect((await kube.get(`${path}/scale`)).body.spec).toEqual({});
  });

  test('a Scale is locked by its version', async () => {
    const { kube, namespace } = bench();
    const path = `${collection(K.Deployment, namespace)}/a`;
    const { resourceVersion } = (await kube.post(collection(K.Deployment, namespace), deployment('a'))).body
      .metadata;
    await kube.merge(`${path}/scale`, { spec: { replicas: 3 } });
    const stale = await kube.merge(`${path}/scale`, { metadata: { resourceVersion }, spec: { replicas: 4 } });
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
    expect((await kube.merge(`${path}/scale`, { spec: { replicas: -1 } })).code).toBe(422);
    const json = [{ op: 'replace', path: '/spec/replicas', value: 5 }];
    const reply = await kube.call('PATCH', `${path}/scale`, { body: json, type: PATCH.json });
    expect(reply.body.spec).toEqual({ replicas: 5 });
  });
}
