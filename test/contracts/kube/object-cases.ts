import { expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import { collection } from './kube.ts';
import { autoscaler, configMap, deployment, K, lease, podAutoscaler } from './samples.ts';

export function objectCases(bench: () => Bench): void {
  test('a created object is answered as it is stored', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const made = await kube.post(path, configMap('a'));
    expect(made.code).toBe(201);
    expect(made.body).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { color: 'red' } });
    expect(made.body.metadata).toMatchObject({ name: 'a', namespace });
    expect(made.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.body.metadata['creationTimestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect((await kube.get(`${path}/a`)).body).toEqual(made.body);
  });

  test('a name is taken once', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    await kube.post(path, configMap('a'));
    const again = await kube.post(path, configMap('a'));
    expect([again.code, again.body.kind, again.body.reason]).toEqual([409, 'Status', 'AlreadyExists']);
    expect(again.body.details).toMatchObject({ name: 'a', kind: 'configmaps' });
  });

  test('generateName makes names that differ', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const make = () => kube.post(path, { metadata: { generateName: 'some-' } });
    const names = [(await make()).body.metadata.name, (await make()).body.metadata.name];
    expect(names[0]).toMatch(/^some-[a-z0-9]{5}$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test('what is not there is a Status', async () => {
    const { kube, namespace } = bench();
    const missing = await kube.get(`${collection(K.PodAutoscaler, namespace)}/a`);
    expect(missing.code).toBe(404);
    expect(missing.body).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
      details: { name: 'a', group: 'autoscaling.internal.knative.dev', kind: 'podautoscalers' },
    });
  });

  test('a kind that is not served is plain text', async () => {
    const { kube, namespace } = bench();
    for (const path of [`/apis/nothing.example.com/v1/namespaces/${namespace}/things`, '/api/v1/things/a']) {
      const reply = await kube.get(path);
      expect(reply.code).toBe(404);
      if (path.startsWith('/apis')) expect(reply.text).toBe('404 page not found\n');
    }
  });

  test('a namespace that does not exist takes nothing, and lists as empty', async () => {
    const { kube } = bench();
    const path = collection(K.ConfigMap, 'never-made');
    const made = await kube.post(path, configMap('a'));
    expect([made.code, made.body.reason, made.body.details['kind']]).toEqual([404, 'NotFound', 'namespaces']);
    expect((await kube.get(path)).body.items).toEqual([]);
  });

  test('a body of another place or kind is refused', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const elsewhere = await kube.post(path, { metadata: { name: 'a', namespace: 'default' } });
    expect([elsewhere.code, elsewhere.body.reason]).toEqual([400, 'BadRequest']);
    expect((await kube.post(path, podAutoscaler('a'))).code).toBe(400);
    await kube.post(path, configMap('a'));
    expect((await kube.put(`${path}/a`, configMap('b'))).code).toBe(400);
  });

  test('what is no JSON is refused', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.call('POST', collection(K.ConfigMap, namespace), { body: '{"metadata":' });
    expect([reply.code, reply.body.reason]).toEqual([400, 'BadRequest']);
  });

  test('replacing needs the version that is there, when it names one', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const first = (await kube.post(path, configMap('a'))).body;
    const second = await kube.put(`${path}/a`, { ...first, data: { color: 'blue' } });
    expect([second.code, second.body.data]).toEqual([200, { color: 'blue' }]);
    expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(
      Number(first.metadata.resourceVersion),
    );
    const stale = await kube.put(`${path}/a`, { ...first, data: { color: 'green' } });
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
    const blind = await kube.put(`${path}/a`, configMap('a', { color: 'green' }));
    expect([blind.code, blind.body.data]).toEqual([200, { color: 'green' }]);
    expect(blind.body.metadata.uid).toBe(first.metadata.uid);
  });

  test('replacing what is not there: 404 for a kind that is only created by POST', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.put(`${collection(K.PodAutoscaler, namespace)}/a`, {
      ...podAutoscaler('a'),
      metadata: { name: 'a', resourceVersion: '5' },
    });
    expect([reply.code, reply.body.reason]).toEqual([404, 'NotFound']);
  });

  test('replacing by what is there is no write', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const first = (await kube.post(path, podAutoscaler('a'))).body;
    const again = await kube.put(`${path}/a`, first);
    expect(again.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('the server keeps its own metadata', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const first = (await kube.post(path, podAutoscaler('a'))).body;
    const changed = await kube.put(`${path}/a`, {
      ...first,
      metadata: { ...first.metadata, generation: 9, creationTimestamp: '2020-01-01T00:00:00Z' },
    });
    expect(changed.code).toBe(200);
    expect(changed.body.metadata.generation).toBe(1);
    expect(changed.body.metadata['creationTimestamp']).toBe(first.metadata['creationTimestamp']);
    const other = await kube.put(`${path}/a`, { ...first, metadata: { ...first.metadata, uid: 'another' } });
    expect([other.code, other.body.reason]).toEqual([409, 'Conflict']);
  });

  test('the generation counts changes of the spec alone', async () => {
    const { kube, namespace } = bench();
    for (const [kind, sample] of [
      [K.PodAutoscaler, podAutoscaler('a')],
      [K.Deployment, deployment('a')],
    ] as const) {
      const path = collection(kind, namespace);
      expect((await kube.post(path, sample)).body.metadata.generation).toBe(1);
      const labelled = await kube.merge(`${path}/a`, { metadata: { labels: { app: 'a' } } });
      expect(labelled.body.metadata.generation).toBe(1);
      const spec = kind === K.Deployment ? { paused: true } : { reachability: 'Reachable' };
      expect((await kube.merge(`${path}/a`, { spec })).body.metadata.generation).toBe(2);
    }
  });

  test('kinds without a spec of their own have no generation', async () => {
    const { kube, namespace } = bench();
    for (const [kind, sample] of [
      [K.ConfigMap, configMap('a')],
      [K.Lease, lease('a')],
    ] as const)
      expect((await kube.post(collection(kind, namespace), sample)).body.metadata).not.toHaveProperty(
        'generation',
      );
  });

  test('an HPA counts no generation that anybody could wait for', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.HorizontalPodAutoscaler, namespace);
    expect((await kube.post(path, autoscaler('a'))).body.metadata).not.toHaveProperty('generation');
  });

  test('a dry run answers and stores nothing', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const tried = await kube.post(path, configMap('a'), { dryRun: 'All' });
    expect([tried.code, tried.body.data]).toEqual([201, { color: 'red' }]);
    expect((await kube.get(`${path}/a`)).code).toBe(404);
    const stored = (await kube.post(path, configMap('a'))).body;
    await kube.merge(`${path}/a`, { data: { color: 'blue' } }, { dryRun: 'All' });
    expect((await kube.get(`${path}/a`)).body).toEqual(stored);
  });

  test('a lease keeps its microseconds', async () => {
    const { kube, namespace } = bench();
    const made = await kube.post(collection(K.Lease, namespace), lease('a'));
    expect(made.body.spec['renewTime']).toBe('2026-01-02T03:04:05.678901Z');
  });

  test('an event is an object like any other', async () => {
    const { kube, namespace } = bench();
    const made = await kube.post(collection(K.Event, namespace), {
      metadata: { name: 'a.1' },
      involvedObject: { kind: 'ConfigMap', namespace, name: 'a' },
      reason: 'Tested',
      message: 'said',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
    });
    expect([made.code, made.body.reason, made.body['count']]).toEqual([201, 'Tested', 1]);
    const elsewhere = await kube.post(collection(K.Event, namespace), {
      metadata: { name: 'b.1' },
      involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'a' },
    });
    expect([elsewhere.code, elsewhere.body.reason]).toEqual([422, 'Invalid']);
  });
}
