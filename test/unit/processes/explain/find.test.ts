import { expect, test } from '@jest/globals';
import { FaultError } from '../../../../src/domain/fault.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { findReplicas } from '../../../../src/processes/explain/find.ts';

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
const found = async (list: () => Promise<readonly KubeObject[]>): Promise<unknown> => {
  const reader = { list: async () => ({ items: await list(), resourceVersion: '1' }) };
  return findReplicas(reader, 'knative-serving', new AbortController().signal).then(
    (replicas) => replicas.map(({ pod: key, port }) => `${key}:${port}`),
    (thrown: unknown) => (thrown instanceof FaultError ? thrown.fault : thrown),
  );
};
const of =
  (...items: readonly KubeObject[]) =>
  (): Promise<readonly KubeObject[]> =>
    Promise.resolve(items);

test('every pod that runs, at the port that it names', async () => {
  expect(await found(of(pod('bridge-a'), pod('bridge-b')))).toEqual([
    'knative-serving/bridge-a:9999',
    'knative-serving/bridge-b:9999',
  ]);
});

test('a pod that does not name its port listens where it usually does; one that has not started is none', async () => {
  const plain = pod('plain', { spec: { containers: [{ name: 'controller' }] } });
  const pending = pod('pending', { status: { phase: 'Pending' } });
  expect(await found(of(pending, plain))).toEqual(['knative-serving/plain:8080']);
});

test('no pod at all, or credentials that nobody accepts, are said', async () => {
  expect(await found(of())).toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('No pod of hpa-bridge runs in the namespace knative-serving'),
  });
  const refused = new FaultError({ code: 'unauthorized', message: 'No.' });
  expect(await found(() => Promise.reject(refused))).toMatchObject({ code: 'unauthorized' });
});
