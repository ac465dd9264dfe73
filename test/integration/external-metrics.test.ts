import { Agent, request } from 'node:https';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTlsServer } from '../../src/adapters/tls/server.ts';
import type { Decision } from '../../src/domain/external-metrics/access-review.ts';
import type { Identity } from '../../src/domain/external-metrics/identity.ts';
import { readTrust, type Trust } from '../../src/domain/external-metrics/trust.ts';
import { FaultError } from '../../src/domain/fault.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { keyOf } from '../../src/domain/key.ts';
import type { Told } from '../../src/domain/signal/told.ts';
import { instant, seconds } from '../../src/domain/time.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import type { TlsServer } from '../../src/ports/tls-server.ts';
import { answerer } from '../../src/processes/controller/external-metrics/answer.ts';
import { Authenticator } from '../../src/processes/controller/external-metrics/authenticate.ts';
import { Authorizer } from '../../src/processes/controller/external-metrics/authorize.ts';
import { Authority, CLIENT_AUTH, SERVER_AUTH, type Issued } from '../doubles/authority.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const NAME = 'hpa-bridge-external-metrics.knative-serving.svc';
const HPA = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const METRIC = '/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/hpa-bridge-query';
const OF = (revision: string): string =>
  `${METRIC}?labelSelector=${encodeURIComponent(`hpa-bridge.dev/revision=${revision}`)}`;

/** What a cluster's RBAC says: the HPA controller may list everything, and each tenant its own namespace. */
const mayDo = (spec: JsonObject): boolean => {
  const { user, groups, resourceAttributes, nonResourceAttributes } = spec as {
    user: string;
    groups: readonly string[];
    resourceAttributes?: { namespace: string; verb: string };
    nonResourceAttributes?: { path: string };
  };
  if (nonResourceAttributes !== undefined) return groups.includes('system:authenticated');
  return user === HPA || user === `tenant-of-${resourceAttributes?.namespace ?? ''}`;
};

let front: Authority;
let users: Authority;
let stranger: Authority;
let serving: Authority;
let proxy: Issued;
beforeAll(async () => {
  [front, users, stranger, serving] = (await Promise.all(
    ['front-proxy-ca', 'users-ca', 'stranger-ca', 'serving-ca'].map((name) => Authority.root(name)),
  )) as [Authority, Authority, Authority, Authority];
  proxy = await front.issue({ subject: 'CN=front-proxy-client', purposes: [CLIENT_AUTH] });
});

interface Reply {
  readonly code: number;
  readonly type: string;
  readonly body: Json;
}

/** The server of one test, and what the API server would say to it. */
class Bench {
  readonly server: TlsServer;
  readonly log: SilentLog;
  readonly asked: JsonObject[];

  private constructor(server: TlsServer, log: SilentLog, asked: JsonObject[]) {
    this.server = server;
    this.log = log;
    this.asked = asked;
  }

  static async start(
    options: { told?: Record<string, Told>; trust?: Trust; broken?: boolean } = {},
  ): Promise<Bench> {
    const [log, telemetry, asked] = [new SilentLog(), new TallyingTelemetry(), [] as JsonObject[]];
    const down = new FaultError({ code: 'api_unavailable', message: 'The API server is away.' });
    const reviews = {
      whoseToken: (token: string): Promise<Identity | undefined> => {
        asked.push({ token });
        if (options.broken === true) return Promise.reject(down);
        const known =
          token === 'good' ? { user: 'tenant-of-shop', uid: '1', groups: ['tenants'], extra: {} } : undefined;
        return Promise.resolve(known);
      },
      mayDo: (spec: JsonObject): Promise<Decision> => {
        asked.push(spec);
        return options.broken === true
          ? Promise.reject(down)
          : Promise.resolve({ allowed: mayDo(spec), reason: '' });
      },
    };
    const trust = options.trust ?? trustIn();
    const shared = { reviews, clock: systemClock, log };
    const server = await startTlsServer({
      address: '127.0.0.1',
      port: 0,
      answer: answerer({
        ...shared,
        telemetry,
        authenticator: new Authenticator({ ...shared, trust: () => trust }),
        authorizer: new Authorizer(shared),
        teller: { told: (key) => (options.told ?? TOLD)[key] },
      }),
    });
    server.show(await serving.issue({ subject: 'CN=x', purposes: [SERVER_AUTH], names: [NAME] }));
    const bench = new Bench(server, log, asked);
    open.push(bench);
    return bench;
  }

  get(
    path: string,
    from: {
      client?: Issued;
      headers?: Record<string, string | string[]>;
      method?: string;
      agent?: Agent;
      onReused?: (was: boolean) => void;
    } = {},
  ): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const sent = request(
      {
        host: '127.0.0.1',
        port: this.server.port,
        path,
        method: from.method ?? 'GET',
        servername: NAME,
        ca: serving.ca,
        agent: from.agent ?? false,
        ...from.client,
        headers: { ...from.headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          from.onReused?.(sent.reusedSocket);
          const text = Buffer.concat(chunks).toString('utf8');
          const type = answer.headers['content-type'] ?? '';
          const body = type.startsWith('application/json') ? (JSON.parse(text) as Json) : text;
          resolve({ code: answer.statusCode ?? 0, type, body });
        });
      },
    );
    sent.once('error', reject).end();
    return promise;
  }

  /** As the aggregator sends it on. */
  as(user: string, path: string, groups: readonly string[] = []): Promise<Reply> {
    const headers = {
      'X-Remote-User': user,
      ...(groups.length > 0 ? { 'X-Remote-Group': [...groups] } : {}),
    };
    return this.get(path, { client: proxy, headers });
  }
}

const open: Bench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

const TOLD: Record<string, Told> = {
  [keyOf('shop', 'cart-00001')]: {
    is: 'value',
    value: 12.5,
    at: instant(1_767_225_600_900),
    interval: seconds(15),
  },
  [keyOf('shop', 'idle-00001')]: {
    is: 'value',
    value: 0,
    at: instant(1_767_225_600_900),
    interval: seconds(2.5),
  },
  [keyOf('shop', 'dark-00001')]: {
    is: 'nothing',
    reason: 'QueryEmpty',
    message: 'The query finds no series.',
  },
  [keyOf('bank', 'gold-00001')]: { is: 'value', value: 7, at: instant(0), interval: seconds(15) },
};

const trustIn = (data: Record<string, string> = {}): Trust => {
  const read = readTrust({
    'client-ca-file': users.ca,
    'requestheader-client-ca-file': front.ca,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    ...data,
  });
  if (!read.ok) throw new Error(read.error);
  return read.value;
};

const failure = (code: number, reason: string): Json =>
  expect.objectContaining({ kind: 'Status', status: 'Failure', code, reason }) as unknown as Json;

describe('values', () => {
  test('the HPA gets the value of a revision, exact, with its time and window', async () => {
    const bench = await Bench.start();
    expect(await bench.as(HPA, OF('cart-00001'))).toEqual({
      code: 200,
      type: 'application/json',
      body: {
        kind: 'ExternalMetricValueList',
        apiVersion: 'external.metrics.k8s.io/v1beta1',
        metadata: {},
        items: [
          {
            metricName: 'hpa-bridge-query',
            metricLabels: { 'hpa-bridge.dev/revision': 'cart-00001' },
            timestamp: '2026-01-01T00:00:00Z',
            window: 15,
            value: '12500m',
          },
        ],
      },
    });
  });

  test('a zero that was measured is an item, not an empty list', async () => {
    const bench = await Bench.start();
    const { body } = await bench.as(HPA, OF('idle-00001'));
    expect(body).toMatchObject({ items: [{ value: '0', window: 3 }] });
  });

  test.each([
    ['that has nothing to tell', OF('dark-00001'), failure(503, 'ServiceUnavailable')],
    ['that is not measured', OF('none-00001'), failure(404, 'NotFound')],
    ['of another namespace', OF('gold-00001'), failure(404, 'NotFound')],
    ['that is not named', METRIC, failure(400, 'BadRequest')],
    [
      'that is one of two',
      `${METRIC}?labelSelector=hpa-bridge.dev%2Frevision%20in%20(cart-00001%2Cidle-00001)`,
      failure(400, 'BadRequest'),
    ],
    ['behind a selector that is none', `${METRIC}?labelSelector=a%20in%20b`, failure(400, 'BadRequest')],
    ['with a label it has not', `${OF('cart-00001')}%2Cteam%3Dx`, failure(404, 'NotFound')],
    ['by a name that leads out', OF('../bank/gold-00001'), failure(400, 'BadRequest')],
  ])('a revision %s is an error, never a value', async (_, path, expected) => {
    const bench = await Bench.start();
    expect((await bench.as(HPA, path)).body).toEqual(expected);
  });

  test('another metric is not found', async () => {
    const bench = await Bench.start();
    const path = OF('cart-00001').replace('hpa-bridge-query', 'queue_depth');
    expect((await bench.as(HPA, path)).body).toEqual(failure(404, 'NotFound'));
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is refused', async (method) => {
    const bench = await Bench.start();
    const headers = { 'X-Remote-User': HPA };
    expect((await bench.get(OF('cart-00001'), { client: proxy, headers, method })).body).toEqual(
      failure(405, 'MethodNotAllowed'),
    );
  });
});

describe('who asks', () => {
  const spoofed = { 'X-Remote-User': HPA, 'X-Remote-Group': 'system:masters' };

  test('headers without a client certificate name nobody', async () => {
    const bench = await Bench.start();
    expect((await bench.get(OF('cart-00001'), { headers: spoofed })).body).toEqual(failure(403, 'Forbidden'));
    expect(bench.asked).toMatchObject([{ user: 'system:anonymous', groups: ['system:unauthenticated'] }]);
  });

  test('a certificate of another CA with the right name is refused', async () => {
    const bench = await Bench.start();
    const client = await stranger.issue({ subject: 'CN=front-proxy-client', purposes: [CLIENT_AUTH] });
    expect((await bench.get(OF('cart-00001'), { client, headers: spoofed })).body).toEqual(
      failure(401, 'Unauthorized'),
    );
    expect(bench.asked).toEqual([]);
  });

  test('a name that is not allowed is refused', async () => {
    const bench = await Bench.start();
    const client = await front.issue({ subject: 'CN=somebody', purposes: [CLIENT_AUTH] });
    expect((await bench.get(OF('cart-00001'), { client, headers: spoofed })).code).toBe(401);
  });

  test('without a list of names every one that the CA has signed may speak', async () => {
    const bench = await Bench.start({ trust: trustIn({ 'requestheader-allowed-names': '[]' }) });
    const client = await front.issue({ subject: 'CN=somebody', purposes: [CLIENT_AUTH] });
    expect((await bench.get(OF('cart-00001'), { client, headers: { 'X-Remote-User': HPA } })).code).toBe(200);
  });

  test('a certificate that is not for clients is refused', async () => {
    const bench = await Bench.start();
    const client = await front.issue({ subject: 'CN=front-proxy-client', purposes: [SERVER_AUTH] });
    expect((await bench.get(OF('cart-00001'), { client, headers: spoofed })).code).toBe(401);
  });

  test('a certificate that has ended is refused', async () => {
    const bench = await Bench.start();
    const client = await front.issue({
      subject: 'CN=front-proxy-client',
      purposes: [CLIENT_AUTH],
      hours: -1,
    });
    expect((await bench.get(OF('cart-00001'), { client, headers: spoofed })).code).toBe(401);
  });

  test('a certificate of a CA below the one that is trusted is good', async () => {
    const bench = await Bench.start();
    const below = await front.below('front-proxy-intermediate');
    const client = await below.issue({ subject: 'CN=front-proxy-client', purposes: [CLIENT_AUTH] });
    expect((await bench.get(OF('cart-00001'), { client, headers: { 'X-Remote-User': HPA } })).code).toBe(200);
  });

  test('a certificate signed by a certificate that is no CA is refused', async () => {
    const bench = await Bench.start();
    const { cert, key } = proxy;
    const forged = await Authority.signedBy(
      { cert, key },
      { subject: 'CN=front-proxy-client', purposes: [CLIENT_AUTH] },
    );
    expect((await bench.get(OF('cart-00001'), { client: forged, headers: spoofed })).code).toBe(401);
  });

  test('a user certificate speaks for itself and not for others', async () => {
    const bench = await Bench.start();
    const client = await users.issue({
      subject: 'CN=tenant-of-shop, O=tenants, O=ops',
      purposes: [CLIENT_AUTH],
    });
    expect((await bench.get(OF('cart-00001'), { client, headers: spoofed })).code).toBe(200);
    expect(bench.asked).toMatchObject([
      { user: 'tenant-of-shop', groups: ['tenants', 'ops', 'system:authenticated'] },
    ]);
  });

  test('a user of the CA of the front proxy is nobody', async () => {
    const bench = await Bench.start();
    expect((await bench.get(OF('cart-00001'), { client: proxy })).code).toBe(401);
  });

  test('before the API server has said whom to believe nobody is believed', async () => {
    const bench = await Bench.start({ trust: { clientCa: undefined, requestHeaders: undefined } });
    expect((await bench.as(HPA, OF('cart-00001'))).code).toBe(403);
  });

  test('uid, groups and extras of the headers are what the right is checked for', async () => {
    const bench = await Bench.start();
    await bench.get('/apis', {
      client: proxy,
      headers: {
        'X-Remote-User': 'jane',
        'X-Remote-Uid': 'u-1',
        'X-Remote-Group': ['a', 'b, c'],
        'X-Remote-Extra-Example.com%2fScopes': ['x', 'y'],
      },
    });
    expect(bench.asked).toEqual([
      {
        user: 'jane',
        uid: 'u-1',
        groups: ['a', 'b, c', 'system:authenticated'],
        extra: { 'example.com/scopes': ['x', 'y'] },
        nonResourceAttributes: { path: '/apis', verb: 'get' },
      },
    ]);
  });

  test('a user in hundreds of groups is heard', async () => {
    const bench = await Bench.start();
    const groups = Array.from({ length: 900 }, (_, index) => `oidc:group-with-a-long-name-${index}`);
    expect((await bench.as(HPA, OF('cart-00001'), groups)).code).toBe(200);
  });

  test('the anonymous for whom the API server speaks stay anonymous', async () => {
    const bench = await Bench.start();
    expect((await bench.as('system:anonymous', OF('cart-00001'), ['system:unauthenticated'])).code).toBe(403);
    expect(bench.asked).toMatchObject([{ groups: ['system:unauthenticated'] }]);
  });

  test.each([
    ['good', 200],
    ['bad', 401],
  ])('a %s token', async (token, code) => {
    const bench = await Bench.start();
    const headers = { authorization: `Bearer ${token}` };
    expect((await bench.get(OF('cart-00001'), { headers })).code).toBe(code);
    expect((await bench.get(OF('cart-00001'), { headers })).code).toBe(code);
    expect(bench.asked.filter((each) => 'token' in each)).toEqual([{ token }]);
  });

  test('a token is in no log and in no answer, also when it cannot be checked', async () => {
    const bench = await Bench.start({ broken: true });
    const headers = { authorization: 'Bearer s3cret-token' };
    const reply = await bench.get(OF('cart-00001'), { headers });
    expect(reply.code).toBe(401);
    expect(JSON.stringify([reply, bench.log.lines])).not.toContain('s3cret');
  });
});

describe('who may', () => {
  test('a tenant gets its own values and not those of another namespace', async () => {
    const bench = await Bench.start();
    expect((await bench.as('tenant-of-shop', OF('cart-00001'))).code).toBe(200);
    const theirs = OF('gold-00001').replace('/shop/', '/bank/');
    expect((await bench.as('tenant-of-shop', theirs)).body).toEqual({
      ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
      message:
        'hpa-bridge-query.external.metrics.k8s.io is forbidden: User "tenant-of-shop" cannot list resource "hpa-bridge-query" in API group "external.metrics.k8s.io" in the namespace "bank"',
      reason: 'Forbidden',
      code: 403,
    });
  });

  test('a path that is written otherwise is judged as what it is', async () => {
    const bench = await Bench.start();
    for (const path of [
      '/namespaces/shop/../bank/',
      '/namespaces//bank/',
      '/namespaces/shop%2F..%2Fbank/',
      '/./namespaces/bank/',
    ]) {
      const reply = await bench.as('tenant-of-shop', OF('gold-00001').replace('/namespaces/shop/', path));
      expect([path, reply.code]).toEqual([path, 404]);
    }
  });

  test('what cannot be asked is not allowed', async () => {
    const bench = await Bench.start({ broken: true });
    expect((await bench.as(HPA, OF('cart-00001'))).body).toEqual(failure(500, 'InternalError'));
    expect((await bench.as(HPA, OF('cart-00001'))).code).toBe(500);
    expect(bench.asked).toHaveLength(2);
  });

  test('masters need no other right', async () => {
    const bench = await Bench.start({ broken: true });
    expect((await bench.as('root', OF('cart-00001'), ['system:masters'])).code).toBe(200);
  });

  test('the same question about rights is asked once', async () => {
    const bench = await Bench.start();
    for (let round = 0; round < 3; round += 1) await bench.as(HPA, OF('cart-00001'));
    expect(bench.asked).toHaveLength(1);
  });
});

describe('documents', () => {
  test('the group-less aggregator finds all that it asks for', async () => {
    const bench = await Bench.start();
    const get = (path: string) => bench.as('system:kube-aggregator', path);
    expect(await get('/apis/external.metrics.k8s.io/v1beta1')).toMatchObject({
      code: 200,
      body: { kind: 'APIResourceList' },
    });
    expect(await get('/apis')).toMatchObject({ code: 200, body: { kind: 'APIGroupList' } });
    expect(await get('/apis/external.metrics.k8s.io')).toMatchObject({
      code: 200,
      body: { kind: 'APIGroup' },
    });
    expect((await get('/nothing')).body).toEqual(failure(404, 'NotFound'));
  });

  test.each(['/openapi/v2', '/openapi/v3', '/openapi/v3?hash=1'])(
    '%s is not there, whoever asks',
    async (path) => {
      const bench = await Bench.start({ broken: true });
      expect((await bench.get(path)).code).toBe(404);
    },
  );

  test.each(['/healthz', '/livez', '/readyz'])('%s needs no right', async (path) => {
    const bench = await Bench.start({ broken: true });
    expect(await bench.get(path)).toMatchObject({ code: 200, body: 'ok' });
  });
});

describe('rotation', () => {
  test('a connection that is open outlives a new one', async () => {
    const bench = await Bench.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];
    const ask = (): Promise<Reply> => {
      const headers = { 'X-Remote-User': HPA };
      return bench.get(OF('cart-00001'), {
        client: proxy,
        headers,
        agent,
        onReused: (was) => reused.push(was),
      });
    };
    expect((await ask()).code).toBe(200);
    bench.server.show(await serving.issue({ subject: 'CN=new', purposes: [SERVER_AUTH], names: [NAME] }));
    expect((await ask()).code).toBe(200);
    expect(reused).toEqual([false, true]);
    agent.destroy();
    expect((await bench.as(HPA, OF('cart-00001'))).code).toBe(200);
  });

  test('a new certificate is shown to new connections while requests go on, and none fails', async () => {
    const bench = await Bench.start();
    let rounds = 0;
    const codes = new Set<number>();
    const asking = (async (): Promise<void> => {
      for (; rounds < 60; rounds += 1) codes.add((await bench.as(HPA, OF('cart-00001'))).code);
    })();
    for (let turn = 0; turn < 5; turn += 1) {
      const upTo = rounds + 8;
      while (rounds < upTo) await systemClock.sleep(seconds(0.005));
      bench.server.show(
        await serving.issue({ subject: `CN=turn-${turn}`, purposes: [SERVER_AUTH], names: [NAME] }),
      );
    }
    await asking;
    expect([...codes]).toEqual([200]);
  });
});
