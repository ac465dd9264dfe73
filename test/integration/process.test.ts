import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { KedaClient } from '../doubles/keda-client.ts';
import { PodServer } from '../doubles/pod-servers.ts';
import { portIn, startProcess, type StartedProcess } from '../doubles/started-process.ts';

const LEASE = 'hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01';

let folder: string;
let server: ApiServer;
const running: ChildProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'process-'));
  server = await startApiServer();
  writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'knative-serving' } });
});
afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await server.stop();
  rmSync(folder, { recursive: true });
});

const send = (method: string, path: string, body: object): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const holder = async (lease = LEASE): Promise<unknown> => {
  const answer = await fetch(
    `${server.url}/apis/coordination.k8s.io/v1/namespaces/knative-serving/leases/${lease}`,
  );
  const { spec } = (await answer.json()) as { spec?: { holderIdentity?: string } };
  return spec?.holderIdentity;
};

const caBundle = async (): Promise<string> => {
  const answer = await fetch(
    `${server.url}/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io`,
  );
  return ((await answer.json()) as { spec: { caBundle: string } }).spec.caBundle;
};

/** The status of an answer from a server on loopback whose certificate this CA vouches for. */
function getTls(options: { port: number; path: string; ca: string; servername: string }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request({ host: '127.0.0.1', agent: false, ...options }, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  })
    .once('error', reject)
    .end();
  return promise;
}

const start = (...args: string[]): StartedProcess => startProcess(running, args);

describe('hpa-bridge controller', () => {
  const controller = (...more: string[]): StartedProcess =>
    start(
      'controller',
      '--kubeconfig',
      join(folder, 'kubeconfig'),
      '--bind-address',
      '127.0.0.1',
      '--keda-scaler-port',
      '0',
      '--http-port',
      '0',
      ...more,
    );

  test('serves, gets ready, leads; SIGTERM gives the lease back and ends well', async () => {
    const { child, line, ended } = controller();
    const url = `http://127.0.0.1:${portIn(await line((text) => text.includes('"listening"')))}`;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await line((text) => text.includes('"leading"') || text.includes('lease is ours'));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(`hpa_bridge_leader{lease="${LEASE}"} 1`);
    expect(await holder()).toMatch(/_[0-9a-f-]{36}$/);
    const keda = new KedaClient(portIn(await line((text) => text.includes('"listening for keda"'))));
    const ref = { namespace: 'default', name: 'nobody' };
    expect(await keda.ask('IsActive', ref)).toMatchObject({ code: 'NOT_FOUND' });
    const stream = keda.follow('StreamIsActive', ref);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, said: '' });
    expect(await stream.ended).toBe('OK');
    keda.close();
    expect(await holder()).toBeFalsy();
  });

  test('with a port for them it serves external metrics, by a certificate that the API server is told to trust', async () => {
    await send('POST', '/api/v1/namespaces/knative-serving/secrets', {
      metadata: { name: 'hpa-bridge-external-metrics' },
    });
    // A KEDA that is there would be waited for.
    const keda = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh';
    await send('DELETE', keda, {});
    const { child, line, ended } = controller('--external-metrics-port', '0');
    const port = portIn(await line((text) => text.includes('"listening for external metrics"')));
    await line((text) => text.includes('is served by hpa-bridge'));
    await line((text) => text.includes('showing a certificate'));
    const ca = atob(await caBundle());
    const servername = 'hpa-bridge-external-metrics.knative-serving.svc';
    const get = (path: string): Promise<number> => getTls({ port, path, ca, servername });
    expect(await get('/readyz')).toBe(200);
    expect(await get('/openapi/v2')).toBe(404);
    // The API server in memory knows no rights: what cannot be asked is not allowed.
    expect(await get('/apis/external.metrics.k8s.io/v1beta1')).toBe(500);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, said: '' });
  });

  test('of two the one that is left takes all buckets', async () => {
    const leases = ['00-of-02', '01-of-02'].map((bucket) => LEASE.replace('00-of-01', bucket));
    const terms = ['--lease-duration', '5s', '--renew-deadline', '4s', '--retry-period', '300ms'];
    const [one, two] = [
      controller('--leader-buckets', '2', ...terms),
      controller('--leader-buckets', '2', ...terms),
    ];
    const holders = async (): Promise<readonly unknown[]> =>
      Promise.all(leases.map((lease) => holder(lease)));
    const took = ({ line }: StartedProcess, lease: string): Promise<string> =>
      line((text) => text.includes('"leading"') && text.includes(lease));
    await Promise.all(leases.map((lease) => Promise.any([took(one, lease), took(two, lease)])));
    one.child.kill('SIGKILL');
    await Promise.all(leases.map((lease) => took(two, lease)));
    const [first, second] = await holders();
    expect([first === second, first !== undefined]).toEqual([true, true]);
    two.child.kill('SIGTERM');
    expect(await two.ended).toEqual({ code: 0, said: '' });
    expect(await holders()).toEqual(['', '']);
  });

  test('who leads by another number of buckets is waited for', async () => {
    const now = new Date().toISOString().replace('Z', '000Z');
    await send('POST', '/apis/coordination.k8s.io/v1/namespaces/knative-serving/leases', {
      metadata: { name: LEASE.replace('01', '03') },
      spec: { holderIdentity: 'other_1', leaseDurationSeconds: 5, renewTime: now, acquireTime: now },
    });
    const terms = ['--lease-duration', '5s', '--renew-deadline', '4s', '--retry-period', '300ms'];
    const { line } = controller(...terms);
    await line((text) => text.includes('another lease is waited for') && text.includes('other_1'));
    expect(await holder()).toBeUndefined();
    await line((text) => text.includes('"leading"'));
    expect(await holder()).toMatch(/_[0-9a-f-]{36}$/);
  });

  test('a kubeconfig that is not there is one sentence and code 1', async () => {
    const { ended } = start('controller', '--kubeconfig', join(folder, 'none'));
    const { code, said } = await ended;
    expect(code).toBe(1);
    expect(said).toMatch(/^hpa-bridge: The kubeconfig .*none cannot be read: there is no such file\.\n$/);
  });

  test('a port in use is one sentence and code 1', async () => {
    const { ended } = controller('--http-port', new URL(server.url).port);
    expect(await ended).toEqual({
      code: 1,
      said: `hpa-bridge: cannot listen on 127.0.0.1 port ${new URL(server.url).port}: the port is in use\n`,
    });
  });
});

test('hpa-bridge playground: tells what becomes of its samples, and is put away at the end', async () => {
  const { child, line, ended } = start('playground');
  const hint = await line((text) => text.includes('KUBECONFIG='));
  const path = /KUBECONFIG=(\S+)/.exec(hint)?.[1] ?? '';
  expect(existsSync(path)).toBe(true);
  const of = (name: string, words: RegExp) => (text: string) =>
    text.includes(` ${name}-00001 `) && words.test(text);
  await line(of('query', /\+ ScaledObject: KEDA keeps 1 to 10 pods by prometheus/));
  await line(of('cpu', /\+ ScaledObject: KEDA keeps 2 to 6 pods by cpu at 75 %/));
  await line(of('mistake', /! AnnotationsValid is False: InvalidAnnotation/));
  await line(of('query', /= Ready: /));
  await line(of('cpu', /= Ready: /));
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 0, said: '' });
  expect(existsSync(path)).toBe(false);
});

describe('hpa-bridge activator', () => {
  const REVISION = {
    'knative-serving-namespace': 'default',
    'knative-serving-revision': 'shop',
  };
  async function create(path: string, object: object): Promise<void> {
    const answer = await send('POST', path, object);
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** A revision without pods, as Knative makes it. */
  async function sleeping(): Promise<void> {
    const metadata = {
      labels: { 'serving.knative.dev/revision': 'shop' },
      annotations: { 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' },
    };
    const { labels } = metadata;
    await create('/apis/serving.knative.dev/v1/namespaces/default/revisions', {
      ...{ apiVersion: 'serving.knative.dev/v1', kind: 'Revision', spec: {} },
      metadata: { ...metadata, name: 'shop' },
    });
    await create('/apis/apps/v1/namespaces/default/deployments', {
      metadata: { ...metadata, name: 'shop-deployment' },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'app' }] } },
      },
    });
    await create('/apis/autoscaling.internal.knative.dev/v1alpha1/namespaces/default/podautoscalers', {
      ...{ apiVersion: 'autoscaling.internal.knative.dev/v1alpha1', kind: 'PodAutoscaler' },
      metadata: { ...metadata, name: 'shop' },
      spec: {
        protocolType: 'http1',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop-deployment' },
      },
    });
  }

  async function podAt(podIP: string): Promise<void> {
    const pods = '/api/v1/namespaces/default/pods';
    const metadata = { name: 'shop-0', labels: { 'serving.knative.dev/revision': 'shop' } };
    await create(pods, { metadata, spec: { containers: [{ name: 'app' }] } });
    await fetch(`${server.url}${pods}/shop-0/status`, {
      method: 'PATCH',
      body: JSON.stringify({ status: { phase: 'Running', podIP } }),
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  }

  test('is unready at once when it is told to stop, takes requests all the same, and ends when they are answered', async () => {
    await sleeping();
    const { child, line, ended } = start(
      ...['activator', '--kubeconfig', join(folder, 'kubeconfig'), '--bind-address', '127.0.0.1'],
      ...['--http-port', '0', '--proxy-http-port', '0', '--proxy-h2c-port', '0', '--proxy-tls-port', '0'],
      ...['--lame-duck', '2s'],
    );
    const admin = `http://127.0.0.1:${portIn(await line((text) => text.includes('"listening"')))}`;
    const proxy = `http://127.0.0.1:${portIn(await line((text) => text.includes('"listening for requests"')))}`;
    const ready = async (): Promise<readonly number[]> => {
      const kubelet = { headers: { 'user-agent': 'kube-probe/1.36' } };
      return [(await fetch(`${admin}/readyz`)).status, (await fetch(proxy, kubelet)).status];
    };
    const inFlight = async (): Promise<unknown> => (await fetch(`${admin}/in-flight/default/shop`)).json();
    expect([await ready(), await inFlight()]).toEqual([[200, 200], { inFlight: 0 }]);

    const first = fetch(proxy, { headers: REVISION });
    await line((text) => text.includes('"woken"'));
    expect(await inFlight()).toEqual({ inFlight: 1 });
    child.kill('SIGTERM');
    await line((text) => text.includes('"leaving"'));
    expect([await ready(), await inFlight()]).toEqual([[503, 500], { inFlight: 1 }]);
    const second = fetch(proxy, { headers: REVISION });

    await using pod = await PodServer.start();
    await podAt(pod.address);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(await ended).toEqual({ code: 0, said: '' });
  });

  test('says in one sentence for each setting what is wrong', async () => {
    const { ended } = start('activator', '--lame-duck', 'long', '--max-waiting', '0');
    expect(await ended).toEqual({
      code: 2,
      said: expect.stringMatching(
        /--lame-duck "long": must be a duration.*\n.*--max-waiting "0": must be a whole number/,
      ),
    });
  });
});
