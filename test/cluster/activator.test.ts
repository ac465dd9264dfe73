import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, request, type Dispatcher } from 'undici';
import { eventually } from './api.ts';
import { addressesOf, Bridge, installActivators, installAsPods, uninstallPods } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, figure, namespace } from './lab.ts';
import { served } from './serving.ts';

let space: Awaited<ReturnType<typeof namespace>>;
let shims: readonly string[];
const agent = new Agent({ connections: null, pipelining: 1 });
beforeAll(async () => {
  space = await namespace('activator');
  shims = await installActivators();
});
afterAll(async () => {
  await agent.close();
  await space[Symbol.asyncDispose]();
  await uninstallPods();
});

const deploymentOf = (revision: string): string => `${revision}-deployment`;
const podsOf = (revision: string): ReturnType<typeof api.list> =>
  api.list(KINDS.pod, space.name, `?labelSelector=serving.knative.dev%2Frevision%3D${revision}`);

const scale = (revision: string, replicas: number): Promise<unknown> =>
  api.patch(KINDS.deployment, space.name, deploymentOf(revision), { spec: { replicas } });

const replicas = async (revision: string): Promise<number> =>
  (await api.get(KINDS.deployment, space.name, deploymentOf(revision))).spec.replicas ?? 1;

async function asleep(revision: string): Promise<void> {
  await scale(revision, 0);
  await eventually(async () => expect(await podsOf(revision)).toEqual([]));
}

/** Revisions that scale by their requests and that nobody scales any more: what is about to happen is the activator's doing alone. */
async function leftAlone(
  services: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<readonly string[]> {
  await using bridge = await Bridge.started('activator');
  await bridge.leading();
  return await Promise.all(
    Object.entries(services).map(([name, spec]) => served(space.name, name, { metric: 'concurrency' }, spec)),
  );
}

const ask = (shim: string, revision: string, path = '/'): Promise<Dispatcher.ResponseData> =>
  request(`http://${shim}:8012${path}`, {
    dispatcher: agent,
    headers: { 'knative-serving-namespace': space.name, 'knative-serving-revision': revision },
  });

const answered = async (answer: Promise<Dispatcher.ResponseData>): Promise<number> => {
  const { statusCode, body } = await answer;
  await body.dump();
  return statusCode;
};

/** Named for what is asked of it. */
const REVISIONS = {
  'cold-a': {},
  'cold-b': {},
  'cold-c': {},
  'cold-d': {},
  single: { containerConcurrency: 1 },
  many: {},
};

describe('a revision without pods, with real queue-proxies', () => {
  let cold: readonly string[];
  let one = '';
  let any = '';
  beforeAll(async () => {
    const revisions = await leftAlone(REVISIONS);
    // Pods take as long to end as they like: all of them at the same time.
    await Promise.all(revisions.map(asleep));
    [one = '', any = ''] = revisions.slice(-2);
    cold = revisions.slice(0, -2);
  });

  test('is woken by a request, which is answered by its first pod', async () => {
    const took: number[] = [];
    for (const [at, revision] of cold.entries()) {
      const began = performance.now();
      expect(await answered(ask(shims[at % shims.length]!, revision))).toBe(200);
      took.push(performance.now() - began);
      expect(await replicas(revision)).toBe(1);
    }
    figure(`activator: from a request at zero to its answer, ms: ${took.map(Math.round).join(' ')}`);
  });

  test('a burst to both activators is answered in full, and containerConcurrency holds', async () => {
    for (const [revision, requests] of [
      [one, 20],
      [any, 200],
    ] as const) {
      const burst = Array.from({ length: requests }, (_, at) =>
        answered(ask(shims[at % shims.length]!, revision, '/?sleep=20')),
      );
      expect((await Promise.all(burst)).filter((status) => status !== 200)).toEqual([]);
      expect(await replicas(revision)).toBe(1);
    }
  });
});

/** The sum of a metric over all series of a process of ours that have these labels. */
async function metric(address: string, name: string, labels = ''): Promise<number> {
  const page = await (await request(`http://${address}:8080/metrics`, { dispatcher: agent })).body.text();
  return page
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('every controller is told of the requests that an activator has', async () => {
  await installAsPods();
  const controllers = await eventually(async () => {
    const addresses = await addressesOf('controller');
    expect(addresses).toHaveLength(2);
    return addresses;
  });
  await eventually(async () => {
    const links = await Promise.all(shims.map((shim) => metric(shim, 'hpa_bridge_stat_links')));
    expect(links).toEqual([2, 2]);
  });
  const revision = await served(space.name, 'told', { metric: 'concurrency' });
  await answered(ask(shims[0]!, revision, '/?sleep=2500'));
  await eventually(async () => {
    const read = await Promise.all(
      controllers.map((each) => metric(each, 'hpa_bridge_stat_messages_total', 'outcome="read"')),
    );
    for (const messages of read) expect(messages).toBeGreaterThan(2);
  });
});
