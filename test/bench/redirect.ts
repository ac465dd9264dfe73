import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { endpointsView, readyAddresses } from '../../src/domain/k8s/read/endpoints.ts';
import { Api, inParallel } from './api.ts';
import { BUNDLE, startController } from './controller-process.ts';
import { LISTS } from './fleet.ts';
import { missingBinaries, startRealServer } from './real-server.ts';

const USAGE = `npm run bench -- redirect [--count N] [--real]
  how long it takes until the Services of N sleeping revisions (10000, 1000 with --real) lead to other activators, with the limits of the client
  as they are by default, beside the same writes sent by a plain client
  --real   a real kube-apiserver instead of the API server in memory`;

const AUTOSCALING = 'autoscaling.knative.dev';
const NAMESPACE = 'asleep';
const ENDPOINTS = '/api/v1/endpoints';
/** As many as the controller sends at once. */
const AT_ONCE = 12;
const BEFORE = ['10.9.0.1', '10.9.0.2'];
const AFTER = ['10.9.0.3', '10.9.0.4'];

/** `npm run bench -- redirect` */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string' },
      real: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const missing = values.real ? missingBinaries() : undefined;
  if (!existsSync(BUNDLE)) refuse(`there is no ${BUNDLE}: npm run build makes it`);
  else if (missing !== undefined) refuse(missing);
  else await measure(Number(values.count ?? (values.real ? 1000 : 10_000)), values.real);
}

function refuse(sentence: string): void {
  console.error(sentence);
  process.exitCode = 2;
}

async function measure(count: number, real: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-bench-'));
  const stop = new AbortController();
  try {
    const kubeconfig = real
      ? await startRealServer(folder, stop.signal)
      : await inMemory(folder, stop.signal);
    const api = new Api(kubeconfig);
    await makeSleepers(api, count);
    const making = await startController(kubeconfig, stop.signal);
    await untilLeading(api, count, BEFORE, stop.signal);
    await making.stop();

    const controller = await startController(kubeconfig, stop.signal, undefined, []);
    await controller.ready();
    while ((await controller.total('hpa_bridge_reconcile_seconds_count')) < count) await sleep(100);
    await sleep(1000);
    const done = untilLeading(api, count, AFTER, stop.signal);
    await sleep(500);
    const began = performance.now();
    await activators(api, AFTER);
    await done;
    const took = performance.now() - began;
    const turn = await controller.longestTurn();
    await controller.stop();

    const reference = await plainWrites(api, count);
    console.log(`${count} sleeping revisions, ${real ? 'real kube-apiserver' : 'API server in memory'}`);
    print('until all lead to other activators', `${(took / 1000).toFixed(2)} s, ${perSecond(count, took)}`);
    print(
      'reference: the same writes, plainly',
      `${(reference / 1000).toFixed(2)} s, ${perSecond(count, reference)}`,
    );
    print('ratio', `${(took / reference).toFixed(2)}x`);
    print('longest event-loop turn', `${turn.own.toFixed(0)} ms`);
    await api.close();
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

const print = (what: string, figure: string): void => console.log(`  ${what.padEnd(40)} ${figure}`);
const perSecond = (count: number, took: number): string => `${((count / took) * 1000).toFixed(0)} a second`;

async function inMemory(folder: string, signal: AbortSignal): Promise<string> {
  const kubeconfig = join(folder, 'kubeconfig');
  const server = fork('test/bench/api-server.ts', [kubeconfig], {
    signal,
    execArgv: ['--max-old-space-size=8192'],
  });
  server.on('error', () => undefined);
  await once(server, 'message');
  return kubeconfig;
}

const activators = (api: Api, ips: readonly string[]): Promise<KubeObject> =>
  api.send(
    'PATCH',
    '/api/v1/namespaces/knative-serving/endpoints/hpa-bridge-activator',
    { subsets: subsetsOf(ips) },
    'application/merge-patch+json',
  );

const subsetsOf = (ips: readonly string[]) => [
  { addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'http', port: 8012, protocol: 'TCP' }] },
];

/** Revisions without pods, as they are found after a restart, and activators that hold requests for them. */
async function makeSleepers(api: Api, count: number): Promise<void> {
  for (const name of ['knative-serving', NAMESPACE])
    await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
  await api.send('POST', '/api/v1/namespaces/knative-serving/endpoints', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'hpa-bridge-activator' },
    subsets: subsetsOf(BEFORE),
  });
  const all = Array.from({ length: count }, (_, index) => `r${index}-00001`);
  await inParallel(all, 32, (name) => makeSleeper(api, name));
}

async function makeSleeper(api: Api, name: string): Promise<void> {
  const inside = (list: string): string => list.replace(/\/([a-z]+)$/, `/namespaces/${NAMESPACE}/$1`);
  const labels = { 'serving.knative.dev/revision': name };
  const annotations = {
    [`${AUTOSCALING}/class`]: 'hpa.autoscaling.knative.dev',
    [`${AUTOSCALING}/metric`]: 'concurrency',
  };
  const container = { name: 'user-container', image: 'example.com/app:1' };
  const revision = await api.send('POST', inside(LISTS.revisions), {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: { name, annotations, labels },
    spec: { containers: [container] },
  });
  const uid = revision.metadata['uid'] as string;
  const owner = { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name, uid, controller: true };
  await api.send('POST', inside(LISTS.deployments), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${name}-deployment`, labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  await api.send('POST', inside(LISTS.podAutoscalers), {
    apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
    kind: 'PodAutoscaler',
    metadata: { name, annotations, labels, ownerReferences: [owner] },
    spec: {
      protocolType: 'http1',
      reachability: 'Reachable',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
    },
  });
  const conditions = [
    { type: 'Active', status: 'False', reason: 'NoTraffic' },
    { type: 'Ready', status: 'False', reason: 'NoTraffic' },
    { type: 'ScaleTargetInitialized', status: 'True' },
  ].map((condition) => ({ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }));
  await api.send(
    'PATCH',
    `${inside(LISTS.podAutoscalers)}/${name}/status`,
    {
      status: {
        conditions,
        serviceName: name,
        metricsServiceName: `${name}-private`,
        desiredScale: 0,
        actualScale: 0,
      },
    },
    'application/merge-patch+json',
  );
}

const isPublic = ({ metadata }: KubeObject): boolean => metadata.namespace === NAMESPACE;
const leadsTo = (object: KubeObject, ips: readonly string[]): boolean =>
  JSON.stringify(readyAddresses(endpointsView.parse(object)).map(({ ip }) => ip)) === JSON.stringify(ips);

/** Resolves when so many Endpoints of the fleet lead there. */
async function untilLeading(
  api: Api,
  count: number,
  ips: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set<string>();
  const done = Promise.withResolvers<undefined>();
  const stop = new AbortController();
  const watch = api.watch(
    ENDPOINTS,
    (object) => {
      if (isPublic(object) && leadsTo(object, ips)) seen.add(object.metadata.name);
      if (seen.size >= count) done.resolve(undefined);
    },
    AbortSignal.any([signal, stop.signal]),
  );
  await done.promise;
  stop.abort();
  await watch;
}

/** The same writes by a client that only writes, in milliseconds. */
async function plainWrites(api: Api, count: number): Promise<number> {
  const pages = await api.pages(ENDPOINTS);
  const objects = pages
    .flatMap((page) => (JSON.parse(page) as { readonly items: readonly KubeObject[] }).items)
    .filter(isPublic)
    .slice(0, count)
    .map(({ metadata: { name, namespace = '', labels, annotations, ownerReferences } }) => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels, annotations, ownerReferences },
      subsets: subsetsOf(BEFORE),
    }));
  const began = performance.now();
  await inParallel(objects, AT_ONCE, (object) =>
    api.send(
      'PATCH',
      `/api/v1/namespaces/${NAMESPACE}/endpoints/${object.metadata.name}?fieldManager=hpa-bridge&force=true`,
      object,
      'application/apply-patch+yaml',
    ),
  );
  return performance.now() - began;
}
