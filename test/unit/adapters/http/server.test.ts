import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startHttpServer,
  type HttpServer,
  type ServerOptions,
} from '../../../../src/adapters/http/server.ts';

const servers: HttpServer[] = [];
const start = async (options: Partial<ServerOptions> = {}): Promise<HttpServer> => {
  const server = await startHttpServer({
    address: '127.0.0.1',
    port: 0,
    missing: () => [],
    metrics: { contentType: 'text/plain; version=0.0.4', render: () => Promise.resolve('a 1\n') },
    ...options,
  });
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
const get = async (
  server: HttpServer,
  path: string,
): Promise<{ status: number; body: string; type: string | null }> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: answer.status, body: await answer.text(), type: answer.headers.get('content-type') };
};

test('alive as soon as it listens, even while it is not ready', async () => {
  const server = await start({ missing: () => ['cache of pods'] });
  expect(await get(server, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
});

test('readiness says what is missing, and follows it', async () => {
  const missing = ['cache of pods', 'cache of revisions'];
  const server = await start({ missing: () => missing });
  expect(await get(server, '/readyz')).toMatchObject({
    status: 503,
    body: 'not ready, waiting for: cache of pods, cache of revisions\n',
  });
  missing.length = 0;
  expect(await get(server, '/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
});

test('metrics are rendered at every request', async () => {
  let page = 0;
  const server = await start({
    metrics: { contentType: 'text/plain; version=0.0.4', render: () => Promise.resolve(`a ${++page}\n`) },
  });
  await get(server, '/metrics');
  const second = await get(server, '/metrics');
  expect(second).toMatchObject({ status: 200, body: 'a 2\n' });
  expect(second.type).toContain('version=0.0.4');
});

test('what follows on the page comes behind it', async () => {
  let ended = false;
  async function* more(): AsyncIterable<string> {
    try {
      for (let i = 0; i < 3; i += 1) yield await Promise.resolve(`b ${i}\n`);
    } finally {
      ended = true;
    }
  }
  const contentType = 'text/plain; version=0.0.4';
  const server = await start({ metrics: { contentType, render: () => Promise.resolve('a 1\n'), more } });
  const page = await get(server, '/metrics');
  expect(page).toMatchObject({ status: 200, body: 'a 1\nb 0\nb 1\nb 2\n' });
  expect(page.type).toContain('version=0.0.4');
  expect(ended).toBe(true);
});

test('a page that cannot be rendered is 500, and the server lives on', async () => {
  const server = await start({
    metrics: { contentType: 'text/plain', render: () => Promise.reject(new Error('no')) },
  });
  expect((await get(server, '/metrics')).status).toBe(500);
  expect((await get(server, '/healthz')).status).toBe(200);
});

test('the unknown is 404', async () => {
  expect((await get(await start(), '/')).status).toBe(404);
});

test('a port in use is one sentence', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${port}: the port is in use`,
  );
});

test(':: listens for IPv4 too', async () => {
  expect((await get(await start({ address: '::' }), '/healthz')).status).toBe(200);
});

test('closing answers what is under way and drops connections that only wait', async () => {
  let release: () => void = () => undefined;
  let asked: () => void = () => undefined;
  const rendering = new Promise<void>((resolve) => (asked = resolve));
  const server = await start({
    metrics: {
      contentType: 'text/plain',
      render: async () => {
        asked();
        await new Promise<void>((resolve) => (release = resolve));
        return 'late 1\n';
      },
    },
  });
  const idle = connect(server.port, '127.0.0.1');
  await once(idle, 'connect');
  const dropped = once(idle.resume(), 'close');
  const answer = get(server, '/metrics');
  await rendering;
  const closed = server.close();
  release();
  expect(await answer).toMatchObject({ status: 200, body: 'late 1\n' });
  await closed;
  await dropped;
  await expect(get(server, '/healthz')).rejects.toThrow();
});

describe('documents', () => {
  const documents: ServerOptions['documents'] = {
    '/things/:namespace/:name': (asked) =>
      asked['name'] === 'gone'
        ? { ok: false, error: { code: 'not_found', message: 'There is no such thing.' } }
        : { ok: true, value: { ...asked } },
  };
  test('are JSON, by the parameters of path and query', async () => {
    const server = await start({ documents });
    const { status, body, type } = await get(server, '/things/team/a%2Fb?limit=3&name=c&twice=1&twice=2');
    expect([status, type, JSON.parse(body)]).toEqual([
      200,
      'application/json; charset=utf-8',
      { namespace: 'team', name: 'a/b', limit: '3' },
    ]);
  });
  test('fail as Kubernetes does', async () => {
    const server = await start({ documents });
    const { status, body } = await get(server, '/things/team/gone');
    expect([status, JSON.parse(body)]).toEqual([
      404,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'There is no such thing.',
        reason: 'NotFound',
        details: { group: 'hpa-bridge.dev', kind: 'decisions' },
        code: 404,
      },
    ]);
  });
  test('are not told before the process is ready: what is missing would be told as not there', async () => {
    const server = await start({ documents, missing: () => ['the list of Pods'] });
    const { status, body } = await get(server, '/things/team/a');
    expect([status, (JSON.parse(body) as { message: string }).message]).toEqual([
      503,
      'hpa-bridge is not ready, waiting for: the list of Pods.',
    ]);
  });
});
