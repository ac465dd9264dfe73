import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { ms } from '../../domain/time.ts';
import type { Alarms } from '../../ports/alarms.ts';
import type { OnAccess } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Throttler } from '../../ports/throttler.ts';
import type { ServingCertificate } from '../../ports/tls-server.ts';
import { Http1Front } from './http1-front.ts';
import { Http1Pool } from './http1-pool.ts';
import { Http2Front } from './http2-front.ts';
import { Http2Pool } from './http2-pool.ts';
import { listenOn } from './listen.ts';
import type { PodAuthorities } from './pods.ts';
import { StreamedPool } from './streamed-pool.ts';
import { routerOf, type RouterParts } from './router.ts';
import { handOver } from './speakers.ts';

export interface ProxyOptions extends Pick<RouterParts, 'self' | 'clusterDomain'> {
  readonly throttler: Throttler;
  readonly clock: Clock;
  /** Of the same clock. */
  readonly alarms: Alarms;
  /** `::` also means IPv4; where the machine has no IPv6 it means 0.0.0.0. */
  readonly address: string;
  /** Each speaks HTTP/1.1 and HTTP/2 without TLS; 0 takes any free one. */
  readonly ports: readonly number[];
  /** Speaks both with TLS; undefined: nobody does. */
  readonly tlsPort: number | undefined;
  readonly podAuthorities: PodAuthorities;
  readonly onAccess: OnAccess;
}

export interface Proxy {
  /** The ports in use, in the order in which they were asked for. */
  readonly ports: readonly number[];
  readonly tlsPort: number | undefined;
  /** New connections with TLS are shown this; those that are open stay. Before the first one, no handshake succeeds. */
  show(certificate: ServingCertificate): void;
  /** Takes no more connections, and resolves when what was under way has ended; there is no limit but those of the revisions. */
  close(): Promise<void>;
}

/** How often connections are looked at while closing. */
const TICK = ms(50);
const HANDSHAKE_WITHIN = 10_000;

/** Starts the servers of the data path. Rejects with one sentence when an address cannot be had. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { throttler, clock, alarms, onAccess, address, podAuthorities } = options;
  let closing = false;
  const shared = { throttler, clock, onAccess, alarms, closing: () => closing };
  const pools = {
    whole: new Http1Pool(podAuthorities),
    streamed: new StreamedPool(podAuthorities),
    pool: new Http2Pool(podAuthorities),
  };
  const router = routerOf(options);
  const http1 = new Http1Front({ ...shared, ...pools }, router);
  const http2 = new Http2Front({ ...shared, ...pools }, router);
  const speakers = { http1: http1.take, http2: http2.take };

  const secure: TlsServer[] = [];
  const plainServer = (): Server => createServer(SOCKETS, (socket) => handOver(socket, speakers));
  const tlsServer = (): Server => {
    const server = createTlsServer({ ...SOCKETS, ...TLS }, (socket) => {
      if (socket.alpnProtocol === 'h2') http2.take(socket);
      else http1.take(socket);
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    secure.push(server);
    return server;
  };
  const listening: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (make: () => Server, wanted: number): Promise<number> => {
    const { port, servers } = await listenOn(make, address, wanted);
    listening.push(...servers);
    for (const server of servers)
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
    return port;
  };
  const stopListening = (): Promise<unknown> => Promise.all(listening.map((server) => stopAccepting(server)));

  try {
    const ports: number[] = [];
    for (const port of options.ports) ports.push(await listen(plainServer, port));
    const tlsPort = options.tlsPort === undefined ? undefined : await listen(tlsServer, options.tlsPort);
    return {
      ports,
      tlsPort,
      show: ({ cert, key }) => {
        for (const server of secure) server.setSecureContext({ cert, key, ...TLS });
      },
      close: async () => {
        closing = true;
        const stopped = stopListening();
        while (http1.connections + http2.connections > 0) {
          http1.closeIdle();
          http2.sendAway();
          await clock.sleep(TICK);
        }
        // Who has said nothing yet has nothing under way.
        for (const socket of sockets) socket.destroy();
        await stopped;
        http1.close();
        for (const pool of Object.values(pools)) pool.close();
      },
    };
  } catch (error) {
    await stopListening();
    throw error;
  }
}

const SOCKETS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  allowHalfOpen: true,
} as const;
/** Gateways ask for TLS 1.3 (serving: pkg/activator/certificate/tls_context.go). */
const TLS = {
  minVersion: 'TLSv1.3',
  ALPNProtocols: ['h2', 'http/1.1'],
  handshakeTimeout: HANDSHAKE_WITHIN,
} as const;

const stopAccepting = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
