import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket, type ClientOptions } from 'ws';
import { startStatServer, type StatServer } from '../../../../src/adapters/websocket/stat-server.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

let telemetry: TallyingTelemetry;
let received: string[];
const servers: StatServer[] = [];
const clients: WebSocket[] = [];

const start = async (): Promise<StatServer> => {
  telemetry = new TallyingTelemetry();
  received = [];
  const server = await startStatServer({
    address: '127.0.0.1',
    port: 0,
    receiver: {
      message: (bytes) => {
        received.push(Buffer.from(bytes).toString('hex'));
        return Promise.resolve();
      },
    },
    telemetry,
    log: new SilentLog(),
  });
  servers.push(server);
  return server;
};
const dial = ({ port }: StatServer, options: ClientOptions = {}, path = '/'): WebSocket => {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
const open = async (...asked: Parameters<typeof dial>): Promise<WebSocket> => {
  const client = dial(...asked);
  await once(client, 'open');
  return client;
};
/** A pong comes after everything that was sent before its ping was worked off. */
const workedOff = async (client: WebSocket): Promise<void> => {
  client.ping();
  await once(client, 'pong');
};
/** A connection that is upgraded by hand. */
async function upgraded({ port }: StatServer, header = ''): Promise<{ socket: Socket; answer: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${header}\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return { socket, answer: answer.toString() };
}
const connections = (): number => telemetry.valueOf('hpa_bridge_stat_connections', {});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('a connection', () => {
  test.each(['/', '/anything'])('brings binary messages, in order, at the path %s', async (path) => {
    const client = await open(await start(), {}, path);
    client.send(Uint8Array.of(1, 2));
    client.send(Uint8Array.of(3));
    client.send(Uint8Array.of());
    await workedOff(client);
    expect(received).toEqual(['0102', '03', '']);
    expect(connections()).toBe(1);
  });

  test('lives on after a text, which is dropped', async () => {
    const client = await open(await start());
    client.send('{"stat": 1}');
    client.send(Uint8Array.of(7));
    await workedOff(client);
    expect(received).toEqual(['07']);
    expect(telemetry.valueOf('hpa_bridge_stat_messages_total', { outcome: 'text' })).toBe(1);
  });

  test('takes a message that comes in parts for one', async () => {
    const client = await open(await start());
    client.send(Uint8Array.of(1), { fin: false });
    client.send(Uint8Array.of(2), { fin: true });
    await workedOff(client);
    expect(received).toEqual(['0102']);
  });

  test('ends with 1009 when a message is longer than a mebibyte, and others live on', async () => {
    const server = await start();
    const [client, other] = [await open(server), await open(server)];
    client.send(new Uint8Array(2 ** 20 + 1));
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1009);
    other.send(new Uint8Array(2 ** 20));
    await workedOff(other);
    expect(received.map((hex) => hex.length / 2)).toEqual([2 ** 20]);
    expect(telemetry.valueOf('hpa_bridge_stat_messages_total', { outcome: 'broken' })).toBe(1);
  });

  test('that speaks no WebSocket any more is given up, and counted', async () => {
    const server = await start();
    const { socket } = await upgraded(server);
    // A frame whose reserved bits are set.
    socket.write(Uint8Array.of(0xf2, 0x80, 0, 0, 0, 0));
    socket.resume();
    await once(socket, 'close');
    expect(telemetry.valueOf('hpa_bridge_stat_messages_total', { outcome: 'broken' })).toBe(1);
    expect((await open(server)).readyState).toBe(WebSocket.OPEN);
  });

  test('is counted while it lasts', async () => {
    const server = await start();
    const [one, two] = [await open(server), await open(server)];
    expect(connections()).toBe(2);
    one.terminate();
    while (connections() !== 1) await new Promise(setImmediate);
    await workedOff(two);
  });
});

describe('who may connect', () => {
  test('nobody from a page of somewhere else', async () => {
    const server = await start();
    const client = dial(server, { origin: 'http://evil.example' });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 403');
    const same = await open(server, { origin: `http://127.0.0.1:${server.port}` });
    expect(same.readyState).toBe(WebSocket.OPEN);
  });

  test('a subprotocol is not agreed upon', async () => {
    const { socket, answer } = await upgraded(await start(), 'Sec-WebSocket-Protocol: a, b\r\n');
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toMatch(/sec-websocket-protocol/i);
  });

  test('a request without upgrade is told what is expected, and the kubelet that all is well', async () => {
    const { port } = await start();
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/`, { headers });
    const plain = await ask({});
    expect([plain.status, plain.headers.get('upgrade')]).toEqual([426, 'websocket']);
    expect((await ask({ 'user-agent': 'kube-probe/1.36' })).status).toBe(200);
    expect((await ask({ 'k-kubelet-probe': 'queue' })).status).toBe(200);
  });
});

test('who stops tells every client to connect anew, and waits for none that hangs', async () => {
  const server = await start();
  const [client, hanging] = [await open(server), await open(server)];
  hanging.pause();
  const closing = server.close();
  expect((await once(client, 'close')).map(String)).toEqual(['1012', 'Restarting']);
  const back = dial(server);
  const [error] = (await once(back, 'error')) as [Error];
  expect(error.message).toMatch(/503|ECONNREFUSED/);
  await closing;
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
});

test('a port that is taken is said in one sentence', async () => {
  const { port } = await start();
  await expect(
    startStatServer({
      address: '127.0.0.1',
      port,
      receiver: { message: () => Promise.resolve() },
      telemetry,
      log: new SilentLog(),
    }),
  ).rejects.toThrow(`cannot listen on 127.0.0.1 port ${port}: the port is in use`);
});
