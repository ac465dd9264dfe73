import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { keyOf } from '../../../../src/domain/key.ts';
import { RESOURCES } from '../../../../src/domain/k8s/resources.ts';
import { ms, seconds } from '../../../../src/domain/time.ts';
import { selfSigned } from '../../../doubles/certificate.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import {
  answer,
  isWatch,
  line,
  page,
  reset,
  ScriptedApi,
  silence,
  stream,
  type Answer,
} from '../../../doubles/scripted-api.ts';
import { connected, faultFrom, kubeconfig, never, type Connected } from './connected.ts';

const KEY = keyOf('team', 'a');
const found = answer(200, { kind: 'Pod', metadata: { name: 'a', namespace: 'team' } });
const get = ({ api }: Connected, signal?: AbortSignal): Promise<unknown> =>
  api.reader.get(RESOURCES.Pod, KEY, signal);

let server: ScriptedApi;
beforeEach(async () => {
  server = await ScriptedApi.start();
});
afterEach(() => server.close());

describe('requests', () => {
  test('one after the other share a connection, and say who we are', async () => {
    server.on(() => true, found);
    await using session = await connected(kubeconfig(server.url));
    for (let i = 0; i < 20; i++) await get(session);
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer good',
      'user-agent': 'hpa-bridge/1.2.3',
    });
  });

  test('watches do not keep requests waiting', async () => {
    server
      .on(isWatch, stream([line('BOOKMARK', { metadata: { resourceVersion: '1' } })], 'stay'))
      .on(() => true, found);
    await using session = await connected(kubeconfig(server.url));
    const stop = new AbortController();
    const watches = Array.from({ length: 40 }, async () => {
      const from = { resourceVersion: '1', timeout: seconds(60), idle: seconds(60) };
      for await (const event of session.api.reader.watch({ resource: RESOURCES.Pod }, from, stop.signal))
        expect(event.type).toBe('BOOKMARK');
    });
    while (server.requests.length < 40) await new Promise((go) => setImmediate(go));
    await expect(get(session)).resolves.toMatchObject({ kind: 'Pod' });
    stop.abort(new Error('enough'));
    expect((await Promise.allSettled(watches)).map(({ status }) => status)).not.toContain('fulfilled');
  });

  test('a path in the server address is kept', async () => {
    server.on('/clusters/one/api/v1/namespaces/team/pods/a', found);
    await using session = await connected(kubeconfig(`${server.url}/clusters/one/`));
    await expect(get(session)).resolves.toMatchObject({ kind: 'Pod' });
  });

  test('go through the proxy that the kubeconfig names', async () => {
    server.on(isWatch, stream([line('BOOKMARK', { metadata: { resourceVersion: '3' } })], 'end'));
    server.on(({ headers }) => headers.host === 'kube.test:8001', found);
    const text = kubeconfig('http://kube.test:8001', { token: 'good' }, { 'proxy-url': server.url });
    await using session = await connected(text);
    await expect(get(session)).resolves.toMatchObject({ kind: 'Pod' });
    const from = { resourceVersion: '1', timeout: seconds(60), idle: seconds(60) };
    for await (const event of session.api.reader.watch({ resource: RESOURCES.Pod }, from, never()))
      expect(event).toEqual({ type: 'BOOKMARK', resourceVersion: '3' });
  });

  test('an aborted request throws the reason', async () => {
    server.on(() => true, silence);
    await using session = await connected(kubeconfig(server.url));
    const stop = new AbortController();
    const asked = get(session, stop.signal);
    while (server.requests.length === 0) await new Promise((go) => setImmediate(go));
    stop.abort(new Error('shutting down'));
    await expect(asked).rejects.toThrow('shutting down');
    await expect(get(session, stop.signal)).rejects.toThrow('shutting down');
  });

  test('are measured by verb and code; watches are not', async () => {
    server.on(isWatch, answer(503, '')).on(() => true, found, answer(500, ''), reset);
    await using session = await connected(kubeconfig(server.url));
    await get(session);
    await faultFrom(get(session));
    await faultFrom(get(session));
    const from = { resourceVersion: '1', timeout: seconds(60), idle: seconds(60) };
    const events = session.api.reader
      .watch({ resource: RESOURCES.Pod }, from, never())
      [Symbol.asyncIterator]();
    await faultFrom(events.next());
    const count = (verb: string, code: string): number =>
      session.telemetry.valueOf('hpa_bridge_api_request_seconds', { verb, code });
    expect([count('get', '200'), count('get', '500'), count('get', 'error'), count('watch', '503')]).toEqual([
      1, 1, 1, 0,
    ]);
  });

  test('warnings of the server are said once, headers and tokens never', async () => {
    const warned = (text: string): Answer =>
      answer(200, { kind: 'Pod', metadata: { name: 'a' } }, { warning: `299 - "${text}"` });
    server.on(() => true, warned('v1 Pod is \\"old\\"'), warned('v1 Pod is \\"old\\"'), warned('other'));
    await using session = await connected(kubeconfig(server.url));
    for (let i = 0; i < 3; i++) await get(session);
    expect(session.log.lines.map(({ level, fields }) => [level, fields.detail])).toEqual([
      ['debug', 'v1 Pod is "old"'],
      ['debug', 'other'],
    ]);
    expect(JSON.stringify(session.log.lines)).not.toContain('good');
  });
});

describe('the rate limit', () => {
  test('lets a burst pass and then so many a second, in the order of asking', async () => {
    server.on(() => true, found);
    const clock = new ManualClock();
    await using session = await connected(kubeconfig(server.url), {
      clock,
      limit: { perSecond: 2, burst: 3 },
    });
    const done: number[] = [];
    const all = Array.from({ length: 6 }, (_, i) => get(session).then(() => done.push(i)));
    const arrive = async (count: number): Promise<void> => {
      while (done.length < count) await new Promise((go) => setImmediate(go));
    };
    await arrive(3);
    await clock.pass(499);
    expect(done.toSorted()).toEqual([0, 1, 2]);
    await clock.pass(1);
    await arrive(4);
    await clock.pass(500);
    await arrive(5);
    await clock.pass(500);
    await Promise.all(all);
    expect(done.slice(3)).toEqual([3, 4, 5]);
  });

  test('a request that gives up gives its turn back, and watches need none', async () => {
    server.on(isWatch, stream([], 'end')).on(() => true, found);
    const clock = new ManualClock();
    await using session = await connected(kubeconfig(server.url), {
      clock,
      limit: { perSecond: 1, burst: 1 },
    });
    await get(session);
    const stop = new AbortController();
    const first = get(session, stop.signal);
    stop.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const from = { resourceVersion: '1', timeout: seconds(60), idle: seconds(60) };
    for await (const event of session.api.reader.watch({ resource: RESOURCES.Pod }, from, never()))
      expect(event).toBeUndefined();
    const second = get(session);
    await clock.pass(1000);
    await expect(second).resolves.toMatchObject({ kind: 'Pod' });
  });
});

describe('deadlines and TLS', () => {
  test('a server that takes the request and never answers', async () => {
    server.on(() => true, silence);
    await using session = await connected(kubeconfig(server.url), { deadlines: { headers: ms(50) } });
    expect((await faultFrom(get(session))).message).toContain('did not begin to answer in time');
  });

  test('a server that falls silent in the middle of an answer', async () => {
    server.on(() => true, stream(['{"kind":'], 'stay'));
    await using session = await connected(kubeconfig(server.url), { deadlines: { body: ms(50) } });
    expect((await faultFrom(get(session))).message).toContain('fell silent in the middle of an answer');
  });

  test('a server that cuts an answer short', async () => {
    server.on(() => true, stream(['{"kind":'], 'reset'));
    await using session = await connected(kubeconfig(server.url));
    expect((await faultFrom(get(session))).message).toContain('closed the connection');
  });

  test('nobody listens', async () => {
    const port = createServer().listen(0, '127.0.0.1');
    await once(port, 'listening');
    const address = port.address();
    const at = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    port.close();
    await once(port, 'close');
    await using session = await connected(kubeconfig(at));
    expect((await faultFrom(get(session))).message).toContain('refused the connection');
  });

  test('a server that we know, and one that knows us', async () => {
    const [serving, client] = [selfSigned('kube-apiserver'), selfSigned('bridge')];
    const secure = await ScriptedApi.start({ ...serving, clientCa: client.cert });
    secure.on(() => true, found);
    const data = (text: string): string => Buffer.from(text).toString('base64');
    const user = { 'client-certificate-data': data(client.cert), 'client-key-data': data(client.key) };
    const trusted = { 'certificate-authority-data': data(serving.cert) };
    await using session = await connected(kubeconfig(secure.url, user, trusted));
    await expect(get(session)).resolves.toMatchObject({ kind: 'Pod' });
    await secure.close();
  });

  test.each([
    { which: 'of another CA', serving: selfSigned('x'), trusted: false, says: /another CA|self-signed/ },
    { which: 'of another name', serving: selfSigned('x', []), trusted: true, says: /another name/ },
    {
      which: 'that has expired',
      serving: selfSigned('x', ['localhost'], -1),
      trusted: true,
      says: /has expired/,
    },
  ])('a certificate $which is refused', async ({ serving, trusted, says }) => {
    const secure = await ScriptedApi.start(serving);
    secure.on(() => true, found);
    const ca = trusted ? serving.cert : selfSigned('other').cert;
    const cluster = { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
    await using session = await connected(kubeconfig(secure.url, { token: 'good' }, cluster));
    const fault = await faultFrom(get(session));
    expect(fault.code).toBe('api_unavailable');
    expect(fault.message).toMatch(says);
    await secure.close();
  });

  test('nothing is verified only where the kubeconfig says so', async () => {
    const secure = await ScriptedApi.start(selfSigned('x'));
    secure.on(() => true, page('1', []));
    const text = kubeconfig(secure.url, { token: 'good' }, { 'insecure-skip-tls-verify': true });
    await using session = await connected(text);
    await expect(session.api.reader.list({ resource: RESOURCES.Pod }, {}, never())).resolves.toMatchObject({
      items: [],
    });
    await secure.close();
  });
});

test('closing lets a request in flight finish and ends watches', async () => {
  let release: () => void = () => undefined;
  server.on(isWatch, stream([], 'stay')).on(
    () => true,
    (request, response) => (release = () => found(request, response)),
  );
  const session = await connected(kubeconfig(server.url));
  const from = { resourceVersion: '1', timeout: seconds(60), idle: seconds(60) };
  const events = session.api.reader.watch({ resource: RESOURCES.Pod }, from, never())[Symbol.asyncIterator]();
  const next = faultFrom(events.next());
  const asked = get(session);
  while (server.requests.length < 2) await new Promise((go) => setImmediate(go));
  const closed = session[Symbol.asyncDispose]();
  expect((await next).code).toBe('api_unavailable');
  release();
  await expect(asked).resolves.toMatchObject({ kind: 'Pod' });
  await closed;
  expect((await faultFrom(get(session))).message).toContain('closed on our side');
});
