import { expect, test } from '@jest/globals';
import { podView } from '../../../../../src/domain/k8s/read/workload.ts';
import { holdersIn } from '../../../../../src/processes/controller/zero/activators.ts';

const pod = (podIP: string, phase: string, deletionTimestamp?: string) =>
  podView.parse({
    metadata: {
      name: `activator-${podIP}`,
      namespace: 'knative-serving',
      uid: podIP,
      resourceVersion: '1',
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    status: { phase, podIP },
  });

test('an activator that leaves may still hold a request, and is asked as well', () => {
  const activators = {
    installed: true,
    ours: [{ ip: '10.0.0.1' }],
    knatives: [{ ip: '10.0.0.9' }],
    knativesHeard: false,
    heard: true,
  };
  const pods = [
    pod('10.0.0.1', 'Running'),
    pod('10.0.0.2', 'Running', '2026-01-01T00:00:00Z'),
    pod('10.0.0.3', 'Failed'),
    pod('', 'Running'),
  ];
  expect(holdersIn(activators, pods)).toEqual(['10.0.0.1', '10.0.0.2']);
});
