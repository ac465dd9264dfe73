import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';
import { QueueProxies } from '../doubles/queue-proxies.ts';

// The real controller, a real scale subresource, and reports over real sockets.
// Pods are asked once in a second, and decided upon every 2 s.
jest.setTimeout(60_000);

let cluster: ClusterInMemory;
let pods: QueueProxies;
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
  pods = await QueueProxies.start();
});
afterEach(async () => {
  await cluster.stop();
  await pods.stop();
});

const NAME = 'hello-00001';
const replicas = async (): Promise<number | undefined> => {
  const deployment = await cluster.get('Deployment', `${NAME}-deployment`);
  return (deployment?.['spec'] as { readonly replicas?: number } | undefined)?.replicas;
};
const becomes = (wanted: number): Promise<true> =>
  cluster.until(`${wanted} replicas`, async () => (await replicas()) === wanted);

/** A revision with one pod at this address. */
async function served(annotations: Readonly<Record<string, string>>, address = '127.0.0.2'): Promise<void> {
  await cluster.revision(NAME, annotations, 0);
  await cluster.services(NAME);
  await cluster.readyPod(NAME, 0, address);
}

test('a revision without a metric has the pods that its requests in flight need', async () => {
  await pods.answer('127.0.0.2', { averageConcurrentRequests: 47 });
  await cluster.controller({ statPort: pods.port });
  await served({ [`${AUTOSCALING}/target`]: '10', [`${AUTOSCALING}/metric`]: 'concurrency' });
  await becomes(7);
  await cluster.condition(NAME, 'SignalAvailable', 'True');
  await cluster.condition(NAME, 'Ready', 'True');
  const pa = await cluster.get('PodAutoscaler', NAME);
  expect(pa?.['status']).toMatchObject({ desiredScale: 7, actualScale: 1 });
  expect(await cluster.get('HorizontalPodAutoscaler', NAME)).toBeUndefined();
});
