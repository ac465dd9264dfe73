import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decisionListSchema, revisionDecisionsSchema } from '../../src/domain/record/schema.ts';
import { Exporter, prometheusMajor, RealPrometheus } from '../doubles/prometheus.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

// Only a bound on waiting for a process that hangs.
jest.setTimeout(60_000);

const NAME = 'hello-00001';
const POD = 'hpa-bridge-7d9f-abc';
const SECRET = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0';
const real = prometheusMajor === undefined ? describe.skip : describe;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

// The real program twice, as the controller and as the command, and a real Prometheus. Ours is the API server, and what it proxies to the pod.
real('hpa-bridge explain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-explain-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let exporter: Exporter;
  let prometheus: RealPrometheus;
  let cluster: ClusterInMemory;
  let controller: ChildProcess;
  let url: string;
  const proxied: string[] = [];

  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['src/main.ts', ...args, '--kubeconfig', kubeconfig], {
      env: { PATH: process.env['PATH'], POD_NAME: POD },
    });
  const run = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        ['src/main.ts', 'explain', ...args, '--kubeconfig', kubeconfig],
        { env: { PATH: process.env['PATH'] } },
        (error, out, said) => resolve({ code: error === null ? 0 : Number(error.code), out, said }),
      );
    });
  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${url}${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  const decisions = async (name = NAME) =>
    revisionDecisionsSchema.parse((await get(`/decisions/default/${name}`)).body);
  const newest = async () => (await decisions()).decisions[0];

  beforeAll(async () => {
    exporter = await Exporter.start('load 38\n');
    prometheus = await RealPrometheus.start([exporter.target], ['--query.lookback-delta=1s']);
    cluster = await ClusterInMemory.start({
      intercept: (from, to) => {
        const [, port, path] = /\/pods\/http:[^/]*:(\d+)\/proxy(\/.*)$/.exec(from.url ?? '') ?? [];
        if (port === undefined) return false;
        proxied.push(from.url ?? '');
        const through = request(`http://127.0.0.1:${port}${path ?? ''}`, (answer) => {
          to.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(to);
        });
        through.on('error', () => to.writeHead(503).end('error trying to reach service'));
        through.end();
        return true;
      },
    });
    writeFileSync(kubeconfig, cluster.server.kubeconfig());
    const data = {
      backend: 'hpa',
      'prometheus-servers': `[{"name":"default","address":"${prometheus.url}","timeout":"500ms"}]`,
    };
    await cluster.create('ConfigMap', 'config-hpa-bridge', { data }, 'knative-serving');
    controller = start('controller', '--bind-address', '127.0.0.1', '--http-port', '0');
    const port = await new Promise<number>((resolve) =>
      createInterface({ input: controller.stdout! }).on('line', (line) => {
        const { message, port } = JSON.parse(line) as { message: string; port: number };
        if (message === 'listening') resolve(port);
      }),
    );
    url = `http://127.0.0.1:${port}`;
    await pod(POD, port, 'Running');
    await revision(NAME, `sum(load{password!="${SECRET}"})`);
    await revision('cpu-00001');
    await cluster.until(
      'an answer',
      async () =>
        (await get(`/decisions/default/${NAME}`)).status === 200 && (await newest())?.rung === 'fresh',
    );
  });
  afterAll(async () => {
    const ended = once(controller, 'exit');
    controller.kill('SIGTERM');
    await ended;
    await cluster.stop();
    await prometheus.stop();
    await exporter.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pod = async (name: string, port: number, phase: string): Promise<void> => {
    const labels = { 'app.kubernetes.io/name': 'hpa-bridge', 'app.kubernetes.io/component': 'controller' };
    const ports = [{ name: 'http', containerPort: port }];
    const spec = { containers: [{ name: 'controller', image: 'x', ports }] };
    await cluster.create('Pod', name, { metadata: { labels }, spec }, 'knative-serving');
    await cluster.merge(
      'Pod',
      name,
      { status: { phase } },
      { subresource: '/status', namespace: 'knative-serving' },
    );
  };
  const revision = async (name: string, query?: string): Promise<void> => {
    const asked: Record<string, string> =
      query === undefined
        ? { [`${AUTOSCALING}/metric`]: 'cpu', [`${AUTOSCALING}/target`]: '70' }
        : {
            [`${AUTOSCALING}/query`]: query,
            [`${AUTOSCALING}/target`]: '10',
            'hpa-bridge.dev/polling-interval': '1s',
          };
    await cluster.revision(
      name,
      { ...asked, [`${AUTOSCALING}/window`]: '6s', [`${AUTOSCALING}/max-scale`]: '5' },
      4,
    );
    await cluster.services(name);
  };

  test('the whole story, through the API server', async () => {
    exporter.text = 'load 47.2\n';
    await cluster.until('the move', async () => (await newest())?.pods === 5);
    const hpa = await cluster.until('the HPA', () => cluster.get('HorizontalPodAutoscaler', NAME));
    expect(hpa.spec).toMatchObject({ maxReplicas: 5 });
    const status = {
      currentReplicas: 4,
      desiredReplicas: 5,
      currentMetrics: [
        {
          type: 'External',
          external: { metric: { name: 'hpa-bridge-query' }, current: { averageValue: '11800m' } },
        },
      ],
      conditions: [
        {
          type: 'ScalingActive',
          status: 'True',
          reason: 'ValidMetricFound',
          message: 'the HPA was able to compute',
        },
      ],
    };
    await cluster.merge('HorizontalPodAutoscaler', NAME, { status }, { subresource: '/status' });
    await cluster.until(
      'the HPA to be seen',
      async () => (await decisions()).autoscaler?.desiredReplicas === 5,
    );
    const { code, out, said } = await run(`default/${NAME}`);
    console.log(out);
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});
