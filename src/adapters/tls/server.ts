import { SSL_OP_NO_TICKET } from 'node:constants';
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import { fastify, type FastifyRequest } from 'fastify';
import type { ServingCertificate, TlsAnswer, TlsRequest, TlsServer } from '../../ports/tls-server.ts';
import { close, listen } from '../http/server.ts';
import { ShownCertificate } from './client-certificate.ts';

export interface TlsServerOptions {
  /** `::` also means IPv4; where the machine has no IPv6 it means 0.0.0.0. */
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Never rejects. */
  readonly answer: (request: TlsRequest) => Promise<TlsAnswer>;
  /** How long a body may be; 1024 where requests have none. */
  readonly mostBytes?: number;
}

/** Milliseconds. */
const REQUEST_WITHIN = 10_000;
/** Above that of those who ask: it is theirs to end an idle connection. */
const IDLE = 120_000;
const MOST_CONNECTIONS = 1000;
const HANDSHAKE_WITHIN = 10_000;
/** Each group of a user is a header, and some have hundreds. */
const MOST_HEADER_BYTES = 2 ** 17;
const MOST_BYTES = 1024;

/**
 * Every connection makes a handshake of its own: a resumed one would not show the client's certificate with what leads to it. Client
 * certificates are asked for and not judged here; whoever answers knows whom to believe.
 */
const TLS = {
  requestCert: true,
  rejectUnauthorized: false,
  minVersion: 'TLSv1.2',
  secureOptions: SSL_OP_NO_TICKET,
} as const;

/** Starts an HTTPS server. Until it has a certificate to show, handshakes fail. Rejects with one sentence when the address cannot be had. */
export async function startTlsServer({
  address,
  port,
  answer,
  mostBytes = MOST_BYTES,
}: TlsServerOptions): Promise<TlsServer> {
  const app = fastify({
    https: { ...TLS, handshakeTimeout: HANDSHAKE_WITHIN, maxHeaderSize: MOST_HEADER_BYTES },
    requestTimeout: REQUEST_WITHIN,
    keepAliveTimeout: IDLE,
    bodyLimit: mostBytes,
    forceCloseConnections: 'idle',
    // Paths are read once, by whoever answers: what the router makes of them must not count.
    rewriteUrl: () => '/',
    exposeHeadRoutes: false,
  });
  const server: Server = app.server;
  server.maxConnections = MOST_CONNECTIONS;
  const shown = new WeakMap<object, ShownCertificate>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.all('/', async (request, reply) => {
    const { code, contentType, body } = await answer(requestOf(request, shown));
    // As bytes: to a text, fastify would add a charset, and content types of discovery are compared to the letter.
    return reply.code(code).header('content-type', contentType).send(Buffer.from(body));
  });
  await listen(app, address, port);
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    show: ({ cert, key }: ServingCertificate) => server.setSecureContext({ cert, key, ...TLS }),
    close: () => close(app),
  };
}

function requestOf(
  {
    raw,
    originalUrl: url,
    body,
  }: Pick<FastifyRequest, 'originalUrl' | 'body'> & { readonly raw: IncomingMessage },
  shown: WeakMap<object, ShownCertificate>,
): TlsRequest {
  const { socket, method = '', headersDistinct: headers } = raw;
  const known = shown.get(socket);
  const leaf =
    known === undefined && socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const client = leaf === undefined ? known : new ShownCertificate(leaf);
  if (client !== undefined) shown.set(socket, client);
  return { method, url, headers, body: typeof body === 'string' ? body : '', client };
}
