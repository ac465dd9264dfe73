import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../src/adapters/kube/connection.ts';
import { PrometheusSources } from '../../src/adapters/prometheus/sources.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { certificates } from '../../src/adapters/tls/certificates.ts';
import { startTlsServer } from '../../src/adapters/tls/server.ts';
import type { Cluster } from '../../src/domain/admission/judge.ts';
import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { ms } from '../../src/domain/time.ts';
import { ALWAYS_OPEN } from '../../src/engine/controller.ts';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import type { TlsServer } from '../../src/ports/tls-server.ts';
import { buildAdmission } from '../../src/processes/controller/admission/admission.ts';
import { patched } from '../builders/json-patch.ts';
import { annotationsOf, configOf } from '../builders/world.ts';
import { freePort, RealPrometheus } from '../doubles/prometheus.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const SECRETS = '/api/v1/namespaces/knative-serving/secrets';
const NAME = 'hpa-bridge-webhook.knative-serving.svc';
/** Room for the objects of these cases; what is longer comes in one piece with its head, and is read to its end. */
const MOST_BYTES = 4096;
const RULES = [
  { apiGroups: ['serving.knative.dev'], apiVersions: ['v1'], operations: ['*'], resources: ['*'] },
];

let folder: string;
let apiServer: ApiServer;
let api: KubeApi;
let server: TlsServer;
let running: Promise<void>;
let end: AbortController;
let cluster: Cluster | undefined;
let telemetry: TallyingTelemetry;
let log: SilentLog;
let sources: PrometheusSources;

/** The webhook over TLS beside an API server in memory, with what `config` installs for it. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-test-'));
  apiServer = await startApiServer();
  writeFileSync(join(folder, 'kubeconfig'), apiServer.kubeconfig());
  [telemetry, log, end] = [new TallyingTelemetry(), new SilentLog(), new AbortController()];
  cluster = {
    classes: new Set(['hpa.autoscaling.knative.dev']),
    // What is tried at Prometheus has cases of its own.
    config: configOf({ bridge: { queryDryRun: 'off' } }),
    kedaServed: true,
  };
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'knative-serving' } });
  await send('POST', SECRETS, { metadata: { name: 'hpa-bridge-webhook' }, type: 'Opaque' });
  const service = { namespace: 'knative-serving', name: 'hpa-bridge-webhook' };
  for (const [path, webhookPath] of [
    [CONFIGURATIONS, '/validate'],
    [MUTATING, '/mutate'],
  ] as const) {
    const clientConfig = { service: { ...service, path: webhookPath } };
    await send('POST', path, {
      metadata: { name: 'hpa-bridge' },
      webhooks: [{ name: 'one.hpa-bridge.dev', clientConfig, rules: RULES, failurePolicy: 'Ignore' }],
    });
  }
  api = await connect({
    source: { path: join(folder, 'kubeconfig'), env: {} },
    clock: systemClock,
    log,
    telemetry,
    version: 'test',
  });
  const read = (): Promise<string> => Promise.reject(new Error('nothing is to be read'));
  sources = new PrometheusSources({ read, clock: systemClock, telemetry, version: 'test' });
  const admission = buildAdmission({
    boot: {
      systemNamespace: 'knative-serving',
      webhookService: 'hpa-bridge-webhook',
      webhookSecret: 'hpa-bridge-webhook',
    },
    reader: api.reader,
    writer: api.writer({ mayWrite: () => true }),
    certificates,
    recorder: { publish: () => undefined },
    gate: ALWAYS_OPEN,
    cluster: () => cluster,
    sourceOf: sources.of,
    clock: systemClock,
    random: Math.random,
    telemetry,
    log,
    timing: { backoff: { base: ms(20), max: ms(200) } },
  });
  server = await startTlsServer({
    address: '127.0.0.1',
    port: 0,
    answer: admission.answer,
    mostBytes: MOST_BYTES,
  });
  running = admission.run(server, end.signal);
});
afterEach(async () => {
  end.abort(new Error('test ends'));
  await running;
  await server.close();
  await sources.close();
  await api.close();
  await apiServer.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
  const answer = await fetch(`${apiServer.url}${path}`, {
    method,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as JsonObject;
}

interface Webhook extends JsonObject {
  readonly clientConfig: JsonObject & { readonly caBundle?: string };
}
const webhook = async (path = CONFIGURATIONS): Promise<Webhook> => {
  const { webhooks } = await send('GET', `${path}/hpa-bridge`);
  return (webhooks as unknown as readonly Webhook[])[0]!;
};
const trusted = async (path = CONFIGURATIONS): Promise<string> =>
  atob((await webhook(path)).clientConfig.caBundle ?? '');

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await systemClock.sleep(ms(10));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The bundle in the configuration, once it is another than this one. */
const trustOtherThan = (before: string): Promise<string> =>
  until('the bundle', async () => {
    const now = await trusted();
    return now === before ? undefined : now;
  });

interface Reply {
  readonly code: number;
  readonly body: string;
}

/** One request, made as the API server makes it: by the name of the Service, trusting the bundle alone. */
function post(ca: string, body: string, path = '/validate?timeout=3s', method = 'POST'): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const options = { host: '127.0.0.1', port: server.port, servername: NAME, agent: false } as const;
  const headers = { 'content-type': 'application/json' };
  const outgoing = request({ ...options, ca, path, method, headers }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body: text }));
  });
  outgoing.once('error', reject);
  outgoing.end(body);
  return promise;
}

const asking = (short: Readonly<Record<string, string>>, spec: JsonObject = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'the-question',
      operation: 'CREATE',
      object: {
        apiVersion: 'serving.knative.dev/v1',
        kind: 'Service',
        metadata: { name: 'shop', namespace: 'team' },
        spec: { template: { metadata: { annotations: annotationsOf(short) }, spec } },
      },
    },
  });

const GOOD = { query: 'sum(rate(requests{namespace="{{ .namespace }}"}[1m]))', target: '5' };

describe('over TLS, by the bundle that the configuration was given', () => {
  test('objects are allowed, warned of and refused', async () => {
    const ca = await trustOtherThan('');
    const responseTo = async (short: Readonly<Record<string, string>>): Promise<Json | undefined> => {
      const { code, body } = await post(ca, asking(short));
      expect(code).toBe(200);
      return (JSON.parse(body) as JsonObject)['response'];
    };
    expect(await responseTo(GOOD)).toEqual({ uid: 'the-question', allowed: true });
    expect(await responseTo({ ...GOOD, 'max-scael': '5' })).toEqual({
      uid: 'the-question',
      allowed: true,
      warnings: [expect.stringContaining('did you mean autoscaling.knative.dev/max-scale?')],
    });
    expect(await responseTo({ ...GOOD, query: 'sum(' })).toMatchObject({
      allowed: false,
      status: { code: 400, message: expect.stringMatching(/^autoscaling\.knative\.dev\/query ends /) },
    });
    for (const outcome of ['allowed', 'warned', 'refused'])
      expect(telemetry.valueOf('hpa_bridge_admission_review_seconds', { outcome })).toBe(1);
  });

  test('nothing but the bundle is written into the configuration', async () => {
    const { clientConfig: before, ...rest } = await webhook();
    await trustOtherThan('');
    const { clientConfig, ...after } = await webhook();
    expect([after, clientConfig]).toEqual([rest, { ...before, caBundle: expect.any(String) }]);
  });

  test('a certificate of the owner takes over: the bundle comes first, and no request fails on the way', async () => {
    const ca = await trustOtherThan('');
    const now = systemClock.now();
    const theirs = await certificates.make([NAME], { from: now, until: now });
    const made = {
      ...theirs,
      ...(await certificates.make([NAME], { from: now, until: (now + 3_600_000) as typeof now })),
    };
    const data = { 'ca.crt': made.ca, 'tls.crt': made.cert, 'tls.key': made.key };
    const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)]));
    await send('PATCH', `${SECRETS}/hpa-bridge-webhook`, { data: encoded });
    const both = await trustOtherThan(ca);
    expect([both.includes(ca.trim()), both.includes(made.ca.trim())]).toEqual([true, true]);
    await until('the other certificate', async () => {
      expect((await post(both, asking(GOOD))).code).toBe(200);
      return post(made.ca, asking(GOOD)).catch(() => undefined);
    });
  });
});

test('both configurations are told whom to trust, and a model is put in by the path of the second', async () => {
  const ca = await trustOtherThan('');
  await until('the same bundle', async () => ((await trusted(MUTATING)) === ca ? true : undefined));
  const config = configOf({ bridge: { allowedModelImages: ['loader:1'] } });
  const features = { initContainers: true, emptyDirs: true };
  cluster = { classes: new Set(), config: { ...config, features }, kedaServed: true };
  const model = {
    'hpa-bridge.dev/inject-model-init-container': 'true',
    'hpa-bridge.dev/model-bucket': 'b',
    'hpa-bridge.dev/model-path': 'p',
  };
  const podSpec = { containers: [{ image: 'app' }] };
  const { code, body } = await post(ca, asking(model, podSpec), '/mutate?timeout=3s');
  expect(code).toBe(200);
  const answered = JSON.parse(body) as {
    readonly response: { readonly allowed: boolean; readonly patchType: string; readonly patch: string };
  };
  const { allowed, patchType, patch } = answered.response;
  expect([allowed, patchType]).toEqual([true, 'JSONPatch']);
  const operations = JSON.parse(atob(patch)) as Parameters<typeof patched>[1];
  expect(patched({ spec: { template: { spec: podSpec } } }, operations)).toMatchObject({
    spec: {
      template: { spec: { initContainers: [{ image: 'loader:1', args: ['b', 'p', '/mnt/models'] }] } },
    },
  });
  expect(telemetry.valueOf('hpa_bridge_admission_review_seconds', { outcome: 'changed' })).toBe(1);
});

withPrometheus('a query is tried before it is stored', () => {
  let prometheus: RealPrometheus;
  beforeAll(async () => {
    prometheus = await RealPrometheus.start([]);
  });
  afterAll(() => prometheus.stop());

  /** What the author of these annotations is told about the query, tried at the server of this address. */
  async function told(short: Readonly<Record<string, string>>, address: string): Promise<unknown> {
    const bridge = { prometheusServers: [plainServer('default', address)], tenancy: 'enforce' } as const;
    cluster = {
      classes: new Set(['hpa.autoscaling.knative.dev']),
      config: configOf({ bridge }),
      // KEDA reads no scalars.
      kedaServed: false,
    };
    const { body } = await post(
      await until('a bundle', () => trusted().then((ca) => ca || undefined)),
      asking(short),
    );
    const { response } = JSON.parse(body) as { readonly response: JsonObject };
    expect(response).toMatchObject({ allowed: true });
    return response['warnings'];
  }

  test.each([
    ['vector(47.2)', '1 series: value 47.2 / target 10 per pod -> 5 pods (at least 1, at most 7).'],
    ['scalar(vector(900))', 'a scalar: value 900 / target 10 per pod -> 7 pods (at least 1, at most 7).'],
  ])('%s', async (query, says) => {
    expect(await told({ query, target: '10', 'max-scale': '7' }, prometheus.url)).toEqual([
      `Tried now, autoscaling.knative.dev/query gives ${says}`,
    ]);
  });

  test('several series, none, and none where the query asks for the pods of the revision itself', async () => {
    const several = 'vector(1) or label_replace(vector(2), "a", "b", "", "")';
    expect(await told({ query: several, target: '10' }, prometheus.url)).toContain(
      'Tried now, autoscaling.knative.dev/query: The query gives 2 series: expected one number, for example by sum() around the query.',
    );
    expect(await told({ query: 'sum(nothing)', target: '10' }, prometheus.url)).toContainEqual(
      expect.stringMatching(/^Tried now, autoscaling\.knative\.dev\/query: The query gives no series/),
    );
    const zero = { query: 'sum(nothing)', target: '10', 'hpa-bridge.dev/empty-result': 'zero' };
    expect(await told(zero, prometheus.url)).toContain(
      'Tried now, autoscaling.knative.dev/query gives no number, which counts as 0: value 0 / target 10 per pod -> 1 pod (at least 1, no maximum).',
    );
    expect(await told({ metric: 'requests_total', target: '10' }, prometheus.url)).toBeUndefined();
  });

  test('a server that is not there or says nothing keeps nobody from applying', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    expect(await told({ query: 'vector(1)', target: '10' }, nowhere)).toEqual([
      expect.stringMatching(
        /^Tried now, autoscaling\.knative\.dev\/query: 127\.0\.0\.1:\d+ refuses connections/,
      ),
    ]);
    prometheus.signal('SIGSTOP');
    try {
      expect(await told({ query: 'vector(1)', target: '10' }, prometheus.url)).toEqual([
        'autoscaling.knative.dev/query could not be tried: the server default did not answer in time, which is no mistake of this object.',
      ]);
    } finally {
      prometheus.signal('SIGCONT');
    }
  });
});

describe('what is no review', () => {
  test.each([
    {
      is: 'another path',
      path: '/',
      body: asking(GOOD),
      code: 404,
      says: /^Nothing is here: expected POST \/validate or \/mutate\.$/m,
    },
    { is: 'another method', method: 'GET', code: 404, says: /^Nothing is here/ },
    { is: 'no JSON', body: '{', code: 400, says: /^the body is not that of an AdmissionReview/ },
    { is: 'more than two objects', body: ' '.repeat(MOST_BYTES + 1), code: 413, says: /too large/i },
  ])('$is', async ({ path = '/validate', method = 'POST', body = '', code, says }) => {
    const ca = await trustOtherThan('');
    expect(await post(ca, body, path, method)).toEqual({ code, body: expect.stringMatching(says) });
  });

  test('nothing is judged before the cluster is known', async () => {
    cluster = undefined;
    expect(await post(await trustOtherThan(''), asking({ query: 'sum(' }))).toMatchObject({ code: 503 });
  });
});
