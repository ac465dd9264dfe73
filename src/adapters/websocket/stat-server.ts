import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyRequest } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Log } from '../../ports/log.ts';
import type { StatReceiver } from '../../ports/stat-receiver.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { close, listen } from '../http/server.ts';

export interface StatServerOptions {
  /** `::` also means IPv4; where the machine has no IPv6 it means 0.0.0.0. */
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly receiver: StatReceiver;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

export interface StatServer {
  /** The port in use. */
  readonly port: number;
  /** Tells every client to connect anew, and ends all connections; bounded by two seconds. */
  close(): Promise<void>;
}

/** Some ten thousand reports: more would hold up the process, and no proxy has so many revisions. */
const MOST_BYTES = 2 ** 20;
/** Each proxy keeps one. */
const MOST_CONNECTIONS = 256;
/** Milliseconds. */
const REQUEST_WITHIN = 10_000;
const CLOSE_WITHIN = 1000;
/** As upstream (serving: pkg/autoscaler/statserver/server.go): a client that is gone is found out after three minutes. */
const KEEP_ALIVE_AFTER = 180_000;
/** "Service restart": a client connects anew at once. */
const RESTART = 1012;

/**
 * Takes what activators push over WebSocket, at any path, as Knative's autoscaler does (serving: pkg/autoscaler/statserver/server.go):
 * binary messages go to the receiver, texts are dropped, and neither ends the connection; one that is too long does. Rejects with one
 * sentence when the address cannot be had.
 */
export async function startStatServer(options: StatServerOptions): Promise<StatServer> {
  const { address, port, telemetry } = options;
  const app = fastify({ requestTimeout: REQUEST_WITHIN, forceCloseConnections: 'idle' });
  app.get('/*', (request, reply) =>
    isKubeletProbe(request) ? reply.send('ok\n') : reply.code(426).header('upgrade', 'websocket').send(),
  );
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => false,
    verifyClient: ({ req }, done) => done(isSameOrigin(req), 403, 'Forbidden'),
  });
  const count = (): void => telemetry.set('hpa_bridge_stat_connections', {}, sockets.clients.size);
  count();
  app.server.maxConnections = MOST_CONNECTIONS;
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.setKeepAlive(true, KEEP_ALIVE_AFTER);
    sockets.handleUpgrade(request, socket, head, (client) => {
      serve(client, options);
      // Not before the client has left the set.
      client.on('close', () => setImmediate(count));
      count();
    });
  });
  await listen(app, address, port);
  const bound = app.server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: async () => {
      // Who comes back before the port is closed is refused, and goes to another replica.
      sockets.close();
      await endAll([...sockets.clients]);
      await close(app);
    },
  };
}

function serve(client: WebSocket, { receiver, telemetry, log }: StatServerOptions): void {
  client.on('message', (data, isBinary) => {
    // With the library's own kind of data, a message is one piece.
    if (isBinary && Buffer.isBuffer(data)) void receiver.message(data);
    else telemetry.add('hpa_bridge_stat_messages_total', { outcome: 'text' });
  });
  client.on('error', (error) => {
    telemetry.add('hpa_bridge_stat_messages_total', { outcome: 'broken' });
    log.warn('connection for statistics broke', { detail: error.message });
  });
}

async function endAll(clients: readonly WebSocket[]): Promise<void> {
  const ended = Promise.all(clients.map((client) => once(client, 'close')));
  for (const client of clients) client.close(RESTART, 'Restarting');
  const done = new AbortController();
  const late = sleep(CLOSE_WITHIN, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([ended, late]);
  done.abort();
  for (const client of clients) client.terminate();
}

/** How the kubelet is told from all others (networking: pkg/http/header/header.go). */
const isKubeletProbe = ({ headers }: FastifyRequest): boolean =>
  headers['user-agent']?.startsWith('kube-probe/') === true || headers['k-kubelet-probe'] !== undefined;

/** A page in somebody's browser is not to report; proxies send no origin at all. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase());
}
