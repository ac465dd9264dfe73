import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { podProbe } from '../../../../src/adapters/probe/pod-probe.ts';

const NEVER = new AbortController().signal;
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const listening = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const answering = (answer: RequestListener): Promise<string> => listening(createHttpServer(answer));
const probe = podProbe({ connect: 5000, answer: 300 });

describe('a pod', () => {
  test.each<[string, RequestListener, string]>([
    ['serves that says so', (_request, response) => response.end('queue'), 'serves'],
    ['says something else', (_request, response) => response.end('queue up'), 'refused'],
    ['says it in part', (_request, response) => response.end('que'), 'refused'],
    ['refuses', (_request, response) => response.writeHead(500).end('queue'), 'refused'],
    ['is behind a mesh (502)', (_request, response) => response.writeHead(502).end(), 'like-mesh'],
    ['is behind a mesh (503)', (_request, response) => response.writeHead(503).end('no'), 'like-mesh'],
    ['hangs up', (request) => request.socket.destroy(), 'refused'],
    [
      'hangs up in the middle',
      (_request, response) =>
        response.writeHead(200, { 'content-length': '5' }).write('qu', () => response.destroy()),
      'refused',
    ],
    ['is silent', () => undefined, 'refused'],
  ])('%s', async (_what, answer, came) => {
    expect(await probe.ask(await answering(answer), {}, NEVER)).toBe(came);
  });

  test('is asked as an activator asks, and over a connection that ends', async () => {
    const asked: unknown[] = [];
    const origin = await answering(({ url, method, headers }, response) => {
      asked.push([
        method,
        url,
        headers.host,
        headers['k-network-probe'],
        headers['user-agent'],
        headers.connection,
        headers['k-passthrough-lb'],
      ]);
      response.end('queue');
    });
    await probe.ask(origin, { Host: 'shop-private.team', 'K-Passthrough-Lb': 'true' }, NEVER);
    expect(asked).toEqual([
      ['GET', '/healthz', 'shop-private.team', 'queue', 'Knative-Activator-Probe', 'close', 'true'],
    ]);
  });

  test('is not there', async () => {
    const server = createServer();
    const origin = await listening(server);
    await new Promise((resolve) => servers.splice(0)[0]!.close(resolve));
    expect(await probe.ask(origin, {}, NEVER)).toBe('no-connection');
  });

  test('that nobody wants to know of any more is left at once', async () => {
    const stop = new AbortController();
    const origin = await answering(() => stop.abort());
    expect(await podProbe({ connect: 5000, answer: 60_000 }).ask(origin, {}, stop.signal)).toBe('refused');
  });
});
