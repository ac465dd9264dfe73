import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Json } from '../../src/domain/json.ts';
import { keyOf } from '../../src/domain/key.ts';
import { ms } from '../../src/domain/time.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { startStatServer } from '../../src/adapters/websocket/stat-server.ts';
import { NO_STAT } from '../../src/domain/scale/stat.ts';
import { writeStatMessages } from '../../src/domain/scale/stat-wire.ts';
import { QueueProxies } from '../doubles/queue-proxies.ts';
import { failure } from '../builders/signal.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

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
const POD = '127.0.0.2';
const BY_CONCURRENCY = { [`${AUTOSCALING}/metric`]: 'concurrency', [`${AUTOSCALING}/target`]: '10' };
const BY_HPA = { 'hpa-bridge.dev/backend': 'hpa' };

const replicas = (): Promise<Json | undefined> => cluster.replicas(NAME);
const becomes = (wanted: number): Promise<true> =>
  cluster.until(`${wanted} replicas`, async () => (await replicas()) === wanted);

/** A revision with pods at these addresses. */
async function served(
  annotations: Readonly<Record<string, string>>,
  addresses: readonly string[] = [POD],
): Promise<void> {
  await cluster.revision(NAME, annotations, 0);
  await cluster.services(NAME);
  for (const [index, address] of addresses.entries()) await cluster.readyPod(NAME, index, address);
}

test('a revision without a metric has the pods that its requests in flight need', async () => {
  await pods.answer(POD, { averageConcurrentRequests: 470 });
  const { controller } = await cluster.controller({ statPort: pods.port });
  await served({});
  await becomes(7);
  await cluster.condition(NAME, 'SignalAvailable', 'True');
  await cluster.condition(NAME, 'Ready', 'True');
  const pa = await cluster.get('PodAutoscaler', NAME);
  expect(pa?.['status']).toMatchObject({ desiredScale: 7, actualScale: 1 });
  expect(await cluster.get('HorizontalPodAutoscaler', NAME)).toBeUndefined();
  await pods.answer(POD, { averageConcurrentRequests: 1470 });
  await cluster.until('more', async () => Number(await replicas()) > 7);
  const decisions = controller.decisions.revision(keyOf('default', NAME));
  const found = decisions.ok ? decisions.value.decisions : [];
  expect(found.map(({ sentence }) => sentence)).toContainEqual(
    expect.stringMatching(/^[01] -> 7: 470 in flight over 60 s, target 70 per pod \(70 % of 100\)/),
  );
  expect(found[0]).toMatchObject({ signal: 'concurrency', rung: 'concurrency', told: null });
});

test('what an activator holds counts beside what the pods carry', async () => {
  await pods.answer(POD, { averageConcurrentRequests: 20 });
  const { controller, telemetry, log } = await cluster.controller({ statPort: pods.port });
  const server = await startStatServer({
    ...{ address: '127.0.0.1', port: 0, receiver: controller.receiver },
    ...{ telemetry, log },
  });
  const activator = new WebSocket(`ws://127.0.0.1:${server.port}`);
  await once(activator, 'open');
  const stat = { ...NO_STAT, podName: 'activator-1', averageConcurrentRequests: 30 };
  const bytes = Uint8Array.from(writeStatMessages([{ namespace: 'default', name: NAME, stat }]));
  const pushing = setInterval(() => activator.send(bytes), 1000);
  try {
    await served({ ...BY_CONCURRENCY, [`${AUTOSCALING}/target-utilization-percentage`]: '100' });
    await becomes(5);
  } finally {
    clearInterval(pushing);
    await server.close();
  }
});

test('rps, within bounds', async () => {
  await pods.answer(POD, { requestCount: 5000 });
  await cluster.controller({ statPort: pods.port });
  await served({ [`${AUTOSCALING}/metric`]: 'rps', [`${AUTOSCALING}/max-scale`]: '4' });
  await becomes(4);
  const pa = await cluster.get('PodAutoscaler', NAME);
  expect(pa?.['status']).toMatchObject({ desiredScale: 4 });
});

test('an HPA of ours goes before the pods are scaled otherwise', async () => {
  await pods.answer(POD, { averageConcurrentRequests: 21 });
  await cluster.controller({ statPort: pods.port });
  await served({ ...BY_HPA, [`${AUTOSCALING}/metric`]: 'cpu', [`${AUTOSCALING}/target`]: '70' });
  await cluster.until('the HPA', () => cluster.get('HorizontalPodAutoscaler', NAME));
  await cluster.merge('Revision', NAME, { metadata: { annotations: BY_CONCURRENCY } });
  await becomes(3);
  expect(await cluster.get('HorizontalPodAutoscaler', NAME)).toBeUndefined();
});

test('pods that tell nothing are told of, and keep what they have', async () => {
  await pods.answer(POD, (_request, response) => response.writeHead(500).end());
  const { events } = await cluster.controller({ statPort: pods.port });
  await served(BY_CONCURRENCY);
  await cluster.merge('Deployment', `${NAME}-deployment`, { spec: { replicas: 3 } });
  await cluster.condition(NAME, 'SignalAvailable', 'False', 'CollectionFailed');
  expect(await replicas()).toBe(3);
  await pods.answer(POD, { averageConcurrentRequests: 47 });
  await cluster.condition(NAME, 'SignalAvailable', 'True');
  expect(events.map(({ reason }) => reason)).toEqual(['CollectionFailed', 'SignalAvailable']);
});

describe('who takes over', () => {
  test('takes no pod away from a revision whose pods have little to do', async () => {
    await pods.answer(POD, { averageConcurrentRequests: 470 });
    const first = await cluster.controller({ statPort: pods.port });
    await served({});
    await becomes(7);
    await first.stop();
    await pods.answer(POD, { averageConcurrentRequests: 1 });
    const { telemetry } = await cluster.controller({ statPort: pods.port });
    await cluster.until(
      'decisions',
      () => telemetry.valueOf('hpa_bridge_ticks_total', { result: 'panic' }) > 2,
    );
    expect(await replicas()).toBe(7);
  });

  test('and who does not lead, asks no pod', async () => {
    await pods.answer(POD, { averageConcurrentRequests: 470 });
    let open = false;
    const gate = { isOpen: () => open, untilOpen: untilAborted };
    await cluster.controller({ statPort: pods.port, gate });
    await cluster.revision(NAME, {}, 1);
    await cluster.readyPod(NAME, 1, POD);
    await cluster.merge(
      'PodAutoscaler',
      NAME,
      {
        status: { serviceName: NAME, metricsServiceName: `${NAME}-private`, desiredScale: 1, actualScale: 1 },
      },
      { subresource: '/status' },
    );
    await systemClock.sleep(ms(2500));
    expect(pods.asked.get(POD)).toBeUndefined();
    open = true;
    await cluster.until('a question', () => pods.asked.get(POD) !== undefined);
  });
});

test('a query that is silent for too long is stood in for by the concurrency at the pods', async () => {
  const KEY = keyOf('default', NAME);
  await pods.answer(POD, { averageConcurrentRequests: 280 });
  const { measurer, controller } = await cluster.controller({ statPort: pods.port });
  await served({
    [`${AUTOSCALING}/prometheus-query`]: 'sum(rate(x[1m]))',
    [`${AUTOSCALING}/target`]: '10',
    ...BY_HPA,
    'hpa-bridge.dev/polling-interval': '1s',
    'hpa-bridge.dev/stale-after': '0s',
    'hpa-bridge.dev/standby-scrape': '1s',
  });
  await cluster.until('the query to be asked', () => measurer.wanted.has(KEY));
  measurer.answer(KEY, 12);
  await cluster.condition(NAME, 'SignalAvailable', 'True');
  measurer.answer(KEY, failure('prometheus_refused'));
  await cluster.condition(NAME, 'FallbackActive', 'True', 'Concurrency');
  // Four pods of 70 requests each, told as the value that makes the HPA want four.
  expect(controller.teller.told(KEY)).toMatchObject({ is: 'value', value: 40 });
  measurer.answer(KEY, 25);
  await cluster.condition(NAME, 'FallbackActive', 'False');
});

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
