import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { endpointsView, readyAddresses } from '../../src/domain/k8s/read/endpoints.ts';
import { deploymentView } from '../../src/domain/k8s/read/workload.ts';
import { NO_STAT } from '../../src/domain/scale/stat.ts';
import { writeStatMessages } from '../../src/domain/scale/stat-wire.ts';
import type { ActivatorClient } from '../../src/ports/activator-client.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { fastClock } from '../doubles/fast-clock.ts';
import { QueueProxies } from '../doubles/queue-proxies.ts';
import { ClusterInMemory, type RunningController } from './cluster-in-memory.ts';

jest.setTimeout(60_000);

const OURS = ['10.9.0.1', '10.9.0.2'];
/** Where the pod is asked for its requests, and how the Endpoints name it: no API server takes loopback addresses there. */
const LISTENS = '127.0.0.1';
const POD = '10.1.0.1';
/** The least that Knative allows. */
const QUICK = { 'scale-to-zero-grace-period': '6s', 'stable-window': '6s' };

let cluster: ClusterInMemory;
let proxies: QueueProxies;
let running: RunningController;
/** Requests that activators say they hold. */
let held: number;
/** Whether requests reach the activators where the Endpoints say so. */
let reaches: boolean;
beforeEach(async () => {
  [held, reaches] = [0, true];
  cluster = await ClusterInMemory.start();
  proxies = await QueueProxies.start();
  await proxies.answer(LISTENS, {});
  await cluster.create('ConfigMap', 'config-autoscaler', { data: QUICK }, 'knative-serving');
  await activators(OURS);
});
afterEach(async () => {
  await cluster.stop();
  await proxies.stop();
});

async function activators(ips: readonly string[]): Promise<void> {
  const subsets = ips.length === 0 ? [] : [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 8012 }] }];
  const name = 'hpa-bridge-activator';
  if ((await cluster.get('Endpoints', name, 'knative-serving')) === undefined)
    await cluster.create('Endpoints', name, { subsets }, 'knative-serving');
  else await cluster.merge('Endpoints', name, { subsets }, { namespace: 'knative-serving' });
}

/** Kubernetes answers through the Service with whoever stands in the Endpoints, once it has seen them. */
const client: ActivatorClient = {
  whoAnswers: async () => {
    const behind = await behindIt();
    return reaches && behind.every((ip) => OURS.includes(ip)) ? 'bridge' : undefined;
  },
  inFlight: () => Promise.resolve(held),
};

const start = async (env: Record<string, string> = {}): Promise<void> => {
  running = await cluster.controller({
    env,
    activatorClient: client,
    statPort: proxies.port,
    clock: fastClock(systemClock, 5),
  });
};

async function behindIt(): Promise<readonly string[]> {
  const endpoints = await cluster.get('Endpoints', 'shop');
  return endpoints === undefined ? [] : readyAddresses(endpointsView.parse(endpoints)).map(({ ip }) => ip);
}
const replicas = async (): Promise<number> =>
  deploymentView.parse(await cluster.get('Deployment', 'shop-deployment')).spec.replicas;

/** Kubernetes: pods of the Deployment, and what stands behind the private Service. */
async function pods(ready: boolean): Promise<void> {
  const subsets: JsonObject[] = ready
    ? [{ addresses: [{ ip: POD }], ports: [{ name: 'http', port: 8012, protocol: 'TCP' }] }]
    : [];
  if (ready) await cluster.readyPod('shop', 0, LISTENS);
  else await cluster.remove('Pod', 'shop-deployment-0');
  await cluster.until('the private Service', () => cluster.get('Service', 'shop-private'));
  if ((await cluster.get('Endpoints', 'shop-private')) !== undefined)
    await cluster.merge('Endpoints', 'shop-private', { subsets });
  else
    await cluster.create('Endpoints', 'shop-private', {
      metadata: {
        labels: {
          'networking.internal.knative.dev/serverlessservice': 'shop',
          'networking.internal.knative.dev/serviceType': 'Private',
        },
      },
      subsets,
    });
}

async function born(annotations: Readonly<Record<string, string>>): Promise<void> {
  await cluster.revision('shop', annotations, 0);
  await cluster.merge('Deployment', 'shop-deployment', { spec: { replicas: 1 } });
  await cluster.until('the public Service', () => cluster.get('Service', 'shop'));
  await cluster.merge('Service', 'shop', { spec: { clusterIP: '10.0.0.1' } });
}

const leadsTo = (what: string, ips: readonly string[]): Promise<unknown> =>
  cluster.until(what, async () => JSON.stringify(await behindIt()) === JSON.stringify(ips));
const gone = (): Promise<unknown> => cluster.until('no replicas', async () => (await replicas()) === 0);

describe.each([
  ['concurrency', { 'autoscaling.knative.dev/metric': 'concurrency' }],
  [
    'cpu',
    {
      'autoscaling.knative.dev/metric': 'cpu',
      'autoscaling.knative.dev/target': '70',
      'hpa-bridge.dev/backend': 'hpa',
    },
  ],
])('%s', (_name, annotations) => {
  test('the whole life of a revision', async () => {
    await start();
    await born(annotations);
    await leadsTo('activators, while there is no pod', OURS);
    expect(await cluster.get('ServerlessService', 'shop')).toBeUndefined();
    await cluster.condition('shop', 'Active', 'Unknown', 'Queued');
    await pods(true);
    await leadsTo('the pod', [POD]);
    await cluster.condition('shop', 'Ready', 'True');

    await leadsTo('activators, after a window without requests', OURS);
    await cluster.condition('shop', 'Active', 'False', 'NoTraffic');
    await gone();
    await pods(false);
    expect(await behindIt()).toEqual(OURS);
    expect(await cluster.get('PodAutoscaler', 'shop')).toMatchObject({
      status: { desiredScale: 0, serviceName: 'shop', metricsServiceName: 'shop-private' },
    });

    // An activator wakes it.
    await cluster.merge('Deployment', 'shop-deployment', { spec: { replicas: 1 } });
    await cluster.condition('shop', 'Active', 'Unknown', 'Queued');
    await pods(true);
    await leadsTo('the pod', [POD]);
    await cluster.condition('shop', 'Active', 'True');
    expect(running.events).toEqual([]);
  });
});

test('a request that is in flight when the last pod is to go calls the revision back', async () => {
  held = 1;
  await start();
  await born({ 'autoscaling.knative.dev/metric': 'concurrency' });
  await pods(true);
  await cluster.until(
    'a revision that was called back',
    () => running.telemetry.valueOf('hpa_bridge_zero_cancelled_total', { cause: 'in-flight' }) > 0,
  );
  await leadsTo('the pod', [POD]);
  expect(await replicas()).toBe(1);
});

test('no pod goes while requests do not reach the activators, whoever takes over', async () => {
  reaches = false;
  await start();
  await born({ 'autoscaling.knative.dev/metric': 'concurrency' });
  await pods(true);
  await cluster.until(
    'an answer from somewhere else',
    () => running.telemetry.valueOf('hpa_bridge_inquiries_total', { outcome: 'not-in-path' }) > 0,
  );
  await running.stop();
  expect(await replicas()).toBe(1);
  expect(await behindIt()).toEqual(OURS);
  await start();
  await cluster.until(
    'the same after a restart',
    () => running.telemetry.valueOf('hpa_bridge_inquiries_total', { outcome: 'not-in-path' }) > 0,
  );
  expect(await replicas()).toBe(1);
  reaches = true;
  await gone();
});

test('other activators are behind the Services of all who sleep', async () => {
  await start();
  await born({ 'autoscaling.knative.dev/metric': 'concurrency' });
  await pods(true);
  await gone();
  await activators(['10.9.0.3']);
  await leadsTo('the new one', ['10.9.0.3']);
});

test('a Service of somebody else is left alone, and it is said', async () => {
  await cluster.create('Service', 'shop', { spec: { ports: [{ port: 1 }] } });
  await start();
  await cluster.revision('shop', { 'autoscaling.knative.dev/metric': 'concurrency' });
  const condition = await cluster.condition('shop', 'Active', 'False', 'NotOwned');
  expect(condition.message).toBe('There is an existing Service "shop" that we do not own.');
  expect(await cluster.get('Service', 'shop')).toMatchObject({ spec: { ports: [{ port: 1 }] } });
});

test('without activators, a ServerlessService keeps the Services', async () => {
  await activators([]);
  await start();
  await cluster.revision('shop', { 'autoscaling.knative.dev/metric': 'concurrency' });
  await cluster.until('the ServerlessService', () => cluster.get('ServerlessService', 'shop'));
  expect(await cluster.get('Service', 'shop')).toBeUndefined();
});

test('Services are handed back where the revision gets another class', async () => {
  await start();
  await born({ 'autoscaling.knative.dev/metric': 'concurrency' });
  await pods(true);
  await leadsTo('the pod', [POD]);
  const { metadata } = (await cluster.get('Service', 'shop'))!;
  await cluster.merge('PodAutoscaler', 'shop', {
    metadata: { annotations: { 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' } },
  });
  const sks = await cluster.until('the ServerlessService', () => cluster.get('ServerlessService', 'shop'));
  for (const [kind, name] of [
    ['Service', 'shop'],
    ['Service', 'shop-private'],
    ['Endpoints', 'shop'],
  ] as const)
    await cluster.until(`the owner of ${kind} ${name}`, async () => {
      const owners = (await cluster.get(kind, name))?.metadata['ownerReferences'] as readonly JsonObject[];
      return owners.length === 1 && owners[0]?.['uid'] === sks.metadata['uid'];
    });
  expect((await cluster.get('Service', 'shop'))?.metadata['uid']).toBe(metadata['uid']);
  expect(await behindIt()).toEqual([POD]);
});

describe('activators tell what they hold', () => {
  const HEARD = { HPA_BRIDGE_STAT_PORT: '0' };
  const CONCURRENCY = { 'autoscaling.knative.dev/metric': 'concurrency' };
  const tell = (inFlight: number): Promise<void> => {
    const stat = {
      ...NO_STAT,
      podName: 'activator',
      averageConcurrentRequests: inFlight,
      requestCount: inFlight,
    };
    return running.controller.receiver.message(
      Uint8Array.from(writeStatMessages([{ namespace: 'default', name: 'shop', stat }])),
    );
  };

  test('then they stay in the path of a revision that could not take a burst', async () => {
    await start(HEARD);
    await born(CONCURRENCY);
    await pods(true);
    await cluster.condition('shop', 'Active', 'True');
    await tell(1);
    await cluster.condition('shop', 'SignalAvailable', 'True');
    await leadsTo('activators, with a pod that serves', OURS);
    expect((await cluster.conditions('shop'))['Active']?.status).toBe('True');
    await cluster.merge('Revision', 'shop', {
      metadata: { annotations: { 'autoscaling.knative.dev/target-burst-capacity': '0' } },
    });
    await leadsTo('the pod, where no burst is to be taken', [POD]);
  });

  test('then one that waits wakes a revision without pods', async () => {
    await start(HEARD);
    await born({ ...CONCURRENCY, 'autoscaling.knative.dev/activation-scale': '2' });
    await pods(true);
    await gone();
    await pods(false);
    await tell(1);
    await cluster.until('pods for it', async () => (await replicas()) === 2);
    await cluster.condition('shop', 'Active', 'Unknown', 'Queued');
  });
});
