import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { simulate } from '../../src/playground/simulate.ts';
import { Cluster } from '../../src/playground/simulate/cluster.ts';
import { R } from '../../src/playground/simulate/kinds.ts';
import { DASHBOARDS } from '../../tools/dashboards/all.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { portIn, startProcess } from '../doubles/started-process.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const SYSTEM = 'knative-serving';
const KNATIVE = 'autoscaling.knative.dev';
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
    writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
    const started = startProcess(running, [
      'controller',
      ...['--kubeconfig', join(folder, 'kubeconfig'), '--bind-address', '127.0.0.1'],
      ...['--http-port', '0', '--external-metrics-port', '0', '--keda-scaler-port', '0'],
      ...['--webhook-port', '0'],
    ]);
    const port = portIn(await started.line((text) => text.includes('"listening"')));
    application = await Exporter.start('queue_length 100\n');
    prometheus = await RealPrometheus.start([`127.0.0.1:${port}`, application.target], [], '500ms', [
      resolve('dashboards/rules/hpa-bridge.yaml'),
    ]);
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
    const external = await started.line((text) => text.includes('"listening for external metrics"'));
    await started.line((text) => text.includes('It is for external metrics.'));
    await askAsNobody(portIn(external));
  });

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
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
