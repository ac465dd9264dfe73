import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Bench } from './contract.ts';
import { collection, eventually, type Body, type Reply } from './kube.ts';
import { configMap, K, podAutoscaler, scaledObject } from './samples.ts';

const isGone = ({ code }: Reply): boolean => code === 404;

export function deletionCases(bench: () => Bench): void {
  const maps = (): string => collection(K.ConfigMap, bench().namespace);
  const reference = (owner: Body, extra: JsonObject = {}): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    ...extra,
  });
  const ownedBy = (name: string, ...ownerReferences: JsonObject[]): JsonObject => ({
    ...configMap(name),
    metadata: { name, ownerReferences },
  });

  test('a deletion answers with a Status', async () => {
    const { kube } = bench();
    const made = (await kube.post(maps(), configMap('a'))).body;
    const reply = await kube.remove(`${maps()}/a`);
    expect(reply.code).toBe(200);
    expect(reply.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: made.metadata.uid },
    });
    expect((await kube.get(`${maps()}/a`)).code).toBe(404);
    const again = await kube.remove(`${maps()}/a`);
    expect([again.code, again.body.reason]).toEqual([404, 'NotFound']);
  });

  test('preconditions name what is meant', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.ScaledObject, namespace);
    const { uid, resourceVersion } = (await kube.post(path, scaledObject('a'))).body.metadata;
    const other = await kube.remove(`${path}/a`, { preconditions: { uid: 'another' } });
    expect([other.code, other.body.reason]).toEqual([409, 'Conflict']);
    const stale = await kube.remove(`${path}/a`, { preconditions: { uid, resourceVersion: '1' } });
    expect([stale.code, stale.body.reason]).toEqual([409, 'Conflict']);
    expect((await kube.remove(`${path}/a`, { preconditions: { uid, resourceVersion } })).code).toBe(200);
  });

  test('a finalizer keeps an object until it is taken off', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const body = { ...podAutoscaler('a'), metadata: { name: 'a', finalizers: ['example.com/keep'] } };
    await kube.post(path, body);
    const reply = await kube.remove(`${path}/a`);
    expect([reply.code, reply.body.kind]).toEqual([200, 'PodAutoscaler']);
    expect(reply.body.metadata.deletionTimestamp).toMatch(/Z$/);
    expect(reply.body.metadata.generation).toBe(2);
    expect((await kube.get(`${path}/a`)).body.metadata['finalizers']).toEqual(['example.com/keep']);
    const again = await kube.remove(`${path}/a`);
    expect(again.body.metadata.deletionTimestamp).toBe(reply.body.metadata.deletionTimestamp);
    expect((await kube.merge(`${path}/a`, { metadata: { finalizers: null } })).code).toBe(200);
    expect((await kube.get(`${path}/a`)).code).toBe(404);
  });

  test('a dry run deletes nothing', async () => {
    const { kube } = bench();
    await kube.post(maps(), configMap('a'));
    expect((await kube.call('DELETE', `${maps()}/a`, { query: { dryRun: 'All' } })).code).toBe(200);
    expect((await kube.get(`${maps()}/a`)).code).toBe(200);
  });

  test('all that is selected can be deleted at once', async () => {
    const { kube } = bench();
    const labelled = (name: string, x: string): JsonObject => ({
      ...configMap(name),
      metadata: { name, labels: { x } },
    });
    await kube.post(maps(), labelled('a', 'y'));
    await kube.post(maps(), labelled('b', 'y'));
    await kube.post(maps(), labelled('c', 'n'));
    expect((await kube.call('DELETE', maps(), { query: { labelSelector: 'x=y' } })).code).toBe(200);
    const left = (await kube.get(maps(), { labelSelector: 'x' })).body.items;
    expect(left.map(({ metadata }) => metadata.name)).toEqual(['c']);
  });

  test('objects follow their owner', async () => {
    const { kube } = bench();
    const owner = (await kube.post(maps(), configMap('owner'))).body;
    const child = (await kube.post(maps(), ownedBy('child', reference(owner)))).body;
    await kube.post(maps(), ownedBy('grandchild', reference(child)));
    await kube.post(maps(), configMap('stranger'));
    await kube.remove(`${maps()}/owner`);
    for (const name of ['child', 'grandchild'])
      expect((await eventually(() => kube.get(`${maps()}/${name}`), isGone)).code).toBe(404);
    expect((await kube.get(`${maps()}/stranger`)).code).toBe(200);
  }, 20_000);

  test('an object with two owners follows the last', async () => {
    const { kube } = bench();
    const one = (await kube.post(maps(), configMap('one'))).body;
    const two = (await kube.post(maps(), configMap('two'))).body;
    await kube.post(maps(), ownedBy('child', reference(one), reference(two)));
    await kube.remove(`${maps()}/one`);
    const left = await eventually(
      () => kube.get(`${maps()}/child`),
      ({ body }) => body.metadata.ownerReferences?.length === 1,
    );
    expect(left.body.metadata.ownerReferences).toEqual([reference(two)]);
    await kube.remove(`${maps()}/two`);
    expect((await eventually(() => kube.get(`${maps()}/child`), isGone)).code).toBe(404);
  }, 20_000);

  test('an object whose owner never was goes', async () => {
    const { kube } = bench();
    const owner = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'never',
      uid: '00000000-0000-0000-0000-000000000000',
    };
    await kube.post(maps(), ownedBy('child', owner));
    expect((await eventually(() => kube.get(`${maps()}/child`), isGone)).code).toBe(404);
  }, 20_000);

  test('Orphan leaves dependents without that owner', async () => {
    const { kube } = bench();
    const owner = (await kube.post(maps(), configMap('owner'))).body;
    await kube.post(maps(), ownedBy('child', reference(owner)));
    await kube.remove(`${maps()}/owner`, { propagationPolicy: 'Orphan' });
    expect((await eventually(() => kube.get(`${maps()}/owner`), isGone)).code).toBe(404);
    const child = await kube.get(`${maps()}/child`);
    expect([child.code, child.body.metadata.ownerReferences]).toEqual([200, undefined]);
  }, 20_000);

  test('Foreground waits for dependents', async () => {
    const { kube } = bench();
    const owner = (await kube.post(maps(), configMap('owner'))).body;
    await kube.post(maps(), {
      ...configMap('child'),
      metadata: {
        name: 'child',
        finalizers: ['example.com/keep'],
        ownerReferences: [reference(owner, { controller: true, blockOwnerDeletion: true })],
      },
    });
    const reply = await kube.remove(`${maps()}/owner`, { propagationPolicy: 'Foreground' });
    expect(reply.body.metadata['finalizers']).toEqual(['foregroundDeletion']);
    const leaving = await eventually(
      () => kube.get(`${maps()}/child`),
      ({ body }) => body.metadata.deletionTimestamp !== undefined,
    );
    expect(leaving.body.metadata.deletionTimestamp).toBeDefined();
    expect((await kube.get(`${maps()}/owner`)).code).toBe(200);
    await kube.merge(`${maps()}/child`, { metadata: { finalizers: null } });
    expect((await eventually(() => kube.get(`${maps()}/owner`), isGone)).code).toBe(404);
  }, 20_000);

  test('a namespace takes everything with it', async () => {
    const { kube, namespace } = bench();
    await kube.post(collection(K.PodAutoscaler, namespace), podAutoscaler('a'));
    expect((await kube.remove(`/api/v1/namespaces/${namespace}`)).code).toBe(200);
    const late = await kube.post(maps(), configMap('late'));
    expect([403, 404]).toContain(late.code);
    expect((await eventually(() => kube.get(`/api/v1/namespaces/${namespace}`), isGone)).code).toBe(404);
    expect((await kube.get(`${collection(K.PodAutoscaler, namespace)}/a`)).code).toBe(404);
  });
}
