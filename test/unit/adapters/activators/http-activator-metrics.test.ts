import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { HttpActivatorMetrics } from '../../../../src/adapters/activators/http-activator-metrics.ts';
import { keyOf } from '../../../../src/domain/key.ts';

let server: Server;
let answer: RequestListener;
let metrics: HttpActivatorMetrics;
beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  metrics = new HttpActivatorMetrics({ port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const line = (revision: number, value: number): string =>
  `kn_revision_request_queued{k8s_namespace_name="team",kn_revision_name="shop-${revision}"} ${value}\n`;

test('a page of many revisions is read, however it is cut', async () => {
  answer = (request, response) => {
    expect(request.url).toBe('/metrics');
    const page = Array.from({ length: 5000 }, (_, i) => line(i, i)).join('');
    for (let at = 0; at < page.length; at += 1013) response.write(page.slice(at, at + 1013));
    response.end();
  };
  const told = await metrics.ask('127.0.0.1');
  expect(told.ok && told.value.size).toBe(5000);
  expect(told.ok && told.value.get(keyOf('team', 'shop-4999'))).toEqual({ inFlight: 4999, ended: 0 });
});

test.each<[string, RequestListener, RegExp]>([
  ['another status', (_request, response) => void response.writeHead(404).end('no'), /answered 404$/],
  [
    'a page that breaks off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write(line(1, 1), () => response.destroy());
    },
    /broke off$/,
  ],
  ['no answer', (request) => void request.socket.destroy(), /cannot be asked: /],
])('%s is an error', async (_name, listener, expected) => {
  answer = listener;
  const told = await metrics.ask('127.0.0.1');
  expect(told.ok ? '' : told.error).toMatch(expected);
});
