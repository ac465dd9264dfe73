import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quantile } from '../../bench/activator/quantile.ts';
import { buildProgram } from '../../bench/activator/program.ts';
import { residentMiB } from '../../bench/process-figures.ts';
import { eventually } from '../api.ts';
import { installActivators, uninstallPods } from '../bridge.ts';
import { addressesIn, KINDS, type Pod } from '../kinds.ts';
import { api, namespace, SYSTEM } from '../lab.ts';
import { privateEndpoints, unscaledRevision } from '../unscaled.ts';
import { print, setting } from './print.ts';
import { activatorAt, type Located } from './processes.ts';
import { IMAGE, PROGRAM } from './program.ts';

const REQUESTS = 10_000;
const ROUNDS = setting('ROUNDS', 6);
/** For what has been sent to be taken in. Milliseconds. */
const SETTLED = 3000;
const REVISION = 'held';
const DEPLOYMENT = `${REVISION}-deployment`;
/** A pod takes so many at a time, and those that wait do so at the activator. */
const CONCURRENCY = 100;

let space: Awaited<ReturnType<typeof namespace>>;
const subjects = new Map<string, Located>();

/** A revision that nobody scales but this bench: requests are held as long as it likes. */
beforeAll(async () => {
  buildProgram(PROGRAM);
  space = await namespace('hold');
  const [ours = ''] = await installActivators();
  const [knatives = ''] = addressesIn(await api.get(KINDS.endpoints, SYSTEM, 'activator-service'));
  subjects.set('hpa-bridge', await activatorAt(ours)).set("Knative's activator", await activatorAt(knatives));
  await unscaledRevision(space.name, REVISION, {
    containerConcurrency: CONCURRENCY,
    timeoutSeconds: 300,
    containers: [{ image: IMAGE, args: ['pod'] }],
  });
  await eventually(() => api.get(KINDS.deployment, space.name, DEPLOYMENT));
}, 180_000);
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await uninstallPods();
}, 120_000);

const scale = (replicas: number): Promise<unknown> =>
  api.patch(KINDS.deployment, space.name, DEPLOYMENT, { spec: { replicas } });

const podsOf = (): Promise<readonly Pod[]> =>
  api.list(KINDS.pod, space.name, `?labelSelector=serving.knative.dev%2Frevision%3D${REVISION}`);

const endpoints = (addresses: readonly string[]): Promise<void> =>
  privateEndpoints(space.name, REVISION, { addresses, port: 8012 });

interface Held {
  readonly answered: number;
  readonly failed: number;
  readonly drainedMs: number;
  /** Resident while all were held, above what it was before. */
  readonly kilobytesEach: number;
}

/** From no pod, all requests held, to a pod, all answered, and back to none. */
async function round({ host, pid }: Located): Promise<Held> {
  await endpoints([]);
  const before = residentMiB(pid);
  const args = ['hold', `-address=${host}:8012`, `-clients=${REQUESTS}`];
  const whom = [`-namespace=${space.name}`, `-revision=${REVISION}`];
  const loader = spawn(PROGRAM, [...args, ...whom], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: loader.stdout });
  await once(lines, 'line');
  await sleep(SETTLED);
  const kilobytesEach = ((residentMiB(pid) - before) * 1024) / REQUESTS;
  await scale(1);
  const address = await eventually(async () => {
    const [pod] = await podsOf();
    expect(pod?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    return pod?.status?.podIP ?? '';
  });
  await endpoints([address]);
  const [line] = (await once(lines, 'line')) as [string];
  await scale(0);
  await eventually(async () => expect(await podsOf()).toEqual([]));
  return { ...(JSON.parse(line) as Omit<Held, 'kilobytesEach'>), kilobytesEach };
}

test(
  `${REQUESTS} requests are held, and answered once there is a pod`,
  async () => {
    const all = new Map<string, Held[]>([...subjects.keys()].map((name) => [name, []]));
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const order = Math.random() < 0.5 ? [...subjects] : [...subjects].toReversed();
      for (const [name, subject] of order) all.get(name)?.push(await round(subject));
    }
    print(`\n${REQUESTS} requests held, then answered by one pod of ${CONCURRENCY} at a time, n=${ROUNDS}`);
    for (const [name, held] of all) {
      // What was once had is kept for the next ones: the first time says what they need.
      const [first] = held;
      const drained = held.map(({ drainedMs }) => drainedMs);
      const failed = held.reduce((sum, each) => sum + each.failed, 0);
      print(
        `  ${name.padEnd(20)} ${first?.kilobytesEach.toFixed(1) ?? ''} kB each, drained in ${quantile(drained, 0.5).toFixed(0)} ms [${Math.min(...drained).toFixed(0)}-${Math.max(...drained).toFixed(0)}], ${failed} failed`,
      );
      expect(failed).toBe(0);
    }
  },
  120_000 + ROUNDS * 120_000,
);
