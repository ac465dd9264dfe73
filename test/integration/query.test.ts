import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { parseBoot } from '../../src/domain/config/boot-reading.ts';
import { FaultError } from '../../src/domain/fault.ts';
import { RESOURCES, type Resource } from '../../src/domain/k8s/resources.ts';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { Cluster } from '../../src/playground/simulate/cluster.ts';
import { runQuery } from '../../src/processes/query/wire.ts';
import { answer, ScriptedApi, type Seen } from '../doubles/scripted-api.ts';
import { runToEnd, type Ran } from '../doubles/started-process.ts';
import { annotationsOf } from '../builders/world.ts';

const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };
const TOKEN = 'token-nobody-may-see';
const success = (resultType: string, result: unknown): JsonObject =>
  ({ status: 'success', data: { resultType, result } }) as JsonObject;
const one = (value: string): JsonObject =>
  success('vector', [{ metric: {}, value: [1_767_225_600.5, value] }]);

describe('hpa-bridge query', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-query-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let api: ApiServer;
  let prometheus: ScriptedApi;
  let elsewhere: ScriptedApi;
  let cluster: Cluster;
  let says: JsonObject = {};

  const questions = (): readonly Seen[] => prometheus.requests;
  const run = async (...given: string[]): Promise<Ran> => {
    const boot = parseBoot({
      env: {},
      flags: { kubeconfig, logLevel: 'off' },
      hostname: 'test',
      unique: '1',
    });
    if (!boot.ok) throw new Error(boot.error.join(' '));
    const [name = '', flag = '', value] = given;
    const options = { [flag.replace('--', '')]: value };
    const said = { out: '', problem: '' };
    const code = await runQuery(
      boot.value,
      new AbortController().signal,
      { arguments: [name], options },
      {
        out: (text) => (said.out += text),
        problem: (text) => (said.problem += text),
      },
    ).catch((thrown: unknown) => {
      // As main.ts does with an expected failure.
      if (!(thrown instanceof FaultError)) throw thrown;
      said.problem += `hpa-bridge: ${thrown.message}\n`;
      return 1;
    });
    return { code, out: said.out, said: said.problem };
  };
  const spawned = (...args: string[]): Promise<Ran> =>
    runToEnd(['query', ...args, '--kubeconfig', kubeconfig]);
  const configure = (name: string, data: Record<string, string>): unknown =>
    cluster.apply(RESOURCES.ConfigMap, { metadata: { namespace: 'knative-serving', name }, data });
  const revision = (name: string, short: Record<string, string>): unknown =>
    cluster.apply(RESOURCES.PodAutoscaler, {
      metadata: { namespace: 'team', name, annotations: annotationsOf(short) },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
        protocolType: 'http1',
        reachability: 'Reachable',
      },
    });

  beforeAll(async () => {
    api = await startApiServer();
    writeFileSync(kubeconfig, api.kubeconfig());
    prometheus = await ScriptedApi.start();
    prometheus.on('/api/v1/query', (seen, response) => answer(200, says)(seen, response));
    elsewhere = await ScriptedApi.start();
    elsewhere.on('/api/v1/query', answer(200, one('8')));
    cluster = new Cluster(api, 'test', Date.now);
    for (const name of ['knative-serving', 'team']) cluster.apply(NAMESPACES, { metadata: { name } });
    configure('config-autoscaler-keda', { 'autoscaler.keda.prometheus-address': prometheus.url });
    cluster.apply(RESOURCES.Secret, {
      metadata: { namespace: 'knative-serving', name: 'prom' },
      data: { token: Buffer.from(`${TOKEN}\n`).toString('base64') },
    });
    revision('shop-00001', {
      query: 'sum(rate(requests{rev="{{ .revisionName }}",namespace="{{ .namespace }}"}[1m]))',
      target: '10',
      'max-scale': '8',
    });
    revision('whole-00001', { query: 'sum(queue{namespace="team"})', target: '10', 'metric-type': 'Value' });
    revision('cpu-00001', { metric: 'cpu', target: '70' });
    revision('wrong-00001', { query: 'sum(up)' });
    revision('named-00001', { metric: 'requests', target: '4', 'hpa-bridge.dev/prometheus': 'secured' });
  });
  afterAll(async () => {
    await prometheus.close();
    await elsewhere.close();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    says = one('47.2');
    configure('config-hpa-bridge', {});
  });

  test('prints the query, the answer and what it means', async () => {
    const { code, out, said } = await run('team/shop-00001');
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toMatch(/^revision {2}team\/shop-00001$/m);
    const query = 'sum(rate(requests{rev="shop-00001",namespace="team"}[1m]))';
    expect(out).toContain(`query     ${query}\n`);
    expect(out).toContain(`${prometheus.url}\n`);
    expect(out).toContain('vector: exactly one series');
    expect(out).toContain('value 47.2 / target 10 per pod -> 5 pods (at least 1, at most 8)');
    expect(new URLSearchParams(questions().at(-1)?.body).get('query')).toBe(query);
  });

  test.each([
    ['79.9', 8],
    ['100', 8],
    ['-3', 1],
    ['0', 1],
    ['10', 1],
    ['10.001', 2],
  ])('%s means %i pods', async (value, pods) => {
    says = one(value);
    const { out } = await run('team/shop-00001', '--output', 'json');
    expect(JSON.parse(out)).toMatchObject({
      value: Number(value),
      target: 10,
      desiredPods: pods,
      problem: null,
    });
  });

  test('a target for all pods together is told as such', async () => {
    expect((await run('team/whole-00001')).out).toContain(
      'value 47.2 / target 10 in all, with 1 pod now -> 5 pods (at least 1, no maximum)',
    );
  });

  test('what is no number is told with code 1, and what came of it is printed', async () => {
    says = success('vector', []);
    const { code, out, said } = await run('team/shop-00001');
    expect(code).toBe(1);
    expect(out).toMatch(/^class {5}empty$/m);
    expect(out).toMatch(/^value {5}none$/m);
    expect(said).toMatch(/^hpa-bridge: The query gives no series: [^\n]*\.\n$/);
  });

  test('empty is zero only where the server is told so', async () => {
    says = success('vector', []);
    const server = { name: 'default', address: prometheus.url, ignoreNullValues: true };
    configure('config-hpa-bridge', { 'prometheus-servers': JSON.stringify([server]) });
    const { code, out } = await run('team/shop-00001');
    expect(code).toBe(0);
    expect(out).toContain('value 0 / target 10 per pod -> 1 pod (');
  });

  test('a named server is asked with its token, headers and parameters, and none of the secrets is shown', async () => {
    const server = {
      name: 'secured',
      address: prometheus.url,
      headers: { 'X-Scope-OrgID': 'tenant-seven' },
      parameters: { dedup: 'true' },
      auth: { bearer: { secret: 'prom' } },
    };
    configure('config-hpa-bridge', { 'prometheus-servers': JSON.stringify([server]) });
    const { code, out, said } = await run('team/named-00001');
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toContain('derived from the name of the metric');
    expect(out).toContain('server    secured, ');
    expect(out).not.toContain(TOKEN);
    const seen = questions().at(-1);
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'x-scope-orgid': 'tenant-seven',
    });
    expect(seen?.query.get('dedup')).toBe('true');
  });

  test('another Prometheus can be asked, and is sent none of the credentials', async () => {
    const server = { name: 'secured', address: prometheus.url, auth: { bearer: { secret: 'prom' } } };
    configure('config-hpa-bridge', { 'prometheus-servers': JSON.stringify([server]) });
    const { code, out } = await run('team/named-00001', '--url', elsewhere.url);
    expect({ code, two: out.includes('value 8 / target 4 per pod -> 2 pods') }).toEqual({
      code: 0,
      two: true,
    });
    expect(elsewhere.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  test.each([
    ['team/cpu-00001', 'scales by cpu or memory and not by a query'],
    ['team/wrong-00001', 'autoscaling.knative.dev/target is missing'],
    ['team/named-00001', 'hpa-bridge.dev/prometheus is "secured": expected a server'],
    ['team/nobody', 'There is no revision team/nobody with a PodAutoscaler: there is cpu-00001, named-00001'],
    ['default/nobody', 'There is no revision default/nobody with a PodAutoscaler: that namespace has none.'],
  ])('%s: %s', async (name, sentence) => {
    const { code, out, said } = await run(name);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toContain(sentence);
    expect(said.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a Secret that is missing is named', async () => {
    const server = { name: 'default', address: prometheus.url, auth: { bearer: { secret: 'nothing' } } };
    configure('config-hpa-bridge', { 'prometheus-servers': JSON.stringify([server]) });
    const { code, said } = await run('team/shop-00001');
    expect(code).toBe(1);
    expect(said).toContain('The Secret knative-serving/nothing cannot be read');
  });

  test('a ConfigMap that is refused is told', async () => {
    configure('config-hpa-bridge', { 'prometheus-servers': '{}' });
    const { code, said } = await run('team/shop-00001');
    expect(code).toBe(1);
    expect(said).toContain(
      'The ConfigMap knative-serving/config-hpa-bridge is refused: prometheus-servers is wrong',
    );
  });

  test('is a command', async () => {
    const { code, out, said } = await spawned('team/shop-00001', '-o', 'json');
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(JSON.parse(out)).toMatchObject({ class: 'vector', value: 47.2, desiredPods: 5 });
    says = success('vector', []);
    expect(await spawned('team/shop-00001')).toMatchObject({
      code: 1,
      said: expect.stringContaining('no series'),
    });
    expect(await spawned()).toMatchObject({
      code: 2,
      said: expect.stringContaining('expected NAMESPACE/REVISION'),
    });
  });

  test('a URL with a password is refused without it', async () => {
    const { code, said } = await run('team/shop-00001', '--url', 'http://me:hunter2@prom:9090');
    expect(code).toBe(1);
    expect(said).toContain('--url is');
    expect(said).not.toContain('hunter2');
  });
});
