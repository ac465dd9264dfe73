import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge, installActivators } from './bridge.ts';
import { Crowd } from './crowd.ts';
import { configured } from './cluster-config.ts';
import { Exporter } from './exporter.ts';
import { addressOf, ask as send } from './gateway.ts';
import { addressesIn, KINDS } from './kinds.ts';
import { api, figure, namespace, SYSTEM } from './lab.ts';
import { Prometheus } from './prometheus.ts';
import { annotate, conditionOf, podAutoscalerWith, served as servedIn, type Annotations } from './serving.ts';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
let activators: readonly string[];
let exporter: Exporter;
let prometheus: Prometheus;
beforeAll(async () => {
  space = await namespace('zero');
  activators = await installActivators();
  exporter = await Exporter.start();
  prometheus = await Prometheus.start(space.name, [exporter.target]);
  await api.patch(KINDS.configMap, SYSTEM, 'config-autoscaler', {
    data: { 'scale-to-zero-grace-period': '6s' },
  });
  bridge = await Bridge.started('zero');
  await bridge.leading();
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await api.patch(KINDS.configMap, SYSTEM, 'config-autoscaler', {
    data: { 'scale-to-zero-grace-period': null },
  });
  await api.remove(KINDS.deployment, SYSTEM, 'hpa-bridge-activator');
  await space[Symbol.asyncDispose]();
  await exporter[Symbol.asyncDispose]();
});

/** A machine that has much else to do may take longer than usual for a pod: whoever waits for it is patient. */
const served = (name: string, annotations: Annotations): Promise<string> =>
  servedIn(space.name, name, annotations, { timeoutSeconds: 30, responseStartTimeoutSeconds: 30 });

const behind = async (revision: string): Promise<readonly string[]> =>
  addressesIn(await api.get(KINDS.endpoints, space.name, revision));
const replicas = async (revision: string): Promise<number | undefined> =>
  (await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas;

const ask = async (revision: string, address?: string): Promise<number> =>
  (await send(space.name, revision, address === undefined ? {} : { address })).status;

/** Waits until the revision has gone to zero, with activators behind its Service. */
async function asleep(revision: string): Promise<void> {
  await eventually(async () => expect(await replicas(revision)).toBe(0));
  expect(await behind(revision)).toEqual([...activators].sort());
  const pa = await podAutoscalerWith(space.name, revision, {
    type: 'Active',
    status: 'False',
    reason: 'NoTraffic',
  });
  expect(pa.status).toMatchObject({ desiredScale: 0, serviceName: revision });
  expect(conditionOf(await api.get(KINDS.revision, space.name, revision), 'Ready')).toMatchObject({
    status: 'True',
  });
}

/** A revision is Idle: activators are behind its Service, and its pods still run. */
const idle = (revision: string): Promise<void> =>
  eventually(async () => expect(await behind(revision)).toEqual([...activators].sort()));

const statuses = async (revision: string, count: number): Promise<readonly number[]> =>
  Promise.all(Array.from({ length: count }, () => ask(revision)));
const all200 = (count: number): readonly number[] => Array.from({ length: count }, () => 200);

test.concurrent.each([
  ['concurrency', { metric: 'concurrency' }],
  ['cpu', { metric: 'cpu', target: '70', 'hpa-bridge.dev/backend': 'hpa' }],
])('%s: idle, asleep, woken by a request, and asleep again', async (name, annotations) => {
  const revision = await served(name, { ...annotations, window: '6s' });
  expect(await api.find(KINDS.sks, space.name, revision)).toBeUndefined();
  const idleAt = performance.now();
  await asleep(revision);
  figure(`zero ${name}: asleep ${Math.round(performance.now() - idleAt)} ms after Ready`);
  const at = performance.now();
  expect(await ask(revision)).toBe(200);
  figure(`zero ${name}: answered ${Math.round(performance.now() - at)} ms after the request`);
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'True' });
  await eventually(async () => expect(await behind(revision)).not.toEqual([...activators].sort()));
  await asleep(revision);
});

test.concurrent(
  'requests at the worst of moments are all answered, whoever is killed meanwhile',
  async () => {
    const inThePath = (revision: string): Promise<void> =>
      eventually(async () => expect(await behind(revision)).not.toEqual([...activators].sort()));
    const revisions = await Promise.all(
      ['moments-a', 'moments-b', 'moments-c'].map((name) =>
        served(name, { metric: 'concurrency', window: '6s' }),
      ),
    );
    for (let cycle = 0; cycle < 2; cycle += 1) {
      await Promise.all(
        revisions.map(async (revision) => {
          await idle(revision);
          // Called back; the pods are in the path again.
          expect(await statuses(revision, 5)).toEqual(all200(5));
          await inThePath(revision);
          await idle(revision);
        }),
      );
      // Another controller has to find out where things stand.
      await bridge.stop('SIGKILL');
      bridge = await Bridge.started(`zero-${cycle}`);
      await bridge.leading();
      await Promise.all(
        revisions.map(async (revision) => {
          await eventually(async () => expect(await replicas(revision)).toBe(0));
          expect(await statuses(revision, 20)).toEqual(all200(20));
        }),
      );
    }
  },
);

test.concurrent(
  'a query wakes, and KEDA neither takes the last pod by itself nor brings back what sleeps',
  async () => {
    const depth = (value: number): void => exporter.set(`depth{namespace="${space.name}"}`, value);
    depth(0);
    const address = { 'autoscaler.keda.prometheus-address': prometheus.address };
    await configured('config-autoscaler-keda', address, async () => {
      const query = `sum(depth{namespace="${space.name}"})`;
      const triggers = [
        { type: 'prometheus', metadata: { serverAddress: prometheus.address, query, threshold: '5' } },
      ];
      const [revision, cpu, overridden] = await Promise.all([
        served('keda', {
          query: 'sum(depth{namespace="{{ .namespace }}"})',
          target: '5',
          window: '6s',
          'hpa-bridge.dev/polling-interval': '1s',
        }),
        served('keda-cpu', { metric: 'cpu', target: '70', window: '6s' }),
        served('keda-override', {
          'scaled-object-override': JSON.stringify({ spec: { pollingInterval: 1, triggers } }),
          window: '6s',
        }),
      ]);
      const { spec } = await api.get(KINDS.scaledObject, space.name, revision);
      expect(spec).toMatchObject({ minReplicaCount: 0 });
      await Promise.all([revision, cpu, overridden].map(asleep));
      // KEDA takes cpu alone for active all the time, and looks for the Deployment to be at least 1.
      const PAUSED = { annotations: { 'autoscaling.keda.sh/paused': 'true' } };
      expect((await api.get(KINDS.scaledObject, space.name, cpu)).metadata).toMatchObject(PAUSED);
      expect(await api.find(KINDS.hpa, space.name, cpu)).toBeUndefined();
      expect(await statuses(cpu, 3)).toEqual(all200(3));
      await eventually(async () => expect(await api.find(KINDS.hpa, space.name, cpu)).toBeDefined());
      expect((await api.get(KINDS.scaledObject, space.name, cpu)).metadata).not.toMatchObject(PAUSED);
      depth(7);
      for (const one of [revision, overridden])
        await eventually(async () => expect(await replicas(one)).toBeGreaterThan(0));
      await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'True' });
      depth(0);
      await asleep(revision);
      expect(await ask(revision)).toBe(200);
    });
  },
);

test.concurrent('what stands there is what the controller of a ServerlessService makes', async () => {
  const [ours, theirs] = await Promise.all([
    served('ours', { metric: 'concurrency' }),
    served('theirs', { metric: 'concurrency', 'min-scale': '1' }),
  ]);
  expect(await api.find(KINDS.sks, space.name, theirs)).toBeDefined();
  const [a, b] = await Promise.all([ours, theirs].map(standsFor));
  expect(a).toEqual(b);
});

test.concurrent('Services change hands under traffic, there and back, and no request is lost', async () => {
  const services = 'hpa-bridge.dev/services';
  const annotations = { metric: 'concurrency', window: '6s', [services]: 'knative' };
  const revision = await served('hands', annotations);
  const address = (): Promise<string> => addressOf(space.name, revision);
  const ownedBy = (kind: string): Promise<void> =>
    eventually(async () => {
      const children = [
        await api.get(KINDS.coreService, space.name, revision),
        await api.get(KINDS.endpoints, space.name, revision),
      ];
      for (const { metadata } of children) expect(metadata.ownerReferences).toMatchObject([{ kind }]);
    });
  await ownedBy('ServerlessService');
  const before = await address();
  await using endpoints = await api.follow(KINDS.endpoints, space.name, revision);
  let [sent, failed, ended] = [0, 0, false];
  const client = async (): Promise<void> => {
    while (!ended) {
      sent += 1;
      if ((await ask(revision, before).catch(() => 0)) !== 200) failed += 1;
    }
  };
  const traffic = Promise.all([client(), client(), client(), client()]);
  for (let turn = 0; turn < 3; turn += 1) {
    await annotate(space.name, revision, { [services]: 'bridge' });
    await ownedBy('PodAutoscaler');
    expect(await api.find(KINDS.sks, space.name, revision)).toBeUndefined();
    await annotate(space.name, revision, { [services]: 'knative' });
    await ownedBy('ServerlessService');
    await eventually(async () =>
      expect(conditionOf(await api.get(KINDS.sks, space.name, revision), 'Ready')).toMatchObject({
        status: 'True',
      }),
    );
  }
  ended = true;
  await traffic;
  figure(`zero hands: ${sent} requests while Services changed hands six times, ${failed} failed`);
  expect(failed).toBe(0);
  expect(await address()).toBe(before);
  for (const version of endpoints.versions) expect(addressesIn(version)).not.toEqual([]);
  // It sleeps once it is ours, and is woken to be handed back.
  await annotate(space.name, revision, { [services]: 'bridge' });
  await asleep(revision);
  await annotate(space.name, revision, { [services]: 'knative' });
  await ownedBy('ServerlessService');
  expect(await ask(revision)).toBe(200);
});

test('pods that Endpoints have no room for stand in slices beside them, for as long as it takes', async () => {
  const revision = await served('crowd', {
    metric: 'cpu',
    target: '70',
    'hpa-bridge.dev/backend': 'hpa',
  });
  const [own = ''] = await behind(revision);
  const service = `?labelSelector=${encodeURIComponent(`kubernetes.io/service-name=${revision}`)}`;
  const inSlices = async (): Promise<readonly string[]> => {
    const slices = await api.list(KINDS.endpointSlice, space.name, service);
    const all = slices.flatMap(({ endpoints = [] }) => endpoints.flatMap(({ addresses }) => addresses));
    return [...new Set(all)].sort();
  };
  const at = performance.now();
  await using crowd = await Crowd.of(space.name, revision, 1200);
  await eventually(async () => expect(await inSlices()).toEqual([own, ...crowd.addresses].sort()));
  expect(await behind(revision)).toHaveLength(1000);
  await crowd.thinOut(300);
  await eventually(async () => expect(await inSlices()).toEqual([own, ...crowd.addresses.slice(300)].sort()));
  const ours = `${service},${encodeURIComponent('endpointslice.kubernetes.io/managed-by=hpa-bridge.dev')}`;
  await eventually(async () => expect(await api.list(KINDS.endpointSlice, space.name, ours)).toEqual([]));
  figure(`zero crowd: 1,200 pods came and 300 went in ${Math.round(performance.now() - at)} ms`);
});

/** Services and Endpoints of a revision without what differs between any two: names, addresses, versions, owners, and our own mark. */
async function standsFor(revision: string): Promise<unknown> {
  const objects = await Promise.all([
    api.get(KINDS.coreService, space.name, revision),
    api.get(KINDS.coreService, space.name, `${revision}-private`),
    eventually(async () => {
      const endpoints = await api.get(KINDS.endpoints, space.name, revision);
      expect(addressesIn(endpoints)).not.toEqual([...activators].sort());
      return endpoints;
    }),
  ]);
  const varies = [
    'hpa-bridge.dev/applied-hash',
    'autoscaling.knative.dev/min-scale',
    'serving.knative.dev/creator',
  ];
  const rename = (text: string): string => text.replaceAll(revision, 'REVISION').replaceAll(/-0000\d/g, '');
  return objects.map(({ metadata, ...rest }) => {
    const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
    const kept = Object.entries(annotations).filter(([key]) => !varies.includes(key));
    const text = JSON.stringify(
      { ...rest, labels, annotations: Object.fromEntries(kept.sort()), owners: ownerReferences.length },
      (key, value: unknown) =>
        [
          'clusterIP',
          'clusterIPs',
          'ip',
          'uid',
          'targetRef',
          'apiVersion',
          'kind',
          'serving.knative.dev/revisionUID',
          'serving.knative.dev/configurationUID',
          'serving.knative.dev/serviceUID',
          'status',
        ].includes(key)
          ? undefined
          : value,
    );
    return JSON.parse(rename(text).replaceAll(revision.replace(/-0000\d$/, ''), 'SERVICE')) as unknown;
  });
}
