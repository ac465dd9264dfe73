import { expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import { collection, PATCH } from './kube.ts';
import { configMap, deployment, K, podAutoscaler } from './samples.ts';

export function patchCases(bench: () => Bench): void {
  const made = async (): Promise<string> => {
    const { kube, namespace } = bench();
    await kube.post(collection(K.ConfigMap, namespace), configMap('a', { color: 'red', size: '5' }));
    return `${collection(K.ConfigMap, namespace)}/a`;
  };

  test('a merge patch changes, adds and removes', async () => {
    const path = await made();
    const reply = await bench().kube.merge(path, { data: { color: 'blue', size: null, more: 'x' } });
    expect([reply.code, reply.body.data]).toEqual([200, { color: 'blue', more: 'x' }]);
  });

  test('a merge patch that changes nothing is no write', async () => {
    const path = await made();
    const before = (await bench().kube.get(path)).body;
    expect((await bench().kube.merge(path, { data: { color: 'red' } })).body).toEqual(before);
  });

  test('a merge patch replaces lists', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    await kube.post(path, {
      ...podAutoscaler('a'),
      metadata: { name: 'a', finalizers: ['example.com/one', 'example.com/two'] },
    });
    const reply = await kube.merge(`${path}/a`, { metadata: { finalizers: ['example.com/two'] } });
    expect(reply.body.metadata['finalizers']).toEqual(['example.com/two']);
    await kube.merge(`${path}/a`, { metadata: { finalizers: null } });
  });

  test('a version in a merge patch is a lock', async () => {
    const { kube } = bench();
    const path = await made();
    const { resourceVersion } = (await kube.get(path)).body.metadata;
    const locked = (color: string) => kube.merge(path, { metadata: { resourceVersion }, data: { color } });
    expect((await locked('blue')).code).toBe(200);
    const stale = await locked('green');
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
  });

  test('a patch of what is not there', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.merge(`${collection(K.ConfigMap, namespace)}/a`, { data: {} });
    expect([reply.code, reply.body.reason]).toEqual([404, 'NotFound']);
  });

  test('a patch cannot change whose patch it is', async () => {
    const path = await made();
    expect((await bench().kube.merge(path, { metadata: { name: 'b' } })).code).toBe(400);
  });

  test('a JSON patch runs its operations in order', async () => {
    const path = await made();
    const body = [
      { op: 'test', path: '/data/color', value: 'red' },
      { op: 'replace', path: '/data/color', value: 'blue' },
      { op: 'remove', path: '/data/size' },
      { op: 'add', path: '/metadata/labels', value: { 'a.b~c/d': 'x' } },
      { op: 'copy', from: '/data/color', path: '/data/copy' },
      { op: 'move', from: '/data/copy', path: '/data/moved' },
    ].map((each) => (each.path === '/metadata/labels' ? { ...each, value: { 'a.b/d': 'x' } } : each));
    const reply = await bench().kube.call('PATCH', path, { body, type: PATCH.json });
    expect([reply.code, reply.body.data]).toEqual([200, { color: 'blue', moved: 'blue' }]);
    expect(reply.body.metadata['labels']).toEqual({ 'a.b/d': 'x' });
    const escaped = [{ op: 'remove', path: '/metadata/labels/a.b~1d' }];
    const next = await bench().kube.call('PATCH', path, { body: escaped, type: PATCH.json });
    expect(next.body.metadata).not.toHaveProperty('labels');
  });

  test.each([
    ['a test that fails', [{ op: 'test', path: '/data/color', value: 'blue' }]],
    ['a place that is missing', [{ op: 'remove', path: '/data/nothing' }]],
  ])('a JSON patch with %s is refused', async (_, body) => {
    const path = await made();
    const reply = await bench().kube.call('PATCH', path, { body, type: PATCH.json });
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
  });

  test('a strategic patch merges lists by key, and is not for custom resources', async () => {
    const { kube, namespace } = bench();
    await kube.post(collection(K.Deployment, namespace), deployment('a'));
    const body = { spec: { template: { spec: { containers: [{ name: 'side', image: 'two' }] } } } };
    const reply = await kube.call('PATCH', `${collection(K.Deployment, namespace)}/a`, {
      body,
      type: PATCH.strategic,
    });
    const { containers } = (reply.body.spec as { template: { spec: { containers: { name: string }[] } } })
      .template.spec;
    expect(containers.map(({ name }) => name).sort()).toEqual(['app', 'side']);
    await kube.post(collection(K.PodAutoscaler, namespace), podAutoscaler('a'));
    const custom = await kube.call('PATCH', `${collection(K.PodAutoscaler, namespace)}/a`, {
      body: {},
      type: PATCH.strategic,
    });
    expect([custom.code, custom.body.reason]).toEqual([415, 'UnsupportedMediaType']);
  });

  test('a patch of no known type is refused', async () => {
    const path = await made();
    const reply = await bench().kube.call('PATCH', path, { body: {}, type: 'application/json' });
    expect([reply.code, reply.body.reason]).toEqual([415, 'UnsupportedMediaType']);
  });
}
