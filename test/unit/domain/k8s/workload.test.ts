import { expect, test } from '@jest/globals';
import {
  deploymentView,
  isServing,
  podView,
  REVISION_LABEL,
} from '../../../../src/domain/k8s/read/workload.ts';

const pod = (status: object, metadata: object = {}): ReturnType<typeof podView.parse> =>
  podView.parse({ metadata: { name: 'shop-00001-abc', ...metadata }, status });
const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
const SCHEDULED = { type: 'PodScheduled', status: 'True' };

test.each([
  ['running and ready', { phase: 'Running', conditions: [SCHEDULED, READY] }, {}, true],
  [
    'ready since a time that nobody set',
    { phase: 'Running', conditions: [{ ...READY, lastTransitionTime: null }] },
    {},
    true,
  ],
  ['running, not ready', { phase: 'Running', conditions: [{ ...READY, status: 'False' }] }, {}, false],
  ['running, nothing said', { phase: 'Running', conditions: [SCHEDULED] }, {}, false],
  ['ready, already over', { phase: 'Succeeded', conditions: [READY] }, {}, false],
  [
    'on its way out',
    { phase: 'Running', conditions: [READY] },
    { deletionTimestamp: '2026-01-01T00:00:00Z' },
    false,
  ],
  ['without a status', {}, {}, false],
])('a pod that is %s', (_what, status, metadata, serves) => {
  expect(isServing(pod(status, metadata))).toBe(serves);
});

test('of the metadata, only whose it is and which version it is stays in memory', () => {
  const metadata = {
    name: 'shop-00001-deployment',
    namespace: 'team',
    uid: 'u1',
    resourceVersion: '7',
    labels: { [REVISION_LABEL]: 'shop-00001', app: 'shop' },
    annotations: { 'example.com/big': 'x'.repeat(1000) },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Revision', name: 'shop-00001', uid: 'u0' }],
  };
  expect(
    deploymentView.parse({ metadata, spec: { replicas: 3, selector: { matchLabels: { a: 'b' } } } }),
  ).toEqual({
    metadata: {
      name: 'shop-00001-deployment',
      namespace: 'team',
      uid: 'u1',
      resourceVersion: '7',
      generation: 0,
      labels: { [REVISION_LABEL]: 'shop-00001' },
      annotations: {},
      ownerReferences: [],
    },
    spec: { replicas: 3, selector: { matchLabels: { a: 'b' } } },
  });
});

test('a Deployment that does not say how many pods it wants has one', () => {
  expect(deploymentView.parse({ metadata: { name: 'shop' } }).spec.replicas).toBe(1);
});
