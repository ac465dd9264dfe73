import { expect, test } from '@jest/globals';
import { FaultError } from '../../../../src/domain/fault.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { findReplicas, type FindParts } from '../../../../src/processes/explain/find.ts';

const pod = (name: string, changed: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'knative-serving', uid: name, resourceVersion: '1' },
  spec: {
    containers: [
      { name: 'sidecar', ports: [{ name: 'admin', containerPort: 15000 }] },
      { name: 'controller', ports: [{ name: 'http', containerPort: 9999 }] },
    ],
  },
  status: { phase: 'Running' },
  ...changed,
});
const found = async (items: readonly KubeObject[], read: FindParts['lease']['read']): Promise<unknown> => {
  const reader = { list: () => Promise.resolve({ items, resourceVersion: '1' }) };
  const parts = { reader, lease: { read }, systemNamespace: 'knative-serving' };
  return findReplicas(parts, new AbortController().signal).then(
    (replicas) => replicas.map(({ pod: key, port }) => `${key}:${port}`),
    (thrown: unknown) => (thrown instanceof FaultError ? thrown.fault : thrown),
  );
};
const heldBy = (holder: string) => () =>
  Promise.resolve({
    holder,
    durationSeconds: 15,
    renewTime: '',
    acquireTime: '',
    transitions: 0,
    version: '1',
  });
const failing = (code: 'forbidden' | 'unauthorized') => () =>
  Promise.reject(new FaultError({ code, message: 'No.' }));

const [A, B] = [pod('bridge-a'), pod('bridge-b')];

test('the leader comes first, at the port that its pod names', async () => {
  expect(await found([A, B], heldBy('bridge-b_1'))).toEqual([
    'knative-serving/bridge-b:9999',
    'knative-serving/bridge-a:9999',
  ]);
});

test('a name that only begins like that of the leader is not the leader', async () => {
  expect(await found([A, pod('bridge-a2')], heldBy('bridge-a2_1'))).toEqual([
    'knative-serving/bridge-a2:9999',
    'knative-serving/bridge-a:9999',
  ]);
});

test('whoever may not read the lease, or finds none, asks any of them', async () => {
  const any = ['knative-serving/bridge-a:9999', 'knative-serving/bridge-b:9999'];
  expect(await found([A, B], failing('forbidden'))).toEqual(any);
  expect(await found([A, B], () => Promise.resolve(undefined))).toEqual(any);
});

test('a pod that does not name its port listens where it usually does; one that has not started is none', async () => {
  const plain = pod('plain', { spec: { containers: [{ name: 'controller' }] } });
  const pending = pod('pending', { status: { phase: 'Pending' } });
  expect(await found([pending, plain], heldBy(''))).toEqual(['knative-serving/plain:8080']);
});

test('no pod at all, or credentials that nobody accepts, are said', async () => {
  expect(await found([], heldBy('bridge-a_1'))).toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('No pod of hpa-bridge runs in the namespace knative-serving'),
  });
  expect(await found([A], failing('unauthorized'))).toMatchObject({ code: 'unauthorized' });
});
