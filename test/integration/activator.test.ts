import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyOf } from '../../src/domain/key.ts';
import { PodServer } from '../doubles/pod-servers.ts';
import { runActivator, type RunningActivator } from './activator-in-memory.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

let cluster: ClusterInMemory;
let activator: RunningActivator;
let pods: PodServer[] = [];
beforeEach(async () => {
  cluster = await ClusterInMemory.start();
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
const inFlight = (revision: string): number =>
  activator.activator.throttler.inFlight(keyOf('default', revision));
const replicasOf = async (revision: string): Promise<number> => {
  const deployment = await cluster.get('Deployment', `${revision}-deployment`);
  return (deployment?.['spec'] as { readonly replicas: number }).replicas;
};
const scaled = (revision: string, replicas: number): Promise<unknown> =>
  cluster.until(
    `${revision} with ${replicas} replicas`,
    async () => (await replicasOf(revision)) === replicas,
  );

describe('a revision without pods', () => {
  test('is woken by a request, which is handed on as soon as a pod answers, ready or not', async () => {
    await cluster.revision('shop', {}, 0);
    activator = await runActivator(cluster);
    const answer = activator.ask('shop');
    await scaled('shop', 1);
    const pod = await podServer();
    await cluster.pod('shop', 0, pod.address);
    expect(await answer).toMatchObject({ status: 200, body: `${pod.address} /for-shop` });
    await cluster.until('no request', () => inFlight('shop') === 0);
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
    expect([await replicasOf('theirs'), inFlight('theirs')]).toEqual([0, 1]);
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
    expect(await replicasOf('shop')).toBe(4);
    const woken = [activator, other].map(({ telemetry }) =>
      telemetry.valueOf('hpa_bridge_wakes_total', { outcome: 'woken' }),
    );
    expect(woken[0]! + woken[1]!).toBe(1);
  });

  test('that nobody knows is answered with 404 and wakes nothing', async () => {
    await cluster.revision('shop', {}, 0);
    activator = await runActivator(cluster);
    expect((await activator.ask('shopp')).status).toBe(404);
    expect(await replicasOf('shop')).toBe(0);
  });
});
