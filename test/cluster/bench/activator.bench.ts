import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compare } from '../../bench/activator/compare.ts';
import type { Load, Subject } from '../../bench/activator/load.ts';
import { buildProgram } from '../../bench/activator/program.ts';
import { eventually } from '../api.ts';
import { installActivators, installAsPods, uninstallPods } from '../bridge.ts';
import { addressesIn, KINDS } from '../kinds.ts';
import { api, namespace, SYSTEM } from '../lab.ts';
import { readyRevision, serviceOf } from '../serving.ts';
import { print, setting } from './print.ts';
import { activatorAt, processOf } from './processes.ts';
import { IMAGE, PROGRAM } from './program.ts';

const ROUNDS = setting('ROUNDS', 6);
/** Of one run, in milliseconds. */
const LASTING = setting('SECONDS', 4) * 1000;
const MIB = 2 ** 20;

const LOADS: Readonly<Record<string, Load>> = {
  'HTTP/1.1, 1 client, GET of 1 kB': { clients: 1 },
  'HTTP/1.1, 50 clients, GET of 1 kB': { clients: 50 },
  'HTTP/1.1, 500 clients, GET of 1 kB': { clients: 500 },
  'HTTP/1.1, 50 clients, POST of 1 kB': { clients: 50, body: 1024 },
  'HTTP/1.1, 50 clients, GET of 1 MiB': { clients: 50, answer: MIB },
  'HTTP/1.1, 50 clients, POST of 1 MiB': { clients: 50, body: MIB },
  'h2c, 1 client, GET of 1 kB': { clients: 1, http2: true },
  'h2c, 50 clients, GET of 1 kB': { clients: 50, http2: true },
  'h2c, 500 clients, GET of 1 kB': { clients: 500, http2: true },
  'h2c, 50 clients, GET of 1 MiB': { clients: 50, http2: true, answer: MIB },
  'HTTP/1.1, 200 requests a second, GET of 1 kB': { clients: 20, rate: 200 },
};

let space: Awaited<ReturnType<typeof namespace>>;
/** By whether they speak HTTP/2. */
let subjects: ReadonlyMap<boolean, readonly Subject[]>;

/** A revision with one pod that stays, and activators in its path. */
async function revisionOf(name: string, portName: string, ours: string): Promise<string> {
  const service = serviceOf(space.name, name, {
    ...{ metric: 'concurrency', 'max-scale': '1', 'target-burst-capacity': '-1' },
    'scale-to-zero-pod-retention-period': '1h',
  });
  const spec = service['spec'] as { readonly template: { readonly spec: object } };
  const containers = [{ image: IMAGE, args: ['pod'], ports: [{ name: portName, containerPort: 8080 }] }];
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  await api.apply(KINDS.service, { ...service, spec: { template } });
  const revision = await readyRevision(space.name, name);
  await eventually(async () =>
    expect(addressesIn(await api.get(KINDS.endpoints, space.name, revision))).toContain(ours),
  );
  return revision;
}

/** Go's ReverseProxy and nothing else, in a pod of its own as activators are. */
async function bareProxy(
  name: string,
  target: string,
): Promise<{ readonly host: string; readonly pid: number }> {
  const podName = `${name}-${space.name}`;
  await api.apply(KINDS.pod, {
    metadata: { namespace: space.name, name: podName },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          ...{ name: 'proxy', image: IMAGE, args: ['proxy', target] },
          env: [
            { name: 'POD_NAME', value: podName },
            { name: 'PORT', value: '8012' },
          ],
        },
      ],
    },
  });
  return eventually(async () => {
    const { status } = await api.get(KINDS.pod, space.name, podName);
    expect(status?.podIP).toBeDefined();
    return { host: status!.podIP!, pid: processOf(podName) };
  });
}

beforeAll(async () => {
  buildProgram(PROGRAM);
  space = await namespace('bench');
  // Activators whom no controller hears are in no path, and then they send clients away.
  await installAsPods();
  const [ours = ''] = await installActivators();
  const [knatives = ''] = addressesIn(await api.get(KINDS.endpoints, SYSTEM, 'activator-service'));
  const [mine, theirs] = await Promise.all([activatorAt(ours), activatorAt(knatives)]);
  const found = [false, true].map(async (http2) => {
    const port = http2 ? 8013 : 8012;
    const revision = await revisionOf(http2 ? 'h2c' : 'plain', http2 ? 'h2c' : 'http1', ours);
    const pods = await api.list(
      KINDS.pod,
      space.name,
      `?labelSelector=serving.knative.dev%2Frevision%3D${revision}`,
    );
    const pod = pods[0]?.status?.podIP ?? '';
    const bare = await bareProxy(http2 ? 'bare-h2c' : 'bare', `http://${pod}:${port}`);
    const whom = { namespace: space.name, revision };
    return [
      http2,
      [
        { name: 'hpa-bridge', ...mine, port, ...whom },
        { name: "Knative's activator", ...theirs, port, ...whom },
        { name: 'ReverseProxy', ...bare, port: 8012, ...whom },
        { name: 'no proxy', host: pod, port, ...whom },
      ],
    ] as const;
  });
  subjects = new Map(await Promise.all(found));
}, 180_000);
afterAll(async () => {
  await space[Symbol.asyncDispose]();
  await uninstallPods();
}, 120_000);

test.each(Object.entries(LOADS))(
  '%s',
  async (title, load) => {
    const failed = await compare(title, load, {
      ...{ program: PROGRAM, rounds: ROUNDS, lasting: LASTING, print },
      subjects: subjects.get(load.http2 ?? false) ?? [],
    });
    expect(failed).toBe(0);
  },
  (ROUNDS * LASTING * 4 + 30_000) * 2,
);
