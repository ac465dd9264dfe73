import { afterEach, expect, test } from '@jest/globals';
import type { Bench } from './contract.ts';
import type { EventStream } from './event-stream.ts';
import { collection, type Query } from './kube.ts';
import { configMap, K, podAutoscaler } from './samples.ts';

export function watchCases(bench: () => Bench): void {
  const open: EventStream[] = [];
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });
  const watch = async (
    path: string,
    query: Query = {},
    headers: Record<string, string> = {},
  ): Promise<EventStream> => {
    const stream = await bench().kube.watch(path, query, headers);
    open.push(stream);
    return stream;
  };
  const versionOf = async (path: string): Promise<string> =>
    (await bench().kube.get(path)).body.metadata.resourceVersion;

  test('says what happens after a version', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    await kube.post(path, podAutoscaler('before'));
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion });
    expect(stream.code).toBe(200);
    const made = (await kube.post(path, podAutoscaler('a'))).body;
    const added = await stream.next();
    expect(added).toEqual({ type: 'ADDED', object: made });
    const changed = (await kube.merge(`${path}/a`, { metadata: { labels: { x: 'y' } } })).body;
    expect(await stream.next()).toEqual({ type: 'MODIFIED', object: changed });
    await kube.remove(`${path}/a`);
    const deleted = await stream.next();
    expect(deleted?.type).toBe('DELETED');
    expect(deleted?.object.metadata.uid).toBe(made.metadata.uid);
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(changed.metadata.resourceVersion),
    );
  });

  test('catches up with what it has missed', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const { resourceVersion } = (await kube.post(path, configMap('a'))).body.metadata;
    await kube.post(path, configMap('b'));
    await kube.remove(`${path}/a`);
    expect(await (await watch(path, { resourceVersion })).take(2)).toEqual(['ADDED b', 'DELETED a']);
  });

  test.each([
    ['without a version', {}],
    ['from version 0', { resourceVersion: 0 }],
  ])('%s begins with what is there', async (_, query) => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    await kube.post(path, podAutoscaler('a'));
    await kube.post(path, podAutoscaler('b'));
    const stream = await watch(path, query);
    expect([...(await stream.take(2))].sort()).toEqual(['ADDED a', 'ADDED b']);
    await kube.remove(`${path}/a`);
    expect(await stream.take(1)).toEqual(['DELETED a']);
  });

  test('can send the state first and say where it ends', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    await kube.post(path, podAutoscaler('a'));
    const stream = await watch(path, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    expect((await stream.next())?.object.metadata.name).toBe('a');
    const bookmark = await stream.next();
    expect(bookmark?.type).toBe('BOOKMARK');
    expect(bookmark?.object.kind).toBe('PodAutoscaler');
    expect(bookmark?.object.metadata['annotations']).toEqual({ 'k8s.io/initial-events-end': 'true' });
    const { resourceVersion } = bookmark!.object.metadata;
    await kube.post(path, podAutoscaler('b'));
    expect(await stream.take(1)).toEqual(['ADDED b']);
    expect(await (await watch(path, { resourceVersion })).take(1)).toEqual(['ADDED b']);
  });

  test.each([
    ['resourceVersionMatch', { sendInitialEvents: true, allowWatchBookmarks: true }],
    [
      'a right resourceVersionMatch',
      {
        sendInitialEvents: true,
        allowWatchBookmarks: true,
        resourceVersionMatch: 'Exact',
        resourceVersion: '5',
      },
    ],
  ])('sendInitialEvents needs %s', async (_, query) => {
    const { kube, namespace } = bench();
    const reply = await kube.get(collection(K.ConfigMap, namespace), { watch: true, ...query });
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
  });

  test('a selection sees objects come in and go out', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion, labelSelector: 'on=yes' });
    await kube.post(path, podAutoscaler('a'));
    await kube.merge(`${path}/a`, { metadata: { labels: { on: 'yes' } } });
    await kube.merge(`${path}/a`, { metadata: { labels: { other: 'x' } } });
    await kube.merge(`${path}/a`, { metadata: { labels: { on: 'no' } } });
    await kube.remove(`${path}/a`);
    await kube.post(path, { ...podAutoscaler('b'), metadata: { name: 'b', labels: { on: 'yes' } } });
    expect(await stream.take(4)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
  });

  test('one object can be watched by its name', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion, fieldSelector: 'metadata.name=b' });
    await kube.post(path, configMap('a'));
    await kube.post(path, configMap('b'));
    expect(await stream.take(1)).toEqual(['ADDED b']);
  });

  test('other namespaces stay silent, all namespaces do not', async () => {
    const { kube, namespace } = bench();
    const resourceVersion = await versionOf(collection(K.PodAutoscaler));
    const here = await watch(collection(K.PodAutoscaler, namespace), { resourceVersion });
    const all = await watch(collection(K.PodAutoscaler), { resourceVersion });
    const elsewhere = `${namespace}-b`;
    await kube.post('/api/v1/namespaces', { metadata: { name: elsewhere } });
    await kube.post(collection(K.PodAutoscaler, elsewhere), podAutoscaler('there'));
    await kube.post(collection(K.PodAutoscaler, namespace), podAutoscaler('here'));
    expect(await here.take(1)).toEqual(['ADDED here']);
    const both = await all.find(({ object }) => object.metadata.name === 'there');
    expect(both?.object.metadata.namespace).toBe(elsewhere);
    await kube.remove(`/api/v1/namespaces/${elsewhere}`);
  });

  test('a write that changes nothing is not said', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const { resourceVersion } = (await kube.post(path, configMap('a'))).body.metadata;
    const stream = await watch(path, { resourceVersion });
    await kube.merge(`${path}/a`, { data: { color: 'red' } });
    await kube.post(path, configMap('b'));
    expect(await stream.take(1)).toEqual(['ADDED b']);
  });

  test('ends when its time is up', async () => {
    const { namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion, timeoutSeconds: 1 });
    expect(await stream.next()).toBeUndefined();
  });

  test('a quiet watch hears of the version from time to time, and can go on from there', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion, allowWatchBookmarks: true });
    await kube.post(collection(K.PodAutoscaler, 'default'), podAutoscaler(namespace));
    await kube.remove(`${collection(K.PodAutoscaler, 'default')}/${namespace}`);
    kube.underTest.sendBookmarks?.();
    const bookmark = await stream.next();
    expect([bookmark?.type, bookmark?.object.kind]).toEqual(['BOOKMARK', 'PodAutoscaler']);
    const version = bookmark!.object.metadata.resourceVersion;
    expect(Number(version)).toBeGreaterThan(Number(resourceVersion));
    await kube.post(path, podAutoscaler('a'));
    expect(await (await watch(path, { resourceVersion: version })).take(1)).toEqual(['ADDED a']);
  });

  test('without allowWatchBookmarks there are none', async () => {
    const { namespace } = bench();
    const path = collection(K.ConfigMap, namespace);
    const resourceVersion = await versionOf(path);
    const stream = await watch(path, { resourceVersion, timeoutSeconds: 2 });
    expect(await stream.find(({ type }) => type === 'BOOKMARK')).toBeUndefined();
  });

  test('metadata alone can be watched', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    await kube.post(path, podAutoscaler('a'));
    const stream = await watch(
      path,
      {},
      { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
    );
    const event = await stream.next();
    expect(event?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(event?.object).not.toHaveProperty('spec');
  });

  test('a version of long ago is an ERROR in a stream that was opened', async () => {
    const { namespace } = bench();
    const stream = await watch(collection(K.PodAutoscaler, namespace), { resourceVersion: 1 });
    expect(stream.code).toBe(200);
    const event = await stream.next();
    expect(event?.type).toBe('ERROR');
    expect(event?.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired', status: 'Failure' });
    expect(await stream.next()).toBeUndefined();
  });
}
