import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge, installActivators } from './bridge.ts';
import { addressesIn, KINDS } from './kinds.ts';
import { api, figure, namespace, SYSTEM } from './lab.ts';
import { conditionOf, podAutoscalerWith, served } from './serving.ts';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
let activators: readonly string[];
beforeAll(async () => {
  space = await namespace('zero');
  activators = await installActivators();
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
});

const behind = async (revision: string): Promise<readonly string[]> =>
  addressesIn(await api.get(KINDS.endpoints, space.name, revision));
const replicas = async (revision: string): Promise<number | undefined> =>
  (await api.get(KINDS.deployment, space.name, `${revision}-deployment`)).spec.replicas;

/** One request as a gateway sends it, to the address of the revision's Service, over a connection of its own. */
async function ask(revision: string): Promise<number> {
  const { clusterIP } = (await api.get(KINDS.coreService, space.name, revision)).spec;
  const answer = await fetch(`http://${clusterIP}/`, {
    headers: {
      connection: 'close',
      'Knative-Serving-Revision': revision,
      'Knative-Serving-Namespace': space.name,
    },
  });
  await answer.text();
  return answer.status;
}

/** Waits until the revision has gone to zero, with activators behind its Service. */
async function asleep(revision: string): Promise<void> {
  await eventually(async () => expect(await replicas(revision)).toBe(0), 90_000);
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

test.each([
  ['concurrency', { metric: 'concurrency' }],
  ['cpu', { metric: 'cpu', target: '70', 'hpa-bridge.dev/backend': 'hpa' }],
])('%s: idle, asleep, woken by a request, and asleep again', async (name, annotations) => {
  const revision = await served(space.name, name, { ...annotations, window: '6s' });
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
