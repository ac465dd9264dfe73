import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type KubeApi } from '../../src/adapters/kube/connection.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { certificates } from '../../src/adapters/tls/certificates.ts';
import type { BridgeEvent } from '../../src/domain/event.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import { keyOf } from '../../src/domain/key.ts';
import { ms } from '../../src/domain/time.ts';
import { ALWAYS_OPEN, type Gate } from '../../src/engine/controller.ts';
import type { ServingCertificate } from '../../src/ports/tls-server.ts';
import {
  buildExternalMetrics,
  type ExternalMetrics,
} from '../../src/processes/controller/external-metrics/external-metrics.ts';
import { startApiServer, type ApiServer } from '../../src/playground/api-server/server.ts';
import { Authority, SERVER_AUTH } from '../doubles/authority.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const API_SERVICE = `${API_SERVICES}/v1beta1.external.metrics.k8s.io`;
const CLAIM = keyOf('', 'v1beta1.external.metrics.k8s.io');
const SECRETS = '/api/v1/namespaces/knative-serving/secrets';
const SECRET = `${SECRETS}/hpa-bridge-external-metrics`;
const NAME = 'hpa-bridge-external-metrics.knative-serving.svc';
const KEDAS = { namespace: 'keda', name: 'keda-operator-metrics-apiserver', port: 443 };
const CLOSED: Gate = { isOpen: () => false, untilOpen: (signal) => aborted(signal) };

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** One process that serves external metrics, and what its TLS server is told to show. */
class Replica {
  readonly external: ExternalMetrics;
  readonly shown: ServingCertificate[] = [];
  readonly events: BridgeEvent[] = [];
  readonly log = new SilentLog();
  readonly telemetry = new TallyingTelemetry();
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  readonly #api: KubeApi;

  constructor(api: KubeApi, gate: Gate) {
    this.#api = api;
    this.external = buildExternalMetrics({
      boot: {
        systemNamespace: 'knative-serving',
        externalMetricsService: 'hpa-bridge-external-metrics',
        externalMetricsSecret: 'hpa-bridge-external-metrics',
      },
      reader: api.reader,
      writer: api.writer({ mayWrite: () => gate.isOpen(CLAIM) }),
      reviews: api.reviews,
      certificates,
      recorder: { publish: (event) => void this.events.push(event) },
      gate,
      teller: { told: () => undefined },
      wanted: () => true,
      kedaServed: () => false,
      clock: systemClock,
      random: Math.random,
      telemetry: this.telemetry,
      log: this.log,
      timing: { backoff: { base: ms(20), max: ms(200) } },
    });
    const server = {
      port: 0,
      show: (certificate: ServingCertificate) => void this.shown.push(certificate),
      close: () => Promise.resolve(),
    };
    this.#running = this.external.run(server, this.#end.signal);
  }

  /** Resolves when the last write has ended. */
  async stop(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort(new Error('test ends'));
    await this.#running;
    await this.#api.close();
  }
}

let server: ApiServer;
let folder: string;
let replicas: Replica[];
beforeEach(async () => {
  server = await startApiServer();
  folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-test-'));
  writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig());
  replicas = [];
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'knative-serving' } });
});
afterEach(async () => {
  await Promise.all(replicas.map((each) => each.stop()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function replica(gate: Gate = ALWAYS_OPEN): Promise<Replica> {
  const api = await connect({
    source: { path: join(folder, 'kubeconfig'), env: {} },
    clock: systemClock,
    log: new SilentLog(),
    telemetry: new TallyingTelemetry(),
    version: 'test',
  });
  const made = new Replica(api, gate);
  replicas.push(made);
  return made;
}

async function send(
  method: string,
  path: string,
  body?: JsonObject,
  type = 'application/json',
): Promise<KubeObject> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as KubeObject;
}

const find = (path: string): Promise<KubeObject | undefined> => send('GET', path).catch(() => undefined);
const merge = (path: string, body: JsonObject): Promise<KubeObject> =>
  send('PATCH', path, body, 'application/merge-patch+json');
const emptySecret = (): Promise<KubeObject> =>
  send('POST', SECRETS, { metadata: { name: 'hpa-bridge-external-metrics' }, type: 'Opaque' });
const foreign = (service: JsonObject = KEDAS): Promise<KubeObject> =>
  send('POST', API_SERVICES, {
    metadata: { name: 'v1beta1.external.metrics.k8s.io' },
    spec: {
      service,
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
const specOf = (object: KubeObject | undefined): JsonObject => (object?.['spec'] ?? {}) as JsonObject;
const caOf = (object: KubeObject | undefined): string => {
  const bundle = specOf(object)['caBundle'];
  return typeof bundle === 'string' ? atob(bundle) : '';
};
const dataOf = (object: KubeObject | undefined, key: string): string =>
  atob(((object?.['data'] ?? {}) as Record<string, string>)[key] ?? '');

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await systemClock.sleep(ms(10));
  }
  throw new Error(`waited in vain for ${what}`);
}

const claimed = (): Promise<KubeObject> =>
  until('the claim', async () => {
    const found = await find(API_SERVICE);
    return caOf(found) === '' ? undefined : found;
  });

describe('the claim', () => {
  test('an API that nobody has is taken, and the API server trusts what we show', async () => {
    await emptySecret();
    const { external, shown, events } = await replica();
    const made = await claimed();
    expect(specOf(made)).toMatchObject({
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      service: { namespace: 'knative-serving', name: 'hpa-bridge-external-metrics', port: 443 },
      groupPriorityMinimum: 100,
      versionPriority: 100,
    });
    await until('the claim to be known', () => (external.claim()?.state === 'ours' ? true : undefined));
    const { cert, key } = await until('a certificate to be shown', () => shown.at(-1));
    expect(certificates.read({ cert, key, ca: caOf(made) }, NAME).ok).toBe(true);
    expect(new X509Certificate(cert).checkHost('other.knative-serving.svc')).toBeUndefined();
    await until('the event', () => events.find(({ reason }) => reason === 'ExternalMetricsClaimed'));
    expect(external.details()).toEqual(['v1beta1.external.metrics.k8s.io is served by hpa-bridge.']);
  });

  test('an API that another program has stays exactly as it is', async () => {
    await emptySecret();
    const before = await foreign();
    const made = await replica();
    const { external, shown, events, telemetry } = made;
    await until('a certificate', () => shown.at(-1));
    await until('the event', () => events.find(({ reason }) => reason === 'ExternalMetricsForeign'));
    expect(external.claim()).toEqual({ state: 'foreign', owner: 'keda/keda-operator-metrics-apiserver' });
    expect(telemetry.valueOf('hpa_bridge_external_metrics_claim', { state: 'foreign' })).toBe(1);
    await made.stop(); // whatever it was about to write is written
    expect(await find(API_SERVICE)).toEqual(before);
  });

  test('one that serves the group from within the API server is somebody else’s too', async () => {
    await emptySecret();
    await send('POST', API_SERVICES, {
      metadata: { name: 'v1beta1.external.metrics.k8s.io' },
      spec: {
        group: 'external.metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
      },
    });
    const { external } = await replica();
    await until('the claim', () => external.claim());
    expect(external.claim()).toEqual({ state: 'foreign', owner: 'the API server itself' });
  });

  test('somebody who takes it from us has it; when they go, it is ours again', async () => {
    await emptySecret();
    const { external, events } = await replica();
    await claimed();
    await merge(API_SERVICE, { spec: { service: KEDAS, caBundle: btoa('theirs') } });
    await until('the other to be seen', () => (external.claim()?.state === 'foreign' ? true : undefined));
    await until('the event', () => events.find(({ reason }) => reason === 'ExternalMetricsForeign'));
    expect(caOf(await find(API_SERVICE))).toBe('theirs');
    await send('DELETE', API_SERVICE);
    await until('the claim', async () =>
      caOf(await find(API_SERVICE)).includes('BEGIN') ? true : undefined,
    );
  });

  test('what somebody changed in ours is put right', async () => {
    await emptySecret();
    await replica();
    const before = caOf(await claimed());
    await merge(API_SERVICE, { spec: { caBundle: btoa('nobody'), insecureSkipTLSVerify: null } });
    await until('the bundle', async () => (caOf(await find(API_SERVICE)) === before ? true : undefined));
  });
});

describe('the certificate', () => {
  test('the leader fills the empty Secret, and the others show the same', async () => {
    await emptySecret();
    const [leader, follower] = [await replica(), await replica(CLOSED)];
    const [first, second] = [
      await until('the leader', () => leader.shown.at(-1)),
      await until('the follower', () => follower.shown.at(-1)),
    ];
    expect(second).toEqual(first);
    const secret = await find(SECRET);
    expect(dataOf(secret, 'tls.crt')).toBe(first.cert);
    expect(Object.keys(secret?.['data'] as object).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
  });

  test('one of the owner is used and never written', async () => {
    const authority = await Authority.root('owners-ca');
    const issued = await authority.issue({
      subject: 'CN=owner',
      purposes: [SERVER_AUTH],
      names: [NAME],
      hours: 1,
    });
    const before = await send('POST', SECRETS, {
      metadata: { name: 'hpa-bridge-external-metrics' },
      stringData: { 'tls.crt': issued.cert, 'tls.key': issued.key, 'ca.crt': authority.ca },
    });
    const { shown } = await replica();
    expect(caOf(await claimed()).trim()).toBe(authority.ca.trim());
    expect(await until('the certificate', () => shown.at(-1))).toEqual({
      cert: issued.cert,
      key: issued.key,
    });
    expect(await find(SECRET)).toEqual(before);
  });

  test('one for another name is said to be wrong, and nothing is claimed with it', async () => {
    const authority = await Authority.root('owners-ca');
    const issued = await authority.issue({
      subject: 'CN=owner',
      purposes: [SERVER_AUTH],
      names: ['other.svc'],
    });
    await send('POST', SECRETS, {
      metadata: { name: 'hpa-bridge-external-metrics' },
      stringData: { 'tls.crt': issued.cert, 'tls.key': issued.key, 'ca.crt': authority.ca },
    });
    const { events, shown, log } = await replica();
    const event = await until('the event', () =>
      events.find(({ reason }) => reason === 'InvalidCertificate'),
    );
    expect(event.message).toBe(
      `The certificate in tls.crt is not for ${NAME}: expected that name among its DNS names.`,
    );
    expect(shown).toEqual([]);
    expect(await find(API_SERVICE)).toBeUndefined();
    expect(JSON.stringify([events, log.lines])).not.toContain('PRIVATE KEY');
  });

  test('one that the owner replaces is trusted before it is shown, and the old one is trusted on', async () => {
    await emptySecret();
    const { shown } = await replica();
    const old = caOf(await claimed());
    await until('the first', () => shown.at(-1));
    const authority = await Authority.root('owners-ca');
    const issued = await authority.issue({ subject: 'CN=owner', purposes: [SERVER_AUTH], names: [NAME] });
    await merge(SECRET, {
      stringData: { 'tls.crt': issued.cert, 'tls.key': issued.key, 'ca.crt': authority.ca },
    });
    await until('both to be trusted', async () => {
      const bundle = caOf(await find(API_SERVICE));
      return bundle.includes(authority.ca.trim()) && bundle.includes(old.trim()) ? true : undefined;
    });
    expect(shown).toHaveLength(1);
  });

  test('without the Secret nothing is claimed, and the log says what is missing', async () => {
    const { log } = await replica();
    await until('the log', () =>
      log.lines.find(({ message }) => message === 'no certificate for external metrics'),
    );
    expect(await find(API_SERVICE)).toBeUndefined();
  });
});
