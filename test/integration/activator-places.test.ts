import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request as http1Request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  credentials,
  Metadata,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { WebSocket, WebSocketServer } from 'ws';
import { startProxy, type Proxy } from '../../src/adapters/proxy/proxy.ts';
import { TimerWheel } from '../../src/engine/timer-wheel.ts';
import { ms, seconds } from '../../src/domain/time.ts';
import type { Access } from '../../src/ports/access.ts';
import { answerOf, ask, askHttp2, headOf, openHttp2, RawClient } from '../contracts/activator/client.ts';
import { Pod } from '../contracts/activator/pod.ts';
import { askedIn, eventually, valuesOf } from '../contracts/activator/words.ts';
import { selfSigned, type SelfSigned } from '../doubles/certificate.ts';
import { ManualClock } from '../doubles/manual-clock.ts';
import { OpenThrottler, REVISION } from '../doubles/open-throttler.ts';

const revision = { 'knative-serving-revision': 'rev', 'knative-serving-namespace': 'ns' };
const RAW = 'Host: a\r\nknative-serving-revision: rev\r\nknative-serving-namespace: ns\r\n';

let clock: ManualClock;
let throttler: OpenThrottler;
let pod: Pod;
let proxy: Proxy;
let accesses: Access[];
let missing: readonly string[];
let podCa: string | undefined;
let port: number;

beforeEach(async () => {
  clock = new ManualClock();
  throttler = new OpenThrottler();
  accesses = [];
  missing = [];
  podCa = undefined;
  pod = await Pod.start();
  proxy = await startProxy({
    alarms: new TimerWheel(clock, ms(50)),
    ...{ throttler, clock, address: '127.0.0.1', ports: [0, 0], tlsPort: 0, clusterDomain: 'cluster.local' },
    podAuthorities: () => podCa,
    onAccess: (access) => accesses.push(access),
    self: () => ({ missing, name: 'shim-0' }),
  });
  port = proxy.ports[0] ?? 0;
});
afterEach(async () => {
  pod.stop();
  await passUntil(proxy.close());
});

/** Lets time pass until something is done. */
async function passUntil(done: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  void done.finally(() => ended.abort());
  while (!ended.signal.aborted) await clock.pass(50);
  await done;
}

const get = (path: string, headers = {}): ReturnType<typeof ask> =>
  ask({ port, path, headers: { ...revision, ...headers } });
const post = (path: string, body: string | Buffer): ReturnType<typeof ask> =>
  ask({
    port,
    path,
    method: 'POST',
    headers: { ...revision, 'content-length': Buffer.byteLength(body) },
    body,
  });

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

describe('waiting for a place', () => {
  test('a request waits until a pod comes, counts as in flight meanwhile, and arrives whole', async () => {
    const answer = post('/', 'x'.repeat(100_000));
    await eventually(() => throttler.waiting === 1);
    expect([throttler.inFlight, throttler.arrivals]).toEqual([1, 1]);
    throttler.open(pod.origin);
    expect(askedIn(await answer).bytes).toBe(100_000);
    expect([throttler.inFlight, throttler.outcomes]).toEqual([0, ['done']]);
  });

  test.each(['HTTP/1', 'HTTP/2'])('a request that waits says what it holds (%s)', async (protocol) => {
    const session = openHttp2(port);
    const headers = { ...revision, 'x-long': 'x'.repeat(5_000) };
    const answer =
      protocol === 'HTTP/1'
        ? ask({ port, path: '/', method: 'POST', headers, body: 'y'.repeat(3_000) })
        : askHttp2(session, { path: '/', method: 'POST', headers, body: 'y'.repeat(3_000) });
    await eventually(() => throttler.heldBytes > 8_000);
    expect(throttler.heldBytes).toBeLessThan(9_000);
    throttler.open(pod.origin);
    expect((await answer).status).toBe(200);
    session.destroy();
  });

  test('nobody is given leave to send a body before there is a pod for it', async () => {
    const client = new RawClient(port);
    client.send(`POST / HTTP/1.1\r\n${RAW}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
    await eventually(() => throttler.waiting === 1);
    await ask({ port, path: '/', headers: { 'k-network-probe': 'activator' } });
    expect(client.received).toBe('');
    throttler.open(pod.origin);
    expect(await client.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 100 /);
    client.send('body');
    expect(await client.until((text) => text.includes('}'))).toContain('"bytes":4');
    client.socket.destroy();
  });

  test('who waited for leave and is refused loses the connection: what comes next on it could be either', async () => {
    throttler.refusing = { status: 503, message: 'full', retryAfter: undefined };
    const client = new RawClient(port);
    client.send(`POST / HTTP/1.1\r\n${RAW}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
    expect((await client.closed()).toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  test.each(['HTTP/1', 'HTTP/2'])('a client that goes away waits no more (%s)', async (protocol) => {
    const session = openHttp2(port);
    const client = new RawClient(port);
    if (protocol === 'HTTP/1') client.send(`GET / HTTP/1.1\r\n${RAW}\r\n`);
    else session.request({ ':path': '/', ...revision }).on('error', () => undefined);
    await eventually(() => throttler.waiting === 1);
    client.socket.destroy();
    session.destroy();
    await eventually(() => throttler.waiting === 0);
    await eventually(() => accesses.length === 1);
    expect(throttler.inFlight).toBe(0);
    expect(accesses).toMatchObject([{ protocol, ended: 'gone', status: 0, held: undefined }]);
    throttler.open(pod.origin);
    expect(pod.asked).toBe(0);
  });

  test('requests that were sent one after another wait together, and all leave with their connection', async () => {
    const client = new RawClient(port);
    client.send(`GET /1 HTTP/1.1\r\n${RAW}\r\n`.repeat(3));
    await eventually(() => throttler.waiting === 3);
    client.socket.destroy();
    await eventually(() => throttler.waiting === 0);
    expect(throttler.inFlight).toBe(0);
  });

  test('who is refused is told why, and when to come again', async () => {
    throttler.refusing = { status: 503, message: 'pending request queue full', retryAfter: 2.5 };
    const { status, body, headers } = await get('/');
    expect([status, body, headers['retry-after']]).toEqual([503, 'pending request queue full', '3']);
    const session = openHttp2(port);
    const answer = await askHttp2(session, { path: '/', headers: revision });
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([
      503,
      'pending request queue full',
      '3',
    ]);
    session.destroy();
  });
});

describe('limits', () => {
  const limited = (limits: object): void => {
    throttler.revisions = { [REVISION]: limits };
  };
  /** Asks, and lets time pass once the claim holds. */
  async function after(claim: () => boolean, pass: number, path = '/never'): ReturnType<typeof ask> {
    const answer = get(path);
    void answer.catch(() => undefined);
    await eventually(claim);
    await clock.pass(pass);
    return answer;
  }

  test('the time in the queue counts', async () => {
    limited({ timeout: seconds(10) });
    const { status, body } = await after(() => throttler.waiting === 1, 10_100);
    expect([status, body, throttler.waiting]).toEqual([504, 'activator request timeout', 0]);
    expect(accesses).toMatchObject([{ ended: 'timed out', status: 504 }]);
  });

  test('a pod that does not answer in time is left', async () => {
    limited({ timeout: seconds(10) });
    throttler.origins = [pod.origin];
    expect((await after(() => pod.asked === 1, 10_100)).status).toBe(504);
    await eventually(() => pod.gone === 1);
    expect([throttler.inFlight, throttler.outcomes]).toEqual([0, ['done']]);
  });

  test('nothing happens before the time', async () => {
    limited({ timeout: seconds(10) });
    throttler.origins = [pod.origin];
    const answer = get('/wait');
    await eventually(() => pod.waiting === 1);
    await clock.pass(9_900);
    pod.answerWaiting();
    expect((await answer).body).toBe('waited');
  });

  test('the answer must begin in time', async () => {
    limited({ responseStartTimeout: seconds(3) });
    throttler.origins = [pod.origin];
    expect((await after(() => pod.asked === 1, 3_100)).status).toBe(504);
  });

  test('silence before the answer counts as silence', async () => {
    limited({ idleTimeout: seconds(2) });
    expect((await after(() => throttler.waiting === 1, 2_100)).status).toBe(504);
  });

  test('an answer that has begun is broken off', async () => {
    limited({ timeout: seconds(10), responseStartTimeout: seconds(1), idleTimeout: seconds(9) });
    throttler.origins = [pod.origin];
    const request = http1Request({ port, path: '/events', headers: revision, agent: false });
    request.end();
    const response = await headOf(request);
    await once(response, 'data');
    await clock.pass(8_000);
    expect(response.destroyed).toBe(false);
    const broken = answerOf(response);
    void broken.catch(() => undefined);
    await clock.pass(2_100);
    await expect(broken).rejects.toThrow();
    expect(accesses).toMatchObject([{ ended: 'timed out', status: 200, bytes: 9 }]);
  });

  test('on HTTP/2, an answer that has begun is broken off, too', async () => {
    limited({ timeout: seconds(10) });
    throttler.origins = [pod.origin];
    const session = openHttp2(port);
    const answer = askHttp2(session, { path: '/events', headers: revision });
    await eventually(() => pod.waiting === 1);
    await clock.pass(10_100);
    const { status, code } = await answer;
    expect([status, code === 0]).toEqual([200, false]);
    session.destroy();
  });

  test('another protocol is spoken no longer than that', async () => {
    limited({ timeout: seconds(10) });
    throttler.origins = [pod.origin];
    const client = new RawClient(port);
    client.send(`GET /chat HTTP/1.1\r\n${RAW}Connection: Upgrade\r\nUpgrade: chat\r\n\r\n`);
    await client.until((text) => text.includes('101'));
    await clock.pass(10_100);
    await client.closed();
    await eventually(() => pod.gone === 1);
    expect(throttler.inFlight).toBe(0);
  });
});

describe('pods that cannot be reached', () => {
  test.each(['HTTP/1', 'HTTP/2'])('another one gets the request whole (%s)', async (protocol) => {
    throttler.origins = [`http://127.0.0.1:${await deadPort()}`, pod.origin];
    const session = openHttp2(port);
    const answer =
      protocol === 'HTTP/1'
        ? await post('/', 'x'.repeat(100_000))
        : await askHttp2(session, {
            path: '/',
            method: 'POST',
            headers: revision,
            body: 'x'.repeat(100_000),
          });
    expect(askedIn(answer).bytes).toBe(100_000);
    expect(throttler.outcomes).toEqual(['unreachable', 'done']);
    expect(accesses).toMatchObject([{ ended: 'answered', places: 2 }]);
    session.destroy();
  });

  test('without a body, too', async () => {
    throttler.origins = [`http://127.0.0.1:${await deadPort()}`, pod.origin];
    expect(askedIn(await get('/')).method).toBe('GET');
    expect(throttler.outcomes).toEqual(['unreachable', 'done']);
  });

  test('but not for ever', async () => {
    throttler.forgetful = true;
    throttler.origins = [`http://127.0.0.1:${await deadPort()}`];
    expect((await get('/')).status).toBe(502);
    expect(throttler.outcomes).toEqual(Array.from({ length: 8 }, () => 'unreachable'));
    expect(accesses).toMatchObject([{ ended: 'failed', status: 502, places: 8 }]);
  });
});

describe('kept connections', () => {
  test('one that turns out to be dead costs a request nothing that is safe to send twice', async () => {
    throttler.origins = [pod.origin];
    expect((await get('/dies-if-kept')).body).toBe('fresh');
    expect((await get('/dies-if-kept')).body).toBe('fresh');
    expect([pod.asked, throttler.outcomes]).toEqual([3, ['done', 'done']]);
  });

  test('what may have had an effect is not sent twice', async () => {
    throttler.origins = [pod.origin];
    await post('/dies-if-kept', 'x');
    const { status } = await post('/dies-if-kept', 'x');
    expect([status, pod.asked]).toEqual([502, 2]);
  });

  test('a pod that has gone away meanwhile is found out before anything is sent', async () => {
    throttler.origins = [pod.origin];
    await get('/');
    await post('/', 'x');
    pod.kill();
    await new Promise((resolve) => setImmediate(resolve));
    await eventually(() => pod.open === 0);
    expect((await post('/', 'x')).status).toBe(200);
    expect((await get('/')).status).toBe(200);
  });

  test('clients are told to go elsewhere once the pods are in the path', async () => {
    throttler.origins = [pod.origin];
    const agent = new Agent({ keepAlive: true });
    const once1 = async (): Promise<string | undefined> => {
      const request = http1Request({ port, path: '/', headers: revision, agent });
      request.end();
      const response = await headOf(request);
      await answerOf(response);
      return response.headers.connection;
    };
    expect(await once1()).toBe('keep-alive');
    throttler.bypassed = true;
    expect(await once1()).toBe('close');
    agent.destroy();
    const session = openHttp2(port);
    const away = once(session, 'goaway');
    expect((await askHttp2(session, { path: '/', headers: revision })).status).toBe(200);
    expect((await away)[0]).toBe(0);
  });
});

describe('stopping', () => {
  test('what is under way ends well, and nobody is taken any more', async () => {
    throttler.origins = [pod.origin];
    const session = openHttp2(port);
    const idle = new RawClient(port).send(`GET / HTTP/1.1\r\n${RAW}\r\n`);
    await idle.until((text) => text.includes('}'));
    const answers = [get('/wait'), askHttp2(session, { path: '/wait', headers: revision })];
    await eventually(() => pod.waiting === 2);
    const ended: string[] = [];
    const closing = proxy.close().then(() => void ended.push('the proxy'));
    await idle.closed();
    await expect(get('/')).rejects.toThrow('ECONNREFUSED');
    await clock.pass(1_000);
    expect(ended).toEqual([]);
    pod.answerWaiting();
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['waited', 'waited']);
    await passUntil(closing);
  });

  test('kubelet is told at once, others are served', async () => {
    throttler.origins = [pod.origin];
    missing = ['the end of this process'];
    const { status, body } = await ask({ port, path: '/', headers: { 'user-agent': 'kube-probe/1.36' } });
    expect([status, body]).toEqual([500, 'not ready, waiting for: the end of this process']);
    expect((await get('/')).status).toBe(200);
  });
});

test('both ports speak both protocols', async () => {
  throttler.origins = [pod.origin];
  for (const each of proxy.ports) {
    expect(askedIn(await ask({ port: each, path: '/', headers: revision })).protocol).toBe('HTTP/1.1');
    const session = openHttp2(each);
    expect(askedIn(await askHttp2(session, { path: '/', headers: revision })).protocol).toBe('HTTP/2');
    session.destroy();
  }
});

test('a preface that comes byte by byte is heard', async () => {
  const client = new RawClient(port);
  for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
    client.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.send('\0\0\0\x04\0\0\0\0\0');
  // The server's own settings come first.
  expect((await client.until((text) => text.length >= 9)).charCodeAt(3)).toBe(4);
  client.socket.destroy();
});

test('our answer to the probe for activators names the pod', async () => {
  const { headers } = await ask({ port, path: '/', headers: { 'k-network-probe': 'activator' } });
  expect(headers['k-hpa-bridge-activator']).toBe('shim-0');
});

test('a mesh gets the host and the headers by which it routes', async () => {
  throttler.origins = [pod.origin];
  throttler.extra = { host: 'rev-private.ns', headers: ['K-Passthrough-Lb', 'true'] };
  const { raw } = askedIn(await get('/', { 'k-passthrough-lb': 'false' }));
  expect([valuesOf(raw, 'host'), valuesOf(raw, 'k-passthrough-lb')]).toEqual([['rev-private.ns'], ['true']]);
});

test('how a request went is told', async () => {
  throttler.origins = [pod.origin];
  await get('/big');
  const [access] = accesses;
  expect(access).toEqual({
    ...{ key: REVISION, protocol: 'HTTP/1', status: 200, ended: 'answered', places: 1, bytes: 10 * 2 ** 20 },
    ...{ held: ms(0), firstByte: ms(0), total: ms(0) },
  });
});

describe('TLS', () => {
  const served = selfSigned('routing', ['kn-routing']);
  const replaced = selfSigned('routing', ['kn-routing']);
  const options = ({ cert }: SelfSigned): object => ({
    ca: cert,
    servername: 'kn-routing',
    minVersion: 'TLSv1.3',
  });

  test('speaks what is agreed upon, and shows new clients the newest certificate', async () => {
    throttler.origins = [pod.origin];
    const at = proxy.tlsPort ?? 0;
    await expect(tlsPeer(at, options(served))).rejects.toThrow();
    proxy.show(served);
    const request = httpsRequest({
      port: at,
      path: '/',
      headers: revision,
      agent: false,
      ...options(served),
    });
    request.end();
    expect(askedIn(await answerOf(await headOf(request))).protocol).toBe('HTTP/1.1');
    const session = connectHttp2(`https://127.0.0.1:${at}`, options(served));
    expect(askedIn(await askHttp2(session, { path: '/', headers: revision })).protocol).toBe('HTTP/2');
    proxy.show(replaced);
    await expect(tlsPeer(at, options(served))).rejects.toThrow();
    await tlsPeer(at, options(replaced));
    // The connection that was open stays.
    expect((await askHttp2(session, { path: '/', headers: revision })).status).toBe(200);
    session.destroy();
  });

  test.each(['GET', 'POST'])('a pod must be one of the namespace (%s)', async (method) => {
    const good = selfSigned('pod', ['kn-user-ns', 'data-plane.knative.dev']);
    const bad = selfSigned('pod', ['kn-user-other', 'data-plane.knative.dev']);
    const body = method === 'POST' ? { body: 'x' } : {};
    const statusOf = async (pair: SelfSigned): Promise<number> => {
      const server = createHttpsServer(pair, (_request, response) => response.end('ok'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      throttler.origins = [`https://127.0.0.1:${(server.address() as AddressInfo).port}`];
      throttler.forgetful = true;
      podCa = pair.cert;
      const { status } = await ask({ port, path: '/', method, headers: revision, ...body });
      server.closeAllConnections();
      server.close();
      return status;
    };
    expect(await statusOf(good)).toBe(200);
    expect(await statusOf(bad)).toBe(502);
  });
});

/** Resolves when a handshake succeeds. */
function tlsPeer(at: number, options: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: at, host: '127.0.0.1', ...options });
    // Over TLS 1.3 a refusal may come after the handshake looks done.
    socket.once('secureConnect', () =>
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nK-Network-Probe: activator\r\n\r\n'),
    );
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject).once('close', () => reject(new Error('closed')));
  });
}

test('a WebSocket wakes a revision, and carries messages of any size both ways', async () => {
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: revision });
  await eventually(() => throttler.waiting === 1);
  throttler.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'open');
  for (const size of [1, 100_000]) {
    const sent = Buffer.alloc(size, 'w');
    client.send(sent);
    expect(sent.equals(((await once(client, 'message')) as [Buffer])[0])).toBe(true);
  }
  client.close(1000);
  await once(client, 'close');
  await eventually(() => throttler.inFlight === 0 && throttler.placed === 0);
  expect(accesses).toMatchObject([{ status: 101, ended: 'answered' }]);
  sockets.close();
  server.close();
});

describe('gRPC', () => {
  const bytes = (value: Buffer): Buffer => value;
  const method = (path: string, stream: boolean): object => ({
    ...{ path, requestStream: stream, responseStream: stream },
    ...{
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  });
  const service = {
    chat: method('/lab.Echo/Chat', true),
    say: method('/lab.Echo/Say', false),
  } as ServiceDefinition;

  test('calls and streams wake a revision and have their status', async () => {
    const server = new Server();
    server.addService(service, {
      chat: (call: ServerDuplexStream<Buffer, Buffer>) => {
        call.on('data', (message: Buffer) => call.write(message)).on('end', () => call.end());
      },
      say: (_call: unknown, done: (error: { code: number; details: string }) => void) =>
        done({ code: 9, details: 'not now' }),
    });
    const at = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    const Client = makeGenericClientConstructor(service, 'Echo');
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(revision)) metadata.set(name, value);
    const chat = client.makeBidiStreamRequest('/lab.Echo/Chat', bytes, bytes, metadata);
    chat.write(Buffer.from('one'));
    await eventually(() => throttler.waiting === 1);
    throttler.open(`http://127.0.0.1:${at}`);
    expect(String(((await once(chat, 'data')) as [Buffer])[0])).toBe('one');
    chat.write(Buffer.from('two'));
    expect(String(((await once(chat, 'data')) as [Buffer])[0])).toBe('two');
    chat.end();
    expect(((await once(chat, 'status')) as [{ code: number }])[0].code).toBe(0);
    const refused = await new Promise((resolve) =>
      client.makeUnaryRequest('/lab.Echo/Say', bytes, bytes, Buffer.from('x'), metadata, (error) =>
        resolve(error),
      ),
    );
    expect(refused).toMatchObject({ code: 9, details: 'not now' });
    client.close();
    server.forceShutdown();
  });
});

test('the trace that a request belongs to goes on as it came, over both protocols', async () => {
  throttler.origins = [pod.origin];
  const trace = {
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
    baggage: 'team=shop',
  };
  const session = openHttp2(port);
  const answers = [
    await get('/', trace),
    await askHttp2(session, { path: '/', headers: { ...revision, ...trace } }),
  ];
  session.destroy();
  for (const answer of answers) {
    const { raw } = askedIn(answer);
    expect(Object.keys(trace).map((name) => valuesOf(raw, name))).toEqual(
      Object.values(trace).map((value) => [value]),
    );
  }
  expect(throttler.answers).toBe(2);
});
