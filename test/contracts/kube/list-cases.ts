import { expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import { collection, type Body, type Reply } from './kube.ts';
import { configMap, K, podAutoscaler } from './samples.ts';

const namesOf = ({ body }: Reply): string[] => body.items.map(({ metadata }) => metadata.name);

async function makeMany({ kube, namespace }: Bench, count: number): Promise<string> {
  const path = collection(K.PodAutoscaler, namespace);
  for (let i = 0; i < count; i++)
    await kube.post(path, {
      ...podAutoscaler(`pa-${i}`),
      metadata: {
        name: `pa-${i}`,
        labels: { parity: i % 2 === 0 ? 'even' : 'odd', ...(i === 0 ? { first: '' } : {}) },
      },
    });
  return path;
}

export function listCases(bench: () => Bench): void {
  test('a list has a kind, a version and its objects by name', async () => {
    const path = await makeMany(bench(), 3);
    const reply = await bench().kube.get(path);
    expect(reply.body).toMatchObject({
      kind: 'PodAutoscalerList',
      apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
    });
    expect(namesOf(reply)).toEqual(['pa-0', 'pa-1', 'pa-2']);
    expect(Number(reply.body.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  test('items of a custom resource say their kind, those of a kind of the server do not', async () => {
    const { kube, namespace } = bench();
    const path = await makeMany(bench(), 1);
    expect((await kube.get(path)).body.items[0]).toHaveProperty('kind', 'PodAutoscaler');
    await kube.post(collection(K.ConfigMap, namespace), configMap('a'));
    const [item] = (await kube.get(collection(K.ConfigMap, namespace), { fieldSelector: 'metadata.name=a' }))
      .body.items;
    expect(item).not.toHaveProperty('kind');
    expect(item).toMatchObject({ metadata: { name: 'a' }, data: { color: 'red' } });
  });

  test('a list over all namespaces has the objects of each', async () => {
    const { kube, namespace } = bench();
    await makeMany(bench(), 2);
    const all = await kube.get(collection(K.PodAutoscaler));
    expect(all.body.items.filter(({ metadata }) => metadata.namespace === namespace)).toHaveLength(2);
  });

  test('pages are a snapshot', async () => {
    const { kube } = bench();
    const path = await makeMany(bench(), 5);
    const first = await kube.get(path, { limit: 2 });
    expect(namesOf(first)).toEqual(['pa-0', 'pa-1']);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    await kube.remove(`${path}/pa-2`);
    await kube.merge(`${path}/pa-3`, { metadata: { labels: { late: 'yes' } } });
    await kube.post(path, podAutoscaler('pa-9'));
    const second = await kube.get(path, { limit: 2, continue: first.body.metadata.continue! });
    expect(namesOf(second)).toEqual(['pa-2', 'pa-3']);
    expect(second.body.items[1]?.metadata['labels']).not.toHaveProperty('late');
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    const third = await kube.get(path, { limit: 2, continue: second.body.metadata.continue! });
    expect(namesOf(third)).toEqual(['pa-4']);
    expect(third.body.metadata.continue ?? '').toBe('');
    expect(third.body.metadata).not.toHaveProperty('remainingItemCount');
  });

  test('a limit that holds everything leaves no token: an empty one for custom resources, none for others', async () => {
    const { kube, namespace } = bench();
    const path = await makeMany(bench(), 2);
    expect((await kube.get(path, { limit: 2 })).body.metadata.continue).toBe('');
    const maps = await kube.get(collection(K.ConfigMap, namespace), { limit: 2 });
    expect(maps.body.metadata).not.toHaveProperty('continue');
  });

  test('a selected page does not say how many remain', async () => {
    const { kube } = bench();
    const path = await makeMany(bench(), 4);
    const page = await kube.get(path, { limit: 1, labelSelector: 'parity=odd' });
    expect(namesOf(page)).toEqual(['pa-1']);
    expect(page.body.metadata).not.toHaveProperty('remainingItemCount');
    const next = await kube.get(path, {
      limit: 1,
      labelSelector: 'parity=odd',
      continue: page.body.metadata.continue!,
    });
    expect(namesOf(next)).toEqual(['pa-3']);
  });

  test('a token that nobody made is refused', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.get(collection(K.PodAutoscaler, namespace), { limit: 1, continue: 'made-up' });
    expect([reply.code, reply.body.reason]).toEqual([400, 'BadRequest']);
  });

  test('version 0 means all that is in memory, whatever the limit', async () => {
    const { kube, namespace } = bench();
    const path = await makeMany(bench(), 3);
    const found = (reply: Reply): Body[] =>
      reply.body.items.filter(({ metadata }) => metadata.namespace === namespace);
    const reply = await kube.get(path, { limit: 1, resourceVersion: 0 });
    expect(found(reply).length).toBeGreaterThan(1);
  });

  test('a version of the past can be listed exactly', async () => {
    const { kube } = bench();
    const path = await makeMany(bench(), 2);
    const { resourceVersion } = (await kube.get(path)).body.metadata;
    await kube.remove(`${path}/pa-0`);
    const then = await kube.get(path, { resourceVersion, resourceVersionMatch: 'Exact' });
    expect([namesOf(then), then.body.metadata.resourceVersion]).toEqual([['pa-0', 'pa-1'], resourceVersion]);
    const now = await kube.get(path, { resourceVersion, resourceVersionMatch: 'NotOlderThan' });
    expect(namesOf(now)).toEqual(['pa-1']);
  });

  test('a version that is no number is refused', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.get(collection(K.ConfigMap, namespace), { resourceVersion: 'x' });
    expect(reply.code).toBe(400);
  });

  test.each([
    ['parity=even', ['pa-0', 'pa-2']],
    ['parity==even', ['pa-0', 'pa-2']],
    ['parity!=even', ['pa-1', 'pa-3']],
    ['parity in (odd, even),first', ['pa-0']],
    ['parity in (odd)', ['pa-1', 'pa-3']],
    ['parity notin (odd)', ['pa-0', 'pa-2']],
    ['!first', ['pa-1', 'pa-2', 'pa-3']],
    ['first', ['pa-0']],
    ['missing!=x', ['pa-0', 'pa-1', 'pa-2', 'pa-3']],
    ['first=', ['pa-0']],
  ])('the label selector %s', async (labelSelector, names) => {
    const path = await makeMany(bench(), 4);
    expect(namesOf(await bench().kube.get(path, { labelSelector }))).toEqual(names);
  });

  test.each(['a in b', 'a=b=c', '=x', 'a in (b'])(
    'the label selector %s is refused',
    async (labelSelector) => {
      const { kube, namespace } = bench();
      const reply = await kube.get(collection(K.ConfigMap, namespace), { labelSelector });
      expect([reply.code, reply.body.reason]).toEqual([400, 'BadRequest']);
    },
  );

  test('fields that can be selected by', async () => {
    const { kube, namespace } = bench();
    const path = await makeMany(bench(), 3);
    expect(namesOf(await kube.get(path, { fieldSelector: 'metadata.name=pa-1' }))).toEqual(['pa-1']);
    expect(namesOf(await kube.get(path, { fieldSelector: 'metadata.name!=pa-1' }))).toEqual(['pa-0', 'pa-2']);
    const everywhere = await kube.get(collection(K.PodAutoscaler), {
      fieldSelector: `metadata.namespace=${namespace}`,
    });
    expect(namesOf(everywhere)).toEqual(['pa-0', 'pa-1', 'pa-2']);
    expect((await kube.get(path, { fieldSelector: 'spec.protocolType=http1' })).code).toBe(400);
  });

  test('metadata alone can be asked for', async () => {
    const { kube } = bench();
    const path = await makeMany(bench(), 2);
    const list = await kube.call('GET', path, {
      headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
    });
    expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(list.body.items[0]!).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    expect(list.body.items[0]).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'pa-0' } });
    const one = await kube.call('GET', `${path}/pa-0`, {
      headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
    });
    expect(Object.keys(one.body).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  test('a long answer is compressed for who can read it', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    await kube.post(path, configMap('a', { long: 'x'.repeat(300_000) }));
    const zipped = await kube.call('GET', path, { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect((await kube.call('GET', path)).headers['content-encoding']).toBeUndefined();
  });

  test('a token of a forgotten version has expired', async () => {
    const { kube } = bench();
    const { expireHistory } = kube.underTest;
    if (expireHistory === undefined) return;
    const path = await makeMany(bench(), 3);
    const first = await kube.get(path, { limit: 1 });
    await kube.remove(`${path}/pa-2`);
    await expireHistory();
    const token = JSON.parse(Buffer.from(first.body.metadata.continue!, 'base64url').toString()) as object;
    const old = Buffer.from(JSON.stringify({ ...token, rv: 2 })).toString('base64url');
    const late = await kube.get(path, { limit: 1, continue: old });
    expect([late.code, late.body.reason]).toEqual([410, 'Expired']);
    const anyway = await kube.get(path, { limit: 1, continue: late.body.metadata.continue! });
    expect([anyway.code, namesOf(anyway)]).toEqual([200, ['pa-1']]);
  });
}
