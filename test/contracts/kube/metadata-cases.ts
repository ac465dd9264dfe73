import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Resource } from '../../../src/domain/k8s/resources.ts';
import type { Bench } from './contract.ts';
import { collection, type Reply } from './kube.ts';
import { configMap, K, podAutoscaler, scaledObject } from './samples.ts';

const fieldsOf = ({ body }: Reply): unknown[] => (body.details.causes ?? []).map((cause) => cause['field']);

export function metadataCases(bench: () => Bench): void {
  test.each([
    ['a capital', 'Abc'],
    ['an underscore', 'a_b'],
    ['a dash at the end', 'a-'],
    ['254 characters', 'a'.repeat(254)],
  ])('a name with %s is refused', async (_, name) => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.PodAutoscaler, namespace), podAutoscaler(name));
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
    expect(fieldsOf(reply)).toContain('metadata.name');
  });

  test('a name may have 253 characters and dots', async () => {
    const { kube, namespace } = bench();
    const name = `${'a'.repeat(251)}.b`;
    expect((await kube.post(collection(K.ConfigMap, namespace), configMap(name))).code).toBe(201);
  });

  test('a name is needed', async () => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.ConfigMap, namespace), { data: {} });
    expect([reply.code, fieldsOf(reply)]).toEqual([422, ['metadata.name']]);
  });

  test('the name of a namespace is one label', async () => {
    const { kube } = bench();
    for (const name of ['a.b', 'a'.repeat(64)])
      expect((await kube.post('/api/v1/namespaces', { metadata: { name } })).code).toBe(422);
  });

  test.each([
    ['value of 64 characters', { app: 'a'.repeat(64) }],
    ['value with a slash', { app: 'a/b' }],
    ['key of 64 characters', { ['a'.repeat(64)]: 'x' }],
    ['key with two slashes', { 'a/b/c': 'x' }],
  ])('a label with a %s is refused', async (_, labels) => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.ConfigMap, namespace), { metadata: { name: 'a', labels } });
    expect([reply.code, reply.body.reason, fieldsOf(reply)]).toEqual([422, 'Invalid', ['metadata.labels']]);
  });

  test('labels of 63 characters and empty ones are kept', async () => {
    const { kube, namespace } = bench();
    const labels = { app: 'a'.repeat(63), 'example.com/empty': '' };
    const reply = await kube.post(collection(K.ConfigMap, namespace), { metadata: { name: 'a', labels } });
    expect([reply.code, reply.body.metadata['labels']]).toEqual([201, labels]);
  });

  test('a label that is no text is refused before anything else', async () => {
    const { kube, namespace } = bench();
    const body = { metadata: { name: 'a', labels: { app: 5 } } };
    expect((await kube.post(collection(K.ConfigMap, namespace), body)).code).toBe(400);
  });

  test('annotations may have 256 KiB together', async () => {
    const { kube, namespace } = bench();
    const path = collection(K.PodAutoscaler, namespace);
    const fits = { a: 'x'.repeat(256 * 1024 - 1) };
    expect((await kube.post(path, podAutoscaler('fits', fits))).code).toBe(201);
    const reply = await kube.post(path, podAutoscaler('too-much', { ...fits, b: '' }));
    expect([reply.code, fieldsOf(reply)]).toEqual([422, ['metadata.annotations']]);
  });

  test('a body of more than 3 MiB is refused', async () => {
    const { kube, namespace } = bench();
    const body = configMap('a', { big: 'x'.repeat(3 * 1024 * 1024) });
    const reply = await kube.post(collection(K.ConfigMap, namespace), body);
    expect([reply.code, reply.body.reason]).toEqual([413, 'RequestEntityTooLarge']);
  });

  test('an owner must be named in full, and one controls', async () => {
    const { kube, namespace } = bench();
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: 'u', controller: true };
    const make = (...ownerReferences: object[]) =>
      kube.post(collection(K.ConfigMap, namespace), {
        metadata: { name: 'a', ownerReferences: ownerReferences as never },
      });
    expect((await make({ ...owner, uid: '' })).code).toBe(422);
    expect((await make(owner, { ...owner, uid: 'v' })).code).toBe(422);
  });

  test('a finalizer has a domain', async () => {
    const { kube, namespace } = bench();
    const body = { metadata: { name: 'a', finalizers: ['not qualified!'] } };
    expect((await kube.post(collection(K.ConfigMap, namespace), body)).code).toBe(422);
  });

  test.each([
    [
      'PodAutoscaler without protocolType',
      K.PodAutoscaler,
      { spec: { scaleTargetRef: {} } },
      ['spec.protocolType'],
    ],
    ['ScaledObject without spec', K.ScaledObject, {}, ['spec']],
    [
      'ScaledObject without triggers',
      K.ScaledObject,
      { spec: { scaleTargetRef: { name: 'a' } } },
      ['spec.triggers'],
    ],
    [
      'ServerlessService without objectRef',
      K.ServerlessService,
      { spec: { protocolType: 'h2c' } },
      ['spec.objectRef'],
    ],
  ])('a %s is refused', async (_, kind: Resource, body: JsonObject, fields: string[]) => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(kind, namespace), {
      apiVersion: `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: { name: 'a' },
      ...body,
    });
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
    expect(fieldsOf(reply)).toEqual(expect.arrayContaining(fields));
  });

  test.each([
    ['no trigger at all', { triggers: [] }],
    ['a minimum above the maximum', { minReplicaCount: 5, maxReplicaCount: 2 }],
    ['a minimum above the default maximum', { minReplicaCount: 101 }],
    ['a negative minimum', { minReplicaCount: -1 }],
    ['a polling interval of 0', { pollingInterval: 0 }],
    ['a threshold that is no text', { triggers: [{ type: 'prometheus', metadata: { threshold: 5 } }] }],
    [
      'an unknown kind of authentication',
      { triggers: [{ type: 'x', metadata: {}, authenticationRef: { name: 'a', kind: 'B' } }] },
    ],
    ['a fallback without replicas', { fallback: { failureThreshold: 1 } }],
    ['an empty name of the target', { scaleTargetRef: { name: '' } }],
  ])('a ScaledObject with %s is refused', async (_, spec) => {
    const { kube, namespace } = bench();
    const reply = await kube.post(collection(K.ScaledObject, namespace), scaledObject('a', spec));
    expect([reply.code, reply.body.reason]).toEqual([422, 'Invalid']);
  });

  test('unknown fields of a custom resource are dropped, defaults are filled in', async () => {
    const { kube, namespace } = bench();
    const spec = { unknown: 1, fallback: { failureThreshold: 1, replicas: 2 } };
    const reply = await kube.post(collection(K.ScaledObject, namespace), scaledObject('a', spec));
    expect(reply.code).toBe(201);
    expect(reply.body.spec).not.toHaveProperty('unknown');
    expect(reply.body.spec['fallback']).toEqual({ failureThreshold: 1, replicas: 2, behavior: 'static' });
  });
}
