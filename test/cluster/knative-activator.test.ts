import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge, installActivators } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { Exporter } from './exporter.ts';
import { addressesIn, KINDS } from './kinds.ts';
import { api, figure, kubectl, namespace, SYSTEM } from './lab.ts';
import { Prometheus } from './prometheus.ts';
import { podAutoscalerWith, served } from './serving.ts';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
let exporter: Exporter;
let prometheus: Prometheus;

const setZero = (mode: string | null): Promise<unknown> =>
  api.patch(KINDS.configMap, SYSTEM, 'config-hpa-bridge', { data: { zero: mode } });

/** Knative's programs read at their start how they tell their metrics. */
async function tellingBy(protocol: string | null): Promise<void> {
  await api.patch(KINDS.configMap, SYSTEM, 'config-observability', {
    data: { 'metrics-protocol': protocol },
  });
  await kubectl(['delete', 'pod', '-n', SYSTEM, '-l', 'app=activator', '--grace-period=2']);
  await eventually(async () => expect(await knatives()).toHaveLength(1));
}
const knatives = async (): Promise<readonly string[]> =>
  addressesIn(await api.get(KINDS.endpoints, SYSTEM, 'activator-service'));

beforeAll(async () => {
  space = await namespace('behind-knative');
  await Promise.all([tellingBy('prometheus'), installActivators()]);
  exporter = await Exporter.start();
  exporter.set(`depth{namespace="${space.name}"}`, 0);
  prometheus = await Prometheus.start(space.name, [exporter.target]);
  bridge = await Bridge.started('behind-knative');
  await bridge.leading();
});
afterAll(async () => {
  await setZero(null);
  await bridge[Symbol.asyncDispose]();
  await api.remove(KINDS.deployment, SYSTEM, 'hpa-bridge-activator');
  await space[Symbol.asyncDispose]();
  await tellingBy(null);
  await exporter[Symbol.asyncDispose]();
});

const replicas = async (revision: string): Promise<number | undefined> =>
  (await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas;
const behind = async (revision: string): Promise<readonly string[]> =>
  addressesIn(await api.get(KINDS.endpoints, space.name, revision));

/** One request as a gateway sends it, to the address of the revision's Service, over a connection of its own. */
async function ask(revision: string): Promise<number> {
  const { spec } = await api.get(KINDS.coreService, space.name, revision);
  const headers = {
    connection: 'close',
    'Knative-Serving-Revision': revision,
    'Knative-Serving-Namespace': space.name,
  };
  const answer = await fetch(`http://${spec.clusterIP}/`, { headers });
  await answer.text();
  return answer.status;
}

const asleep = (revision: string): Promise<void> =>
  eventually(async () => expect(await replicas(revision)).toBe(0));

async function asleepBehindKnative(revision: string): Promise<void> {
  await asleep(revision);
  expect(await behind(revision)).toEqual(await knatives());
  expect((await api.get(KINDS.sks, space.name, revision)).spec).toMatchObject({ mode: 'Proxy' });
  await podAutoscalerWith(space.name, revision, { type: 'Active', status: 'False', reason: 'NoTraffic' });
  await podAutoscalerWith(space.name, revision, { type: 'ActivatorAvailable', status: 'True' });
}

test('revisions sleep behind activators of Knative, whose requests wake them; changing whose activators they are loses none', async () => {
  const address = { 'autoscaler.keda.prometheus-address': prometheus.address };
  await configured('config-autoscaler-keda', address, async () => {
    const query = {
      query: 'sum(depth{namespace="{{ .namespace }}"})',
      target: '5',
      'hpa-bridge.dev/polling-interval': '1s',
    };
    const both = await Promise.all([
      served(space.name, 'requests', { metric: 'concurrency', window: '6s' }),
      served(space.name, 'query', { ...query, window: '6s' }),
    ]);
    const [requests, queried] = both;
    await Promise.all(both.map(asleep));

    // They sleep on, and whoever is woken goes over.
    await setZero('knative-activator');
    expect(await ask(requests)).toBe(200);
    await eventually(async () => {
      const { metadata } = await api.get(KINDS.coreService, space.name, requests);
      expect(metadata.ownerReferences).toMatchObject([{ kind: 'ServerlessService' }]);
    });
    expect(await replicas(queried)).toBe(0);

    // With ours gone those of Knative hold what comes, and we hear of it.
    await api.remove(KINDS.deployment, SYSTEM, 'hpa-bridge-activator');
    await eventually(async () => expect(await behind(queried)).toEqual(await knatives()));
    const at = performance.now();
    expect(await ask(queried)).toBe(200);
    figure(`zero behind Knative: answered ${Math.round(performance.now() - at)} ms after the request`);
    await Promise.all(both.map(asleepBehindKnative));
    expect(await ask(requests)).toBe(200);

    // Nobody would wake it any more.
    await setZero(null);
    await eventually(async () => expect(await replicas(queried)).toBe(1));
    expect(await ask(queried)).toBe(200);
  });
});
