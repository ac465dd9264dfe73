import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { selfSigned } from '../doubles/certificate.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { runToEnd, type Ran } from '../doubles/started-process.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';
import { AUTOSCALING, ClusterInMemory } from './cluster-in-memory.ts';

const LEASE = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';
const POD = 'hpa-bridge-7d9f-abc';
const SYSTEM = 'knative-serving';
const SECRET = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0';

interface Review {
  readonly spec: { readonly user: string; readonly resourceAttributes: Readonly<Record<string, string>> };
}
interface Told {
  readonly findings: readonly {
    readonly check: string;
    readonly level: string;
    readonly says: string;
    readonly advice?: string;
  }[];
}

// The real program twice, as the controller and as the command, and a real Prometheus; ours is the API server, and what it thinks of rights.
withPrometheus('hpa-bridge doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-doctor-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const env = { PATH: process.env['PATH'], POD_NAME: POD };
  let exporter: Exporter;
  let prometheus: RealPrometheus;
  let cluster: ClusterInMemory;
  let controller: ChildProcess;
  const denied = new Set<string>();
  const reviewed: Review['spec'][] = [];

  const run = (...args: string[]): Promise<Ran> =>
    runToEnd(['doctor', '--kubeconfig', kubeconfig, ...args], { POD_NAME: POD });
  const findings = async (...args: string[]): Promise<{ code: number; told: Record<string, string[]> }> => {
    const { code, out, said } = await run('-o', 'json', ...args);
    expect(said).toBe('');
    const told: Record<string, string[]> = {};
    for (const { check, level, says } of (JSON.parse(out) as Told).findings)
      (told[check] ??= []).push(`${level} ${says}`);
    return { code, told };
  };
  const configure = (name: string, data: Record<string, string | null>) =>
    cluster.merge('ConfigMap', name, { data }, { namespace: SYSTEM });

  const reviews = (from: IncomingMessage, to: ServerResponse): boolean => {
    if (from.url !== '/apis/authorization.k8s.io/v1/subjectaccessreviews') return false;
    let text = '';
    from.setEncoding('utf8').on('data', (part: string) => (text += part));
    from.on('end', () => {
      const review = JSON.parse(text) as Review;
      const { verb = '', resource = '', subresource } = review.spec.resourceAttributes;
      const allowed = !denied.has(`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`);
      reviewed.push(review.spec);
      to.writeHead(201, { 'content-type': 'application/json' });
      to.end(JSON.stringify({ ...review, status: { allowed } }));
    });
    return true;
  };

  const pod = async (name: string, ready: 'True' | 'False'): Promise<void> => {
    const labels = { 'app.kubernetes.io/name': 'hpa-bridge', 'app.kubernetes.io/component': 'controller' };
    const spec = { serviceAccountName: 'bridge', containers: [{ name: 'controller', image: 'x' }] };
    await cluster.create('Pod', name, { metadata: { labels }, spec }, SYSTEM);
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] };
    await cluster.merge('Pod', name, { status }, { subresource: '/status', namespace: SYSTEM });
  };
  const deployment = (name: string, version: string, replicas: number) =>
    cluster.create(
      'Deployment',
      name,
      {
        metadata: { labels: { 'app.kubernetes.io/version': version, 'app.kubernetes.io/name': name } },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { containers: [{ name, image: 'example.com/x' }] },
          },
        },
      },
      SYSTEM,
    );

  beforeAll(async () => {
    exporter = await Exporter.start('load 38\n');
    prometheus = await RealPrometheus.start([exporter.target]);
    cluster = await ClusterInMemory.start({ intercept: reviews });
    writeFileSync(kubeconfig, cluster.server.kubeconfig());
    const servers = [{ name: 'default', address: prometheus.url }];
    await cluster.create(
      'ConfigMap',
      'config-hpa-bridge',
      { data: { 'prometheus-servers': JSON.stringify(servers) } },
      SYSTEM,
    );
    await cluster.create(
      'ConfigMap',
      'config-observability',
      { data: { 'metrics-protocol': 'prometheus' } },
      SYSTEM,
    );
    await deployment('controller', '1.21.0', 1);
    await deployment('keda-operator', '2.20.0', 1);
    await pod(POD, 'True');
    await pod('hpa-bridge-7d9f-def', 'True');
    const flags = ['--bind-address', '127.0.0.1', '--http-port', '0', '--kubeconfig', kubeconfig];
    controller = spawn(process.execPath, ['src/main.ts', 'controller', ...flags], { env, stdio: 'ignore' });
    await cluster.until('the lease', async () => {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases/${LEASE}`;
      return cluster.send('GET', path).catch(() => undefined);
    });
    await until(async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=up`);
      return /"1"\]/.test(await answer.text());
    });
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

  test('an installation that is well', async () => {
    const { code, told } = await findings();
    expect(told).toEqual({
      'api-server': [expect.stringMatching(/^ok 127\.0\.0\.1:\d+ answers, Kubernetes v1\.36\.0/)],
      kinds: [expect.stringMatching(/^ok Served: Revision \(serving\.knative\.dev\/v1\), /)],
      knative: ['ok Knative Serving 1.21.0 in knative-serving.'],
      keda: ['ok KEDA 2.20.0 is installed.'],
      replicas: ['ok 2 pods of hpa-bridge are ready.'],
      leases: [expect.stringMatching(new RegExp(`^ok ${POD}_\\S+ holds the lease ${LEASE}\\.$`))],
      activators: ['warn No activator of hpa-bridge runs in knative-serving: no revision goes to zero.'],
      rights: ['ok The ServiceAccounts of hpa-bridge may do all that they do.'],
      config: [expect.stringMatching(/^ok Nothing is wrong in .*config-hpa-bridge, config-observability\.$/)],
      'external-metrics': [
        expect.stringMatching(/^ok v1beta1\.external\.metrics\.k8s\.io is served by nobody/),
      ],
      certificate: [
        expect.stringMatching(/^ok The Secret knative-serving\/hpa-bridge-external-metrics is not there/),
      ],
      webhook: ['ok No webhook is installed: mistakes are told once an object is stored.'],
      prometheus: [
        expect.stringMatching(/^ok Prometheus default \(http:\S+\) answers in \d+ ms; 1 target is up\.$/),
      ],
    });
    expect(code).toBe(0);
  });

  test('rights are those of the ServiceAccount that the pods have, one object where they are limited to it', async () => {
    reviewed.length = 0;
    denied.add('patch podautoscalers/status').add('watch secrets');
    const { code, told } = await findings();
    denied.clear();
    expect(new Set(reviewed.map(({ user }) => user))).toEqual(
      new Set([`system:serviceaccount:${SYSTEM}:bridge`]),
    );
    expect(reviewed.map(({ resourceAttributes }) => resourceAttributes)).toContainEqual({
      ...{ group: '', version: 'v1', resource: 'secrets', verb: 'watch' },
      ...{ namespace: SYSTEM, name: 'hpa-bridge-external-metrics' },
    });
    expect(code).toBe(1);
    expect(told['rights']).toEqual([
      'fail The ServiceAccount of hpa-bridge may not patch podautoscalers.autoscaling.internal.knative.dev/status.',
      'warn The ServiceAccount of hpa-bridge may not watch secrets hpa-bridge-external-metrics, which is needed for external metrics.',
    ]);
  });

  test('who sleeps with nobody to wake it, and a webhook that the API server does not believe', async () => {
    const labels = { 'app.kubernetes.io/name': 'hpa-bridge', 'app.kubernetes.io/component': 'activator' };
    const spec = { serviceAccountName: 'shim', containers: [{ name: 'activator', image: 'x' }] };
    for (const name of ['a-0', 'a-1']) {
      await cluster.create('Pod', name, { metadata: { labels }, spec }, SYSTEM);
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      await cluster.merge('Pod', name, { status }, { subresource: '/status', namespace: SYSTEM });
    }
    const behind = (ips: readonly string[]) => [
      { addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'http', port: 8012 }] },
    ];
    const activators = { subsets: behind(['10.9.0.1', '10.9.0.2']) };
    await cluster.create('Endpoints', 'hpa-bridge-activator', activators, SYSTEM);
    for (const [name, ip] of [
      ['awaited', '10.9.0.2'],
      ['astray', '10.9.0.7'],
    ] as const) {
      // Of another class, so that the controller that runs leaves them as they are.
      await cluster.revision(name, { [`${AUTOSCALING}/class`]: 'other.example.com' }, 0);
      const pa = await cluster.get('PodAutoscaler', name);
      const owner = { apiVersion: 'autoscaling.internal.knative.dev/v1alpha1', kind: 'PodAutoscaler', name };
      await cluster.create('Endpoints', name, {
        metadata: {
          labels: { 'networking.internal.knative.dev/serviceType': 'Public' },
          ownerReferences: [{ ...owner, uid: pa!.metadata['uid'] as string, controller: true }],
        },
        subsets: behind([ip]),
      });
    }
    const [shown, other] = [
      selfSigned('webhook', ['hpa-bridge-webhook.knative-serving.svc']),
      selfSigned('other'),
    ];
    await cluster.send('POST', `/api/v1/namespaces/${SYSTEM}/secrets`, {
      metadata: { name: 'hpa-bridge-webhook' },
      stringData: { 'tls.crt': shown.cert, 'tls.key': shown.key },
    });
    const service = { namespace: SYSTEM, name: 'hpa-bridge-webhook' };
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    await cluster.send('POST', path, {
      metadata: { name: 'hpa-bridge' },
      webhooks: [
        {
          ...{ name: 'validation.hpa-bridge.dev', failurePolicy: 'Fail', sideEffects: 'None' },
          clientConfig: { service, caBundle: btoa(other.cert) },
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    reviewed.length = 0;
    denied.add('patch deployments/scale');
    const { code, told } = await findings();
    denied.clear();
    expect(code).toBe(1);
    expect(told['activators']).toEqual([
      'ok 2 activators of hpa-bridge are ready; 2 revisions without pods are behind them.',
      'fail default/astray has no pods, and no activator of hpa-bridge stands behind the Service: no request wakes it.',
    ]);
    expect(told['webhook']).toEqual([
      expect.stringMatching(
        /^\w+ The certificate in the Secret .*hpa-bridge-webhook is good for \d+ more day/,
      ),
      expect.stringMatching(
        /^fail The API server does not trust the webhook: nothing of Knative can be applied/,
      ),
    ]);
    expect(told['rights']).toEqual([
      'fail The ServiceAccount of hpa-bridge may not patch deployments.apps/scale.',
      'fail The ServiceAccount of activators may not patch deployments.apps/scale.',
    ]);
    expect(new Set(reviewed.map(({ user }) => user))).toEqual(
      new Set([`system:serviceaccount:${SYSTEM}:bridge`, `system:serviceaccount:${SYSTEM}:shim`]),
    );
    await cluster.send('DELETE', `${path}/hpa-bridge`);
  });

  test('what is wrong with ConfigMaps, and what Knative tells of itself', async () => {
    await configure('config-hpa-bridge', { backend: 'kedaa', tenanci: 'off' });
    await configure('config-observability', { 'metrics-protocol': null });
    const { code, told } = await findings();
    await configure('config-hpa-bridge', { backend: null, tenanci: null });
    await configure('config-observability', { 'metrics-protocol': 'prometheus' });
    expect(code).toBe(1);
    expect(told['config']).toEqual([
      expect.stringMatching(
        /^fail The ConfigMap knative-serving\/config-hpa-bridge is refused.*backend is "kedaa"/,
      ),
      expect.stringMatching(/^warn "tenanci" is not a key of config-hpa-bridge; did you mean tenancy\?$/),
      expect.stringMatching(/^warn Knative tells no metrics of revisions: metrics-protocol/),
    ]);
  });

  test('a server that cannot be reached from here is no failure; one that refuses us is; credentials are not told', async () => {
    const gone = { name: 'gone', address: 'http://127.0.0.1:1', headers: { 'X-Token': SECRET } };
    const refusing = { name: 'refusing', address: `${prometheus.url}/nowhere` };
    const servers = [{ name: 'default', address: prometheus.url }, gone, refusing];
    await configure('config-hpa-bridge', { 'prometheus-servers': JSON.stringify(servers) });
    const { code, out, said } = await run();
    await configure('config-hpa-bridge', {
      'prometheus-servers': JSON.stringify([{ name: 'default', address: prometheus.url }]),
    });
    expect({ code, said }).toEqual({ code: 1, said: '' });
    expect(out).toMatch(/^ok {4}prometheus +Prometheus default /m);
    expect(out).toMatch(/^warn {2}prometheus +Prometheus gone .* does not answer here: /m);
    expect(out).toMatch(/^fail {2}prometheus +Prometheus refusing /m);
    expect(out).not.toContain(SECRET);
  });

  test('a lease that nobody renews, a forgotten autoscaler, and no pod', async () => {
    await deployment('autoscaler-hpa', '1.21.0', 1);
    await deployment('autoscaler-keda', '0.1', 1);
    const { code, told } = await findings('--classes', 'other.example.com');
    expect(code).toBe(1);
    expect(told['leases']).toEqual([
      'fail Nobody holds the lease hpa-bridge.other.example.com: nobody scales.',
    ]);
    expect(told['knative']).toEqual([
      expect.stringMatching(/^ok Knative Serving/),
      expect.stringMatching(/^warn autoscaler-hpa runs, too/),
      expect.stringMatching(/^fail autoscaler-keda runs, too/),
    ]);
    const elsewhere = await run('--system-namespace', 'default');
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.out).toMatch(/^fail {2}replicas +No pod of hpa-bridge runs in default\. -> Install it/m);
  });

  test('an API server that is not there is all that can be said', async () => {
    writeFileSync(
      join(folder, 'nobody'),
      cluster.server.kubeconfig().replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'),
    );
    const { code, out } = await run('--kubeconfig', join(folder, 'nobody'));
    expect(code).toBe(1);
    expect(out).toMatch(/^fail {2}api-server {2}127\.0\.0\.1:1 does not say its version: .*\n$/);
  });

  test('a format that nobody knows is a mistake in usage', async () => {
    expect(await run('-o', 'yaml')).toEqual({
      code: 2,
      out: '',
      said: 'hpa-bridge: --output "yaml": must be text or json\n',
    });
  });
});
