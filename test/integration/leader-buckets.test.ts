import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KubeApi } from '../../src/adapters/kube/connection.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { bucketsOf } from '../../src/domain/bucket.ts';
import { leaseNamesOf } from '../../src/domain/config/lease-name.ts';
import { keyOf, type Key } from '../../src/domain/key.ts';
import { ms, seconds } from '../../src/domain/time.ts';
import { Leadership } from '../../src/engine/leadership.ts';
import { QueueProxies } from '../doubles/queue-proxies.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { AUTOSCALING, ClusterInMemory, HPA_CLASS, type RunningController } from './cluster-in-memory.ts';

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

const LEASES = leaseNamesOf([HPA_CLASS], 4);
const bucketOf = bucketsOf(LEASES);
/** Two revisions in each bucket. */
const NAMES = LEASES.flatMap((lease) =>
  Array.from({ length: 100 }, (_, index) => `hello-${index}-00001`)
    .filter((name) => bucketOf(keyOf('default', name)) === lease)
    .slice(0, 2),
);
const KEYS = NAMES.map((name) => keyOf('default', name));
const POD = '127.0.0.2';

interface Replica extends RunningController {
  readonly leads: () => readonly Key[];
}

async function replica(identity: string): Promise<Replica> {
  const made: Leadership[] = [];
  const running = await cluster.controller({
    statPort: pods.port,
    leads: (api: KubeApi) => {
      const leadership = new Leadership({
        leases: LEASES.map((name) => api.lease({ namespace: 'knative-serving', name })),
        bucketOf,
        terms: {
          identity,
          leaseDuration: seconds(9),
          renewDeadline: seconds(7),
          retryPeriod: ms(300),
        },
        clock: systemClock,
        random: Math.random,
        telemetry: new TallyingTelemetry(),
        log: new SilentLog(),
      });
      made.push(leadership);
      return leadership;
    },
  });
  return { ...running, leads: () => KEYS.filter((key) => made.every((one) => one.isOpen(key))) };
}

const share = (...replicas: readonly Replica[]): Promise<true> =>
  cluster.until('a leader for each revision', () => replicas.flatMap((one) => one.leads()).length === 8);
const maxOf = async (name: string): Promise<unknown> => {
  const hpa = await cluster.get('HorizontalPodAutoscaler', name);
  return (hpa?.['spec'] as { readonly maxReplicas?: number } | undefined)?.maxReplicas;
};
/** Every revision may have so many pods at most, and its HPA says so. */
async function bounded(max: number): Promise<void> {
  const annotations = { [`${AUTOSCALING}/max-scale`]: String(max) };
  for (const name of NAMES) await cluster.merge('Revision', name, { metadata: { annotations } });
  for (const name of NAMES) await cluster.until(`the HPA ${name}`, async () => (await maxOf(name)) === max);
}

test('each revision has one writer, and those of a replica that dies have another', async () => {
  const [one, two] = await Promise.all([replica('one'), replica('two')]);
  await share(one, two);
  expect(one.leads().length).toBeGreaterThan(0);
  expect(two.leads().length).toBeGreaterThan(0);
  for (const name of NAMES)
    await cluster.revision(name, {
      [`${AUTOSCALING}/metric`]: 'cpu',
      [`${AUTOSCALING}/target`]: '70',
      'hpa-bridge.dev/backend': 'hpa',
    });
  await bounded(7);
  expect([...one.wrote, ...two.wrote].sort()).toEqual([...KEYS].sort());

  const orphans = one.leads();
  await one.api.close();
  await cluster.until('nobody to lead for them', () => one.leads().length === 0);
  await share(two);
  two.wrote.clear();
  await bounded(8);
  expect(orphans.every((key) => two.wrote.has(key))).toBe(true);
  const counted = [one, two].map(({ telemetry }) =>
    telemetry.valueOf('hpa_bridge_revisions', { signal: 'cpu', backend: 'hpa' }),
  );
  expect(counted).toEqual([0, 8]);
});

test('a revision whose bucket moves loses no pod', async () => {
  const [name = '', key = keyOf('', '')] = [NAMES[0], KEYS[0]];
  await pods.answer(POD, { averageConcurrentRequests: 470 });
  const replicas = [await replica('one'), await replica('two')];
  await share(...replicas);
  await cluster.revision(name, {}, 0);
  await cluster.services(name);
  await cluster.readyPod(name, 0, POD);
  await cluster.until('seven replicas', async () => (await cluster.replicas(name)) === 7);
  const [owner] = replicas.filter((each) => each.leads().includes(key));
  const [other] = replicas.filter((each) => each !== owner);
  const ticksOf = (each: Replica | undefined): number =>
    ['stable', 'panic'].reduce(
      (sum, result) => sum + (each?.telemetry.valueOf('hpa_bridge_ticks_total', { result: result }) ?? 0),
      0,
    );
  expect([ticksOf(owner) > 0, ticksOf(other)]).toEqual([true, 0]);
  await pods.answer(POD, { averageConcurrentRequests: 1 });
  await owner?.api.close();
  await cluster.until('decisions of the other one', () => ticksOf(other) > 2);
  expect(await cluster.replicas(name)).toBe(7);
});
