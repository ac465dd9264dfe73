import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpActivatorClient } from '../../../../src/adapters/activators/http-activator-client.ts';
import { keyOf } from '../../../../src/domain/key.ts';

let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let connections: number;
const seen: IncomingMessage[] = [];

beforeEach(async () => {
  connections = 0;
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const saying =
  (status: number, headers: Record<string, string>, body: string) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

describe('who answers for a Service', () => {
  const ask = (): Promise<string | undefined> => new HttpActivatorClient().whoAnswers('127.0.0.1', port);

  test('is an activator of ours, by its header', async () => {
    answer = saying(200, { 'K-Hpa-Bridge-Activator': 'pod-1' }, 'activator');
    expect(await ask()).toBe('bridge');
    expect(seen[0]?.headers).toMatchObject({
      'user-agent': 'Knative-Autoscaling-Probe',
      'k-network-probe': 'activator',
    });
  });

  test('is asked over a connection of its own each time, which ends with the answer', async () => {
    answer = saying(200, { 'K-Hpa-Bridge-Activator': 'pod-1' }, 'activator');
    for (let i = 0; i < 3; i += 1) await ask();
    expect(connections).toBe(3);
    expect(seen.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close']);
  });

  test('is an activator of Knative, without it', async () => {
    answer = saying(200, {}, 'activator');
    expect(await ask()).toBe('knative');
  });

  test.each<[string, () => void]>([
    ['a queue-proxy', () => (answer = saying(400, { 'K-Hpa-Bridge-Activator': 'x' }, 'unexpected'))],
    ['an app', () => (answer = saying(200, { 'K-Hpa-Bridge-Activator': 'x' }, 'hello'))],
    ['one that talks without end', () => (answer = saying(200, {}, 'x'.repeat(100_000)))],
    ['one that hangs up', () => (answer = (request) => void request.socket.destroy())],
  ])('is not %s', async (_name, prepare) => {
    prepare();
    expect(await ask()).toBeUndefined();
  });

  test('is nobody where nothing listens', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await ask()).toBeUndefined();
  });
});

describe('requests in flight', () => {
  const ask = (): Promise<number | undefined> =>
    new HttpActivatorClient({ adminPort: port }).inFlight('127.0.0.1', keyOf('team', 'shop-00001'));

  test('are asked for by revision', async () => {
    answer = saying(200, {}, '{"inFlight":3}');
    expect(await ask()).toBe(3);
    expect(seen[0]?.url).toBe('/in-flight/team/shop-00001');
  });

  test.each([
    ['an error', 500, '{"inFlight":0}'],
    ['no JSON', 200, 'none'],
    ['no number', 200, '{"inFlight":"0"}'],
    ['less than none', 200, '{"inFlight":-1}'],
    ['something else', 200, 'null'],
  ])('are not known from %s', async (_name, status, body) => {
    answer = saying(status, {}, body);
    expect(await ask()).toBeUndefined();
  });
});
