import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { simulate } from '../../src/playground/simulate.ts';
import { Cluster } from '../../src/playground/simulate/cluster.ts';
import { R } from '../../src/playground/simulate/kinds.ts';
import { DASHBOARDS } from '../../tools/dashboards/all.ts';
import { selfSigned } from '../doubles/certificate.ts';
import { PodServer } from '../doubles/pod-servers.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { portIn, startProcess } from '../doubles/started-process.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const SYSTEM = 'knative-serving';
const KNATIVE = 'autoscaling.knative.dev';
/** Of a revision that the activator alone scales, from zero. */
const STARTED_CLASS = 'started.example.com';
/** A query that wants more than it may have, one that finds nothing, and one with a mistake. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shop: { query: 'sum(queue_length)', target: '10', 'max-scale': '3' },
  empty: { query: 'sum(nothing_of_that_name)', target: '10', 'max-scale': '3' },
  mistake: { query: 'sum(', target: '10' },
};
/** What Grafana puts in the place of what is chosen above the panels. */
const CHOSEN: Readonly<Record<string, string>> = {
  cluster: '.*',
  namespace: '.*',
  service: '.*',
  revision: '.*',
  __rate_interval: '4s',
};

withPrometheus('against a Prometheus that scrapes a running controller', () => {
  const running: ChildProcess[] = [];
  let folder: string;
  let server: ApiServer;
  let endSimulation = (): void => undefined;
  let pod: PodServer;
  let held: ClientRequest;
  let application: Exporter;
  let prometheus: RealPrometheus;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-dashboards-'));
    server = await startApiServer();
    endSimulation = simulate(server);
    const user = new Cluster(server, 'kubectl', Date.now);
    // A KEDA that is there would be waited for.
    await fetch(
      `${server.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh`,
      {
        method: 'DELETE',
      },
    );
    for (const name of ['hpa-bridge-external-metrics', 'hpa-bridge-webhook'])
      user.apply(R.Secret, { metadata: { name, namespace: SYSTEM } });
    // An activator that is ready, so that revisions may sleep.
    user.apply(R.Endpoints, {
      metadata: { name: 'hpa-bridge-activator', namespace: SYSTEM },
      subsets: [{ addresses: [{ ip: '10.99.0.1' }], ports: [{ name: 'http1', port: 8012 }] }],
    });
    writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
    const { cert, key } = selfSigned('keda');
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    const started = startProcess(running, [
      'controller',
      ...['--kubeconfig', join(folder, 'kubeconfig'), '--bind-address', '127.0.0.1'],
      ...['--http-port', '0', '--external-metrics-port', '0', '--keda-scaler-port', '0'],
      ...['--keda-scaler-tls-cert-file', join(folder, 'tls.crt')],
      ...['--keda-scaler-tls-private-key-file', join(folder, 'tls.key')],
      ...['--webhook-port', '0', '--stat-port', '0'],
    ]);
    const port = portIn(await started.line((text) => text.includes('"listening"')));
    application = await Exporter.start('queue_length 100\n');
    const activator = startProcess(running, [
      'activator',
      ...['--kubeconfig', join(folder, 'kubeconfig'), '--bind-address', '127.0.0.1', '--http-port', '0'],
      ...['--proxy-http-port', '0', '--proxy-h2c-port', '0', '--proxy-tls-port', '0'],
      ...['--classes', STARTED_CLASS],
    ]);
    const activatorPort = portIn(await activator.line((text) => text.includes('"listening"')));
    prometheus = await RealPrometheus.start(
      [port, activatorPort].map((each) => `127.0.0.1:${each}`).concat(application.target),
      [],
      '500ms',
      [resolve('dashboards/rules/hpa-bridge.yaml')],
    );
    const servers = JSON.stringify([{ name: 'default', address: prometheus.url }]);
    user.apply(R.ConfigMap, {
      metadata: { name: 'config-hpa-bridge', namespace: SYSTEM },
      data: { 'prometheus-servers': servers, 'polling-interval': '1s' },
    });
    for (const [name, annotations] of Object.entries(SERVICES)) {
      const all: Record<string, string> = { [`${KNATIVE}/class`]: 'hpa.autoscaling.knative.dev' };
      for (const [key, value] of Object.entries(annotations)) all[`${KNATIVE}/${key}`] = value;
      user.apply(R.KnativeService, {
        metadata: { name, namespace: 'default' },
        spec: {
          template: { metadata: { annotations: all }, spec: { containers: [{ image: 'example.com/a' }] } },
        },
      });
    }
    const requests = portIn(await activator.line((text) => text.includes('"listening for requests"')));
    pod = await PodServer.start();
    pod.hold = new Promise(() => undefined);
    held = await startFromZero(user, requests, pod.address);
    const external = await started.line((text) => text.includes('"listening for external metrics"'));
    await started.line((text) => text.includes('It is for external metrics.'));
    await askAsNobody(portIn(external));
  });

  afterAll(async () => {
    held.destroy();
    for (const child of running) child.kill('SIGKILL');
    await pod[Symbol.asyncDispose]();
    endSimulation();
    await prometheus.stop();
    await application.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(
      `${prometheus.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`,
    );
    const { status, data, error } = (await answer.json()) as Record<string, unknown>;
    if (status !== 'success') throw new Error(`${JSON.stringify(parameters)}: ${String(error)}`);
    return data;
  };
  const seriesOf = async (query: string): Promise<number> =>
    ((await get('query', { query })) as { result: unknown[] }).result.length;

  describe.each(Object.values(DASHBOARDS))('$title', ({ rows, variables }) => {
    const queries = rows
      .flatMap(({ panels }) => panels)
      .flatMap(({ title, queries: all }) => all.map(({ expr, legend }) => ({ title, legend, expr })));

    test.each(queries)('$title: $legend', async ({ expr }) => {
      const asked = filled(expr);
      await until(async () => (await seriesOf(asked)) > 0).catch(() =>
        expect(asked).toBe('a query that gives series'),
      );
    });

    for (const { name, values } of variables)
      test(`the choice of a ${name}`, async () => {
        const [, match = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(values) ?? [];
        expect(label).toBe(name);
        const asked = { 'match[]': filled(match) };
        await until(async () => ((await get(`label/${label}/values`, asked)) as unknown[]).length > 0);
      });
  });
});

/** Makes a revision without pods, sends a request for it that is held, and gives the pod that it gets this address. */
async function startFromZero(user: Cluster, port: number, address: string): Promise<ClientRequest> {
  const name = 'sleepy-00001';
  user.apply(R.Revision, {
    metadata: {
      name,
      namespace: 'default',
      annotations: { [`${KNATIVE}/class`]: STARTED_CLASS },
      labels: { 'serving.knative.dev/revision': name },
    },
    spec: { containers: [{ image: 'example.com/a' }] },
  });
  const deployment = `${name}-deployment`;
  await until(() => Promise.resolve(user.find(R.Deployment, 'default', deployment) !== undefined));
  const made = user.find(R.Deployment, 'default', deployment)!;
  user.merge(R.Deployment, made, { spec: { replicas: 0 } });
  const pods = (): readonly KubeObject[] =>
    user.labelled(R.Pod, 'default', 'serving.knative.dev/revision', name);
  await until(() => Promise.resolve(pods().length === 0));
  const held = httpRequest({
    ...{ host: '127.0.0.1', port, agent: false },
    headers: { 'knative-serving-namespace': 'default', 'knative-serving-revision': name },
  });
  held.on('error', () => undefined).end();
  await until(() => Promise.resolve(pods().length === 1));
  user.merge(R.Pod, pods()[0]!, { status: { podIP: address } }, 'status');
  return held;
}

function filled(expr: string): string {
  const asked = expr.replaceAll(/\$(\w+)/g, (_, name: string) => CHOSEN[name] ?? `$${name}`);
  expect(asked).not.toContain('$');
  return asked;
}

/** A request for external metrics: it is refused, and counted. */
function askAsNobody(port: number): Promise<undefined> {
  const { promise, resolve: done, reject } = Promise.withResolvers<undefined>();
  const options = { host: '127.0.0.1', port, path: '/apis/external.metrics.k8s.io/v1beta1' };
  request({ ...options, agent: false, rejectUnauthorized: false }, (answer) => {
    answer.resume();
    done(undefined);
  })
    .once('error', reject)
    .end();
  return promise;
}
