import { expect, test } from '@jest/globals';
import { upstreamHolds } from '../../../../src/processes/controller/upstream-holder.ts';
import { SilentLog, type Line } from '../../../doubles/silent-log.ts';

const told = (holder: string | undefined): readonly Line[] => {
  const log = new SilentLog();
  upstreamHolds(holder, { log, lease: 'the-lease', namespace: 'knative-system' });
  return log.lines;
};

test.each([
  ['autoscaler-hpa-5d8f7c9b6-x2x4k_0d9c', 'autoscaler-hpa'],
  ['autoscaler-keda-7c4b-abcde_1', 'autoscaler-keda'],
])('%s holds the lease: who it is and what to do is said', (holder, deployment) =>
  expect(told(holder)).toEqual([
    {
      level: 'warn',
      message: 'another autoscaler holds the lease: waiting until its Deployment is scaled to 0',
      fields: {
        lease: 'the-lease',
        holder,
        detail: `kubectl --namespace knative-system scale deployment ${deployment} --replicas 0`,
      },
    },
  ]),
);

test.each([undefined, '', 'hpa-bridge-1_2', 'autoscaler-5d8f_1', 'autoscaler-hpa'])(
  '%s is nobody to wait for',
  (holder) => expect(told(holder)).toEqual([]),
);
