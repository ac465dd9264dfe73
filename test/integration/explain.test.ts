import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decisionListSchema, revisionDecisionsSchema } from '../../src/domain/record/schema.ts';
import { Exporter, RealPrometheus } from '../doubles/prometheus.ts';
import { runToEnd, type Ran } from '../doubles/started-process.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

const NAME = 'hello-00001';
const LEASE = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';
const POD = 'hpa-bridge-7d9f-abc';
const SECRET = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0';

// The real program twice, as the controller and as the command, and a real Prometheus. Ours is the API server, and what it proxies to the pod.
withPrometheus('hpa-bridge explain', () => {
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
  const run = (...args: string[]): Promise<Ran> => ran('explain', ...args);
  const ran = (...args: string[]): Promise<Ran> => runToEnd([...args, '--kubeconfig', kubeconfig]);
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
    // KEDA is installed there, so that we would wait for it to take external metrics: another replica has them for us.
    await cluster.send('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.external.metrics.k8s.io' },
      spec: {
        group: 'external.metrics.k8s.io',
        version: 'v1beta1',
        service: { namespace: 'knative-serving', name: 'hpa-bridge-external-metrics', port: 443 },
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    });
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
    await cluster.until('the HPA', () => cluster.get('HorizontalPodAutoscaler', NAME));
    const metric = { metric: { name: 'hpa-bridge-query' }, current: { averageValue: '11800m' } };
    const status = {
      currentReplicas: 4,
      desiredReplicas: 5,
      currentMetrics: [{ type: 'External', external: metric }],
      conditions: [
        { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message: 'it could' },
      ],
    };
    await cluster.merge('HorizontalPodAutoscaler', NAME, { status }, { subresource: '/status' });
    await cluster.until(
      'the HPA to be seen',
      async () => (await decisions()).autoscaler?.desiredReplicas === 5,
    );

    const { code, out, said } = await run(`default/${NAME}`);
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(proxied.at(-1)).toMatch(
      new RegExp(
        `^/api/v1/namespaces/knative-serving/pods/http:${POD}:\\d+/proxy/decisions/default/${NAME}$`,
      ),
    );
    expect(out).toMatch(/^decision {2}4 -> 5: 47\.2 \/ target 10 per pod, fresh$/m);
    expect(out).toMatch(/^answer {4}vector 47\.2, /m);
    expect(out).toMatch(/^ {10}47\.2 \/ target 10 per pod +4\.72$/m);
    expect(out).toMatch(/^hpa {7}hello-00001: has 4, wants 5 \(at least 1, at most 5\); hpa-bridge-query$/m);
    expect(out).toContain('ScalingActive=True, ValidMetricFound: it could');
    expect(out).toMatch(new RegExp(`^told by {3}${POD}_\\S+, which leads$`, 'm'));
    expect(out.split('\n').every((line) => Array.from(line).length <= 80)).toBe(true);
  });

  test('as JSON, without what looks like a secret', async () => {
    const { code, out, said } = await run(`default/${NAME}`, '-o', 'json');
    const { revision: name, decisions: all } = revisionDecisionsSchema.parse(JSON.parse(out));
    expect({ code, said, name }).toEqual({ code: 0, said: '', name: `default/${NAME}` });
    expect(all[0]?.asked?.query).toBe('sum(load{password!="…"})');
    expect(out).not.toContain(SECRET);
  });

  describe('hpa-bridge top', () => {
    test('lists revisions, through the API server', async () => {
      const { code, out, said } = await ran('top');
      expect({ code, said }).toEqual({ code: 0, said: '' });
      const [head, ...rows] = out.trimEnd().split('\n');
      expect(head?.split(/ {3,}/)).toEqual([
        ...['NAMESPACE', 'REVISION', 'SIGNAL', 'VALUE/TARGET', 'DESIRED/READY', 'RUNG', 'AGE'],
      ]);
      expect(rows.map((row) => row.split(/ {3,}/))).toEqual([
        ['default', NAME, 'query', '47.2/10', '5/4', 'fresh', expect.stringMatching(/^[\d.]+ s$/)],
      ]);
    });
    test('of one namespace, wide, or as JSON', async () => {
      expect((await ran('top', '-n', 'other', '--url', url)).out).toBe(
        'hpa-bridge decides about no revision there.\n',
      );
      expect((await ran('top', '-o', 'wide', '--url', url)).out).toMatch(
        /   4 {10}- {7}4 -> 5: 47\.2 \/ target 10 per pod, fresh\n$/,
      );
      const { out } = await ran('top', '-o', 'json', '-n', 'default', '--url', url);
      expect(JSON.parse(out)).toMatchObject({
        items: [{ revision: `default/${NAME}`, leads: true, measured: { value: 47.2, target: 10 } }],
      });
    });
    test('--watch goes on, a document a line', async () => {
      const watching = start('top', '--watch', '-o', 'json', '--url', url);
      const lines: string[] = [];
      createInterface({ input: watching.stdout! }).on('line', (line) => lines.push(line));
      await cluster.until('a second look', () => lines.length > 1);
      const ended = once(watching, 'exit');
      watching.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(lines.map((line) => (JSON.parse(line) as { items: unknown[] }).items.length)).toContain(1);
    });
  });

  test('the list, and what is refused', async () => {
    const { items } = decisionListSchema.parse((await get('/decisions?namespace=default&limit=1')).body);
    expect(items).toMatchObject([{ revision: `default/${NAME}`, rung: 'fresh' }]);
    expect(decisionListSchema.parse((await get('/decisions?namespace=other')).body).items).toEqual([]);
    expect(await get('/decisions?limit=many')).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    expect(await get('/decisions/default/gone-00001')).toMatchObject({
      status: 404,
      body: { reason: 'NotFound' },
    });
  });

  test('the move is an event; that it stays is none', async () => {
    const event = await cluster.until('the event', async () =>
      (await events()).find(({ reason }) => reason === 'PodsAskedFor'),
    );
    expect(event).toMatchObject({ type: 'Normal', message: '4 -> 5: 47.2 / target 10 per pod, fresh.' });
    expect((await events()).filter(({ reason }) => reason === 'PodsAskedFor')).toHaveLength(1);
  });
  const events = async (): Promise<readonly { readonly reason: string; readonly message: string }[]> => {
    const { items } = await cluster.send('GET', '/api/v1/namespaces/default/events');
    return items as unknown[] as readonly { reason: string; message: string }[];
  };

  test.each([
    [['nonsense'], /^hpa-bridge: expected NAMESPACE\/REVISION, .* and not "nonsense"\n$/],
    [['default/gone-00001'], /^hpa-bridge: There is no PodAutoscaler default\/gone-00001 of a class .*\.\n$/],
    [['default/x', '-o', 'yaml'], /^hpa-bridge: --output "yaml": must be text or json\n$/],
    [['default/x', '--url', 'nowhere'], /^hpa-bridge: --url is "nowhere": expected an http or https URL/],
    [
      ['default/x', '--url', 'http://127.0.0.1:1'],
      /There is no answer, 127\.0\.0\.1:1 refused the connection: nothing listens there\.\n$/,
    ],
    [
      ['default/x', '--system-namespace', 'other'],
      /^hpa-bridge: No pod of hpa-bridge runs in the namespace other \(labels /,
    ],
  ])('%j is told in one sentence', async (args, sentence) => {
    const { code, out, said } = await run(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toMatch(sentence);
    expect(said.trimEnd()).not.toContain('\n');
  });

  test('a revision that nobody asks a query for', async () => {
    const { code, out } = await run('default/cpu-00001', '--url', url);
    expect(code).toBe(0);
    expect(out).toMatch(/^revision {2}default\/cpu-00001, by cpu, through hpa$/m);
    expect(out).toMatch(/^but {7}Its HPA measures cpu or memory itself/m);
  });

  test('a pod that is gone, and one that has not started, are no obstacle', async () => {
    await pod('hpa-bridge-0-dead', 1, 'Running');
    await pod('hpa-bridge-1-new', 1, 'Pending');
    // Nobody knows the leader: the first one is asked first.
    await cluster.send('DELETE', `/apis/coordination.k8s.io/v1/namespaces/knative-serving/leases/${LEASE}`);
    const { code, out, said } = await run(`default/${NAME}`);
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toContain(`told by   ${POD}_`);
  });

  test('--watch tells what is new, until it is stopped', async () => {
    const watching = start('explain', `default/${NAME}`, '--watch', '--url', url);
    const lines: string[] = [];
    createInterface({ input: watching.stdout! }).on('line', (line) => lines.push(line));
    await cluster.until('the picture', () => lines.some((line) => line.startsWith('told by')));
    await cluster.until('a full window', async () => (await newest())?.told?.mayLower);
    exporter.text = 'load 12\n';
    await cluster.until('the line', () =>
      lines.some((line) => / 4 -> 2: 12 \/ target 10 per pod, fresh$/.test(line)),
    );
    const ended = once(watching, 'exit');
    watching.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  test('a Prometheus that is away is a decision, too', async () => {
    await prometheus.stop();
    await cluster.until('the fallback', async () => (await newest())?.rung === 'last-good');
    const { out } = await run(`default/${NAME}`, '--url', url);
    expect(out).toContain('the last good number');
    expect(out).toContain('told      40, to be compared with 10 per pod; it may not ask for fewer pods');
  });
});
