import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf, nameOf } from '../../src/domain/key.ts';
import { COLD_START_PHASES } from '../../src/domain/throttle/cold-start.ts';
import { PodServer } from '../doubles/pod-servers.ts';
import { runActivator, type RunningActivator } from './activator-in-memory.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

let cluster: ClusterInMemory;
let activator: RunningActivator;
let pods: PodServer[] = [];
/** Writes of scales that the API server will not do yet. */
let failures = 0;
beforeEach(async () => {
  failures = 0;
  cluster = await ClusterInMemory.start({
    intercept: ({ method, url = '' }, response) => {
      if (failures === 0 || method !== 'PATCH' || !url.includes('/scale')) return false;
      failures -= 1;
      response.writeHead(503).end();
      return true;
    },
  });
});
afterEach(async () => {
  await activator[Symbol.asyncDispose]();
  await Promise.all(pods.map((pod) => pod[Symbol.asyncDispose]()));
  pods = [];
  await cluster.stop();
});

const podServer = async (): Promise<PodServer> => {
  const pod = await PodServer.start();
  pods.push(pod);
  return pod;
};
/** What it tells of revisions. */
const seriesOf = ({ activator: { throttler } }: RunningActivator): readonly string[] =>
  [...throttler.series()].flatMap(({ key, samples }) =>
    samples.map(
      ({ name, value }) =>
        `${nameOf(key)} ${name.replace('hpa_bridge_activator_revision_', '')} ${Math.ceil(value)}`,
    ),
  );
const inFlight = (revision: string): number =>
  activator.activator.throttler.inFlight(keyOf('default', revision));
const scaled = (revision: string, replicas: number): Promise<unknown> =>
  cluster.until(
    `${revision} with ${replicas} replicas`,
    async () => (await cluster.replicas(revision)) === replicas,
  );

describe('a revision without pods', () => {
  test('is woken by a request, which is handed on as soon as a pod answers, ready or not', async () => {
    await cluster.revision('shop', {}, 0);
    activator = await runActivator(cluster);
    const answer = activator.ask('shop');
    await scaled('shop', 1);
    const pod = await podServer();
    expect(seriesOf(activator)).toEqual(['shop in_flight 1', 'shop waiting 1']);
    await cluster.pod('shop', 0, pod.address);
    expect(await answer).toMatchObject({ status: 200, body: `${pod.address} /for-shop` });
    await cluster.until('no request', () => inFlight('shop') === 0);
    const phases = COLD_START_PHASES.map((phase) =>
      activator.telemetry.valueOf('hpa_bridge_cold_start_seconds', { phase }),
    );
    expect(phases).toEqual([1, 1, 1, 1, 1]);
    expect(seriesOf(activator)).toContain('shop cold_starts_total 1');
    await cluster.remove('Revision', 'shop');
    await cluster.until('no start of it', () => !seriesOf(activator).join().includes('cold_starts'));
  });

  test.each([
    ['activation-scale', { [`${AUTOSCALING}/activation-scale`]: '3' }, 3],
    ['min-scale', { [`${AUTOSCALING}/min-scale`]: '2' }, 2],
    ['max-scale', { [`${AUTOSCALING}/activation-scale`]: '5', [`${AUTOSCALING}/max-scale`]: '4' }, 4],
  ])('is woken to as many as %s says', async (_what, annotations, replicas) => {
    await cluster.revision('shop', annotations, 0);
    activator = await runActivator(cluster);
    const giveUp = new AbortController();
    const answer = activator.ask('shop', { signal: giveUp.signal });
    await scaled('shop', replicas);
    giveUp.abort();
    await expect(answer).rejects.toThrow();
    await cluster.until('no request', () => inFlight('shop') === 0);
  });

  test('of another class is not woken, and its requests wait for whoever does', async () => {
    await cluster.revision('theirs', { [`${AUTOSCALING}/class`]: 'kpa.autoscaling.knative.dev' }, 0);
    await cluster.revision('ours', {}, 0);
    activator = await runActivator(cluster);
    const theirs = activator.ask('theirs');
    const ours = activator.ask('ours');
    await scaled('ours', 1);
    expect([await cluster.replicas('theirs'), inFlight('theirs')]).toEqual([0, 1]);
    const pod = await podServer();
    await cluster.pod('theirs', 0, pod.address);
    await cluster.pod('ours', 0, pod.address);
    expect([(await theirs).status, (await ours).status]).toEqual([200, 200]);
  });

  test('is woken by one of two activators, and what somebody else has raised meanwhile stays', async () => {
    await cluster.revision('shop', {}, 0);
    activator = await runActivator(cluster);
    await using other = await runActivator(cluster, { podName: 'activator-1' });
    const answers = [activator.ask('shop'), other.ask('shop')];
    await scaled('shop', 1);
    await cluster.merge('Deployment', 'shop-deployment', { spec: { replicas: 4 } });
    const pod = await podServer();
    await cluster.pod('shop', 0, pod.address);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await cluster.replicas('shop')).toBe(4);
    const woken = [activator, other].map(({ telemetry }) =>
      telemetry.valueOf('hpa_bridge_wakes_total', { outcome: 'woken' }),
    );
    expect(woken[0]! + woken[1]!).toBe(1);
  });

  test('that nobody knows is answered with 404 and wakes nothing', async () => {
    await cluster.revision('shop', {}, 0);
    activator = await runActivator(cluster);
    expect((await activator.ask('shopp')).status).toBe(404);
    expect(await cluster.replicas('shop')).toBe(0);
  });
});

/** Endpoints of the public Service, as the controller writes them. */
const publicEndpoints = (revision: string, ips: readonly string[]): Promise<unknown> =>
  cluster.create('Endpoints', revision, {
    metadata: { labels: { 'networking.internal.knative.dev/serviceType': 'Public' } },
    subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'http', port: 8012 }] }],
  });
const hold = (pod: PodServer): (() => void) => {
  const held = Promise.withResolvers<undefined>();
  pod.hold = held.promise;
  return () => held.resolve(undefined);
};

describe('containerConcurrency', () => {
  test('holds: requests wait in line for a place, and none is left over', async () => {
    await cluster.revision('one', {}, 1, { containerConcurrency: 1 });
    const pod = await podServer();
    await cluster.readyPod('one', 1, pod.address);
    activator = await runActivator(cluster);
    const answers = await Promise.all(Array.from({ length: 20 }, () => activator.ask('one')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect([pod.most, pod.served]).toEqual([1, 20]);
  });

  test('is shared out: of two activators each has pods of its own', async () => {
    await cluster.revision('one', {}, 0, { containerConcurrency: 1 });
    const servers = [await podServer(), await podServer()].sort((a, b) => (a.address < b.address ? -1 : 1));
    for (const [at, { address }] of servers.entries()) await cluster.readyPod('one', at, address);
    await publicEndpoints('one', ['10.0.0.1', '10.0.0.2']);
    activator = await runActivator(cluster, { podIp: '10.0.0.2' });
    // Once both have answered a probe, all requests of the second activator go to the second pod.
    await activator.ask('one');
    await cluster.until('both probed', () => servers.every(({ probed }) => probed > 0));
    const letGo = hold(servers[1]!);
    const answers = [activator.ask('one'), activator.ask('one'), activator.ask('one')];
    await cluster.until('the second pod at work', () => servers[1]!.inFlight === 1);
    letGo();
    const bodies = (await Promise.all(answers)).map(({ body }) => body);
    expect(bodies).toEqual(answers.map(() => `${servers[1]!.address} /for-one`));
  });
});

describe('a pod', () => {
  test('that has a probe of the kubelet for its start is used once it is ready', async () => {
    const spec = { containers: [{ name: 'user', startupProbe: { exec: { command: ['true'] } } }] };
    await cluster.revision('slow', {}, 0, spec);
    const pod = await podServer();
    await cluster.pod('slow', 0, pod.address);
    activator = await runActivator(cluster);
    const answer = activator.ask('slow');
    await scaled('slow', 1);
    expect([pod.probed, pod.served]).toEqual([0, 0]);
    const status = { phase: 'Running', podIP: pod.address, conditions: [{ type: 'Ready', status: 'True' }] };
    await cluster.merge('Pod', 'slow-deployment-0', { status }, { subresource: '/status' });
    expect((await answer).status).toBe(200);
  });

  test('that says it does not serve yet gets nothing until it does', async () => {
    await cluster.revision('shop', {}, 1);
    const pod = await podServer();
    pod.probeStatus = 500;
    await cluster.pod('shop', 1, pod.address);
    activator = await runActivator(cluster);
    const answer = activator.ask('shop');
    await cluster.until('three probes', () => pod.probed >= 3);
    expect(pod.served).toBe(0);
    pod.probeStatus = undefined;
    expect((await answer).status).toBe(200);
  });

  test('that is gone without a word is left for another, and the request is sent there', async () => {
    await cluster.revision('shop', {}, 1, { containerConcurrency: 1 });
    const servers = [await podServer(), await podServer()].sort((a, b) => (a.address < b.address ? -1 : 1));
    const [gone, stays] = [servers[0]!, servers[1]!];
    await cluster.readyPod('shop', 1, gone.address);
    await cluster.readyPod('shop', 2, stays.address);
    activator = await runActivator(cluster);
    // The first that is free: it comes first by its address.
    await cluster.until('the first pod in use', async () =>
      (await activator.ask('shop')).body.startsWith(gone.address),
    );
    await gone[Symbol.asyncDispose]();
    expect(await activator.ask('shop')).toMatchObject({ status: 200, body: `${stays.address} /for-shop` });
  });
});

test('more requests than may wait are refused, with the word to come back', async () => {
  await cluster.revision('shop', {}, 0);
  activator = await runActivator(cluster, { maxWaiting: 2 });
  const waiting = [activator.ask('shop'), activator.ask('shop')];
  await cluster.until('both wait', () => inFlight('shop') === 2);
  expect(await activator.ask('shop')).toMatchObject({
    status: 503,
    body: expect.stringContaining('pending request queue full'),
    headers: { 'retry-after': '1' },
  });
  const pod = await podServer();
  await cluster.pod('shop', 0, pod.address);
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
});

test('whether pods are in the path again follows from the Endpoints of the public Service', async () => {
  await cluster.revision('shop', {}, 1);
  await publicEndpoints('shop', ['10.0.0.1']);
  activator = await runActivator(cluster, { podIp: '10.0.0.1' });
  const bypassed = (): boolean =>
    activator.activator.throttler.revision(keyOf('default', 'shop'))!.bypassed();
  expect(bypassed()).toBe(false);
  await cluster.merge('Endpoints', 'shop', { subsets: [{ addresses: [{ ip: '10.1.0.1' }] }] });
  await cluster.until('pods in the path', bypassed);
});

test('a wake that fails is tried again for as long as somebody waits', async () => {
  await cluster.revision('shop', {}, 0);
  activator = await runActivator(cluster);
  failures = 3;
  const answer = activator.ask('shop');
  await scaled('shop', 1);
  expect(failures).toBe(0);
  expect(activator.log.lines.filter(({ message }) => message === 'could not be woken')).toHaveLength(3);
  const pod = await podServer();
  await cluster.pod('shop', 0, pod.address);
  expect((await answer).status).toBe(200);
});

test('a request whose client has gone leaves its place in the line, and nothing in flight', async () => {
  await cluster.revision('shop', {}, 1, { containerConcurrency: 1 });
  const pod = await podServer();
  await cluster.readyPod('shop', 1, pod.address);
  activator = await runActivator(cluster);
  const letGo = hold(pod);
  const first = activator.ask('shop');
  await cluster.until('the first at the pod', () => pod.inFlight === 1);
  const giveUp = new AbortController();
  const second = activator.ask('shop', { signal: giveUp.signal });
  await cluster.until('the second in line', () => inFlight('shop') === 2);
  giveUp.abort();
  await expect(second).rejects.toThrow();
  await cluster.until('the second gone', () => inFlight('shop') === 1);
  letGo();
  expect((await first).status).toBe(200);
  expect((await activator.ask('shop')).status).toBe(200);
  expect(pod.served).toBe(2);
});
