import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { HttpStatSource } from '../../../../src/adapters/scrape/stat-source.ts';
import { systemClock } from '../../../../src/adapters/time/system-clock.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import { bytesOf, QueueProxies } from '../../../doubles/queue-proxies.ts';

const POD = '127.0.0.2';
let pods: QueueProxies;
let source: HttpStatSource;
beforeEach(async () => {
  pods = await QueueProxies.start();
  source = new HttpStatSource({ clock: systemClock, version: '1.2.3', port: pods.port });
});
afterEach(async () => {
  await source.close();
  await pods.stop();
});

const answering = (write: (response: ServerResponse) => void): Promise<void> =>
  pods.answer(POD, (_request, response) => write(response));
const failure = async (host = POD): Promise<unknown> => {
  const answer = await source.ask(host);
  return answer.ok ? answer : answer.error;
};

test('a report is read, and asked for as queue-proxy wants to be asked', async () => {
  const seen: unknown[] = [];
  await pods.answer(POD, ({ method, url, headers }, response) => {
    seen.push([method, url, headers.accept, headers['user-agent']]);
    response.setHeader('content-type', 'application/protobuf');
    response.end(bytesOf({ podName: 'pod-1', averageConcurrentRequests: 2.5, requestCount: 7 }));
  });
  expect(await source.ask(POD)).toMatchObject({
    ok: true,
    value: { podName: 'pod-1', averageConcurrentRequests: 2.5, requestCount: 7, processUptime: 0 },
  });
  expect(seen).toEqual([['GET', '/metrics', 'application/protobuf', 'hpa-bridge/1.2.3']]);
});

test('a pod behind a mesh is asked in the name of its Service', async () => {
  const seen: unknown[] = [];
  await pods.answer(POD, ({ headers }, response) => {
    seen.push([headers.host, headers['k-passthrough-lb'], headers['knative-direct-lb']]);
    response.setHeader('content-type', 'application/protobuf').end(bytesOf({ requestCount: 7 }));
  });
  expect(await source.ask(POD, 'hello-private.default')).toMatchObject({ ok: true });
  expect(await source.ask(POD)).toMatchObject({ ok: true });
  expect(seen).toEqual([
    ['hello-private.default', 'true', 'true'],
    [`${POD}:${pods.port}`, undefined, undefined],
  ]);
});

test('one connection serves question after question', async () => {
  await pods.answer(POD, { requestCount: 1 });
  for (let turn = 0; turn < 5; turn += 1) expect((await source.ask(POD)).ok).toBe(true);
  expect(pods.asked.get(POD)).toBe(5);
  expect(pods.connections.get(POD)).toBe(1);
});

test('each question to a Service has a connection of its own, behind which another pod may be', async () => {
  // A name, as a Service has one; all of its pods are here.
  await pods.answer('127.0.0.1', { requestCount: 1 });
  for (let turn = 0; turn < 5; turn += 1) expect((await source.ask('localhost')).ok).toBe(true);
  expect(pods.connections.get('127.0.0.1')).toBe(5);
});

test('an address of IPv6 stands in brackets', async () => {
  await pods.answer('::1', { requestCount: 3 });
  expect(await source.ask('::1')).toMatchObject({ ok: true, value: { requestCount: 3 } });
});

describe('what is no report is told apart', () => {
  test.each([
    [503, true],
    [502, true],
    [500, false],
    [404, false],
    [302, false],
  ])('status %d', async (status, likeMesh) => {
    await answering((response) => response.writeHead(status, { location: 'http://127.0.0.3/' }).end('no'));
    expect(await failure()).toEqual({
      message: `${POD}:${pods.port} answered with status ${status}.`,
      likeMesh,
    });
  });

  test('a status with a long explanation is still that status', async () => {
    await answering((response) => response.writeHead(503).end('upstream connect error '.repeat(100)));
    expect(await failure()).toMatchObject({ likeMesh: true });
  });

  test.each([
    ['another content type', 'text/plain'],
    ['another content type', 'application/protobuf; charset=utf-8'],
    ['no content type', undefined],
  ])('%s: %s', async (_, type) => {
    await answering((response) => {
      if (type !== undefined) response.setHeader('content-type', type);
      response.end(bytesOf({ requestCount: 1 }));
    });
    expect(await failure()).toMatchObject({
      message: expect.stringMatching(/content type: expected application\/protobuf\.$/),
      likeMesh: false,
    });
  });

  test('a body that is no protobuf, is too long, or breaks off', async () => {
    const bodies: (() => Promise<void>)[] = [
      () => answering((response) => proto(response).end('no protobuf')),
      () => answering((response) => proto(response).end(Buffer.alloc(337))),
      () =>
        answering((response) => {
          proto(response)
            .setHeader('content-length', '100')
            .write('abc', () => response.destroy());
        }),
    ];
    const messages: unknown[] = [];
    for (const prepare of bodies) {
      await prepare();
      messages.push(await failure());
    }
    expect(messages).toEqual([
      { message: expect.stringMatching(/is not a protobuf Stat/), likeMesh: false },
      { message: `${POD}:${pods.port} answered with more than 336 bytes.`, likeMesh: false },
      {
        message: expect.stringMatching(/closed the connection before the answer was complete\.$/),
        likeMesh: false,
      },
    ]);
  });

  test('nobody listens', async () => {
    expect(await failure('127.0.0.9')).toEqual({
      message: `127.0.0.9:${pods.port} refused the connection: nothing listens there.`,
      likeMesh: false,
    });
  });

  test('a pod that takes the question and says nothing, after 3 s', async () => {
    const clock = new ManualClock();
    const patient = new HttpStatSource({ clock, version: '1', port: pods.port });
    const asked = Promise.withResolvers<undefined>();
    await pods.answer(POD, () => asked.resolve(undefined));
    const answer = patient.ask(POD);
    await asked.promise;
    await clock.pass(2999);
    await settled();
    await clock.pass(1);
    expect(await answer).toMatchObject({
      ok: false,
      error: { message: `${POD}:${pods.port} did not answer within 3 s.` },
    });
    expect(clock.waiting).toBe(0);
    await patient.close();
  });

  test('a closed source', async () => {
    await source.close();
    expect(await failure()).toMatchObject({ likeMesh: false });
  });
});

const proto = (response: ServerResponse): ServerResponse =>
  response.setHeader('content-type', 'application/protobuf');
