import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../src/adapters/kube/connection.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { certificates } from '../../src/adapters/tls/certificates.ts';
import { startTlsServer } from '../../src/adapters/tls/server.ts';
import { keyOf } from '../../src/domain/key.ts';
import type { Told } from '../../src/domain/signal/told.ts';
import { seconds } from '../../src/domain/time.ts';
import { ALWAYS_OPEN } from '../../src/engine/controller.ts';
import type { TlsServer } from '../../src/ports/tls-server.ts';
import { buildExternalMetrics } from '../../src/processes/controller/external-metrics/external-metrics.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { eventually } from './api.ts';
import { Bridge, identity } from './bridge.ts';
import { API_SERVICE, externalApi, externalApiAvailable, freeExternalApi } from './external-api.ts';
import { KINDS, type HorizontalPodAutoscaler } from './kinds.ts';
import { api, kubectl, namespace, SYSTEM } from './lab.ts';
import { conditionOf } from './serving.ts';

const GROUP = '/apis/external.metrics.k8s.io/v1beta1';
/** Of the lab: an address that the API server reaches, and that may stand in Endpoints. */
const HOST = '10.244.0.1';
/** Not the one of the case before: the certificate in the Secret is for another name, and is made anew. */
const SERVICE = 'external-metrics-by-hand';

test('where KEDA has the API, it stays KEDA’s, and the bridge says so', async () => {
  await externalApiAvailable();
  const before = await externalApi();
  expect(before.spec.service).toEqual({ namespace: 'keda', name: 'keda-metrics-apiserver', port: 443 });
  await using bridge = await Bridge.started('beside-keda', ['--external-metrics-port', '18443']);
  await bridge.leading();
  await eventually(async () => {
    const { data = {} } = await api.get(KINDS.secret, SYSTEM, 'hpa-bridge-external-metrics');
    expect(Object.keys(data).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(await (await fetch(`${bridge.url}/readyz`)).text()).toContain(
      `${API_SERVICE} is served by keda/keda-metrics-apiserver`,
    );
    const events = await api.list(KINDS.event, 'default');
    expect(events.map(({ reason }) => reason)).toContain('ExternalMetricsForeign');
  });
  expect(await bridge.metric('hpa_bridge_external_metrics_claim', { state: 'foreign' })).toBe(1);
  expect(bridge.writes().filter((write) => write.includes('apiservices'))).toEqual([]);
  const { spec, metadata } = await externalApi();
  expect([spec, metadata.managedFields?.map(({ manager }) => manager)]).toEqual([
    before.spec,
    before.metadata.managedFields?.map(({ manager }) => manager),
  ]);
});

describe('where nobody has the API', () => {
  let freed: AsyncDisposable;
  let kube: KubeApi;
  let server: TlsServer;
  let space: Awaited<ReturnType<typeof namespace>>;
  const log = new SilentLog();
  const told = new Map<string, Told>();
  const end = new AbortController();
  let running: Promise<void>;

  /** Our own parts under the rights of our own ServiceAccount; only the values are told by hand. */
  beforeAll(async () => {
    freed = await freeExternalApi();
    const { kubeconfig } = await identity('by-hand');
    const telemetry = new TallyingTelemetry();
    kube = await connect({
      source: { path: kubeconfig, env: {} },
      clock: systemClock,
      log,
      telemetry,
      version: 'test',
    });
    const external = buildExternalMetrics({
      boot: {
        systemNamespace: SYSTEM,
        externalMetricsService: SERVICE,
        externalMetricsSecret: 'hpa-bridge-external-metrics',
      },
      reader: kube.reader,
      writer: kube.writer({ mayWrite: () => true }),
      reviews: kube.reviews,
      certificates,
      recorder: { publish: () => undefined },
      gate: ALWAYS_OPEN,
      teller: { told: (key) => told.get(key) },
      wanted: () => true,
      kedaServed: () => false,
      clock: systemClock,
      random: Math.random,
      telemetry,
      log,
    });
    server = await startTlsServer({ address: HOST, port: 0, answer: external.answer });
    await api.apply(KINDS.coreService, {
      metadata: { namespace: SYSTEM, name: SERVICE },
      spec: { ports: [{ name: 'https', port: 443 }] },
    });
    await api.apply(KINDS.endpoints, {
      metadata: { namespace: SYSTEM, name: SERVICE },
      subsets: [{ addresses: [{ ip: HOST }], ports: [{ name: 'https', port: server.port }] }],
    });
    running = external.run(server, end.signal);
    space = await namespace('external-metrics');
    await externalApiAvailable();
  });

  afterAll(async () => {
    end.abort(new Error('test ends'));
    await running;
    await server.close();
    await kube.close();
    await space[Symbol.asyncDispose]();
    await api.remove(KINDS.coreService, SYSTEM, SERVICE);
    await freed[Symbol.asyncDispose]();
  });

  const path = (revision: string): string =>
    `${GROUP}/namespaces/${space.name}/hpa-bridge-query?labelSelector=hpa-bridge.dev%2Frevision%3D${revision}`;
  const tell = (revision: string, value: number): unknown =>
    told.set(keyOf(space.name, revision), {
      is: 'value',
      value,
      at: systemClock.now(),
      interval: seconds(15),
    });

  test('it is ours, trusted by our own certificate, and found by discovery', async () => {
    const { spec, metadata } = await externalApi();
    expect(spec.service).toEqual({ namespace: SYSTEM, name: SERVICE, port: 443 });
    expect(spec['insecureSkipTLSVerify']).toBeUndefined();
    expect(metadata.managedFields?.filter(({ subresource }) => subresource === undefined)).toMatchObject([
      { manager: 'hpa-bridge' },
    ]);
    expect(JSON.parse(await kubectl(['get', '--raw', GROUP]))).toMatchObject({ kind: 'APIResourceList' });
    await eventually(async () => {
      const listed = await kubectl([
        'api-resources',
        '--api-group',
        'external.metrics.k8s.io',
        '--no-headers',
      ]);
      expect(listed).toMatch(
        /^externalmetrics\s+external\.metrics\.k8s\.io\/v1beta1\s+true\s+ExternalMetricValueList/,
      );
    });
  });

  test('kubectl reads a value through the API server, and an error where there is none', async () => {
    tell('shop-00001', 12.5);
    expect(JSON.parse(await kubectl(['get', '--raw', path('shop-00001')]))).toMatchObject({
      kind: 'ExternalMetricValueList',
      items: [{ metricName: 'hpa-bridge-query', value: '12500m' }],
    });
    await expect(kubectl(['get', '--raw', path('other-00001')])).rejects.toThrow(
      'no query that this replica',
    );
  });

  test('somebody whom the API server lets through is still judged by us', async () => {
    tell('shop-00001', 1);
    const account = { namespace: space.name, name: 'tenant' };
    await api.apply(KINDS.serviceAccount, { metadata: account });
    const token = await api.token(space.name, 'tenant');
    const ask = (): Promise<number> =>
      direct(server.port, path('shop-00001'), { authorization: `Bearer ${token}` });
    const spoofed = { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters' };
    expect(await direct(server.port, path('shop-00001'), spoofed)).toBe(403);
    expect(await direct(server.port, path('shop-00001'), { authorization: 'Bearer nonsense' })).toBe(401);
    expect(await ask()).toBe(403);
    const rules = [
      { apiGroups: ['external.metrics.k8s.io'], resources: ['hpa-bridge-query'], verbs: ['list'] },
    ];
    await api.apply(KINDS.role, { metadata: account, rules });
    await api.apply(KINDS.roleBinding, {
      metadata: account,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tenant' },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    });
    await eventually(async () => expect(await ask()).toBe(200));
    const elsewhere = path('shop-00001').replace(`/${space.name}/`, '/default/');
    expect(await direct(server.port, elsewhere, { authorization: `Bearer ${token}` })).toBe(403);
  });

  test('an HPA follows the value, and stays where it is while there is none', async () => {
    const target = { namespace: space.name, name: 'scaled-00001' };
    const labels = { app: 'scaled' };
    await api.apply(KINDS.deployment, {
      metadata: target,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'app', image: 'dev.local/app:1' }] },
        },
      },
    });
    tell('scaled-00001', 20);
    const metric = {
      name: 'hpa-bridge-query',
      selector: { matchLabels: { 'hpa-bridge.dev/revision': 'scaled-00001' } },
    };
    const rules = {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Pods', value: 10, periodSeconds: 1 }],
    };
    await api.apply(KINDS.hpa, {
      metadata: target,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled-00001' },
        minReplicas: 1,
        maxReplicas: 10,
        metrics: [
          { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
        ],
        behavior: { scaleUp: rules, scaleDown: rules },
      },
    });
    const replicas = async (): Promise<number | undefined> =>
      (await api.get(KINDS.deployment, space.name, 'scaled-00001')).spec.replicas;
    const hpa = (): Promise<HorizontalPodAutoscaler> => api.get(KINDS.hpa, space.name, 'scaled-00001');
    await eventually(async () => expect(await replicas()).toBe(4));

    const nothing = { is: 'nothing', reason: 'QueryFailed', message: 'Prometheus does not answer.' } as const;
    told.set(keyOf(space.name, 'scaled-00001'), nothing);
    await eventually(async () => {
      expect(conditionOf(await hpa(), 'ScalingActive')).toMatchObject({
        status: 'False',
        reason: 'FailedGetExternalMetric',
        message: expect.stringContaining('Prometheus does not answer.'),
      });
    });
    expect(await replicas()).toBe(4);

    tell('scaled-00001', 4);
    await eventually(async () => expect(await replicas()).toBe(1));
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** The status that our server itself answers, without the API server in between. */
function direct(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // Who we are is another case; here it is about who asks.
  request({ host: HOST, port, path, headers, rejectUnauthorized: false, agent: false }, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  })
    .once('error', reject)
    .end();
  return promise;
}
