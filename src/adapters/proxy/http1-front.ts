import { createServer, ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ambiguityOf } from '../../domain/activator/ambiguous.ts';
import { badRequest, replyToMethod } from '../../domain/activator/replies.ts';
import { requestTarget } from '../../domain/activator/request-target.ts';
import { ms } from '../../domain/time.ts';
import type { Exchange } from './exchange.ts';
import { Http1Transfer, type Http1Parts } from './http1-transfer.ts';
import { peerOf } from './peer.ts';
import { sendReply } from './replies.ts';
import type { Router } from './router.ts';
import type { Tunnel } from './tunnel.ts';

/** Of the head of a request, the target included: as Go's server takes. Bytes. */
const MOST_HEADER_BYTES = 2 ** 20;
/** For the head of a request. Milliseconds. */
const HEAD_WITHIN = 60_000;
/** For a client to read why it was refused. */
const LINGER = ms(500);

/** A client's connection. */
interface Client {
  readonly peer: string;
  readonly exchanges: Set<Exchange>;
}

/** The server of HTTP/1. Connections are handed to it; it does not listen itself. */
export class Http1Front {
  readonly #parts: Http1Parts;
  readonly #router: Router;
  readonly #clients = new Map<Socket, Client>();
  readonly #refused = new WeakSet<Duplex>();
  readonly #server = createServer({
    insecureHTTPParser: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: HEAD_WITHIN,
    // Requests have the limits of their revision, and connections are the gateway's to close.
    requestTimeout: 0,
    keepAliveTimeout: 0,
    shouldUpgradeCallback: mayUpgrade,
  });

  constructor(parts: Http1Parts, router: Router) {
    this.#parts = parts;
    this.#router = router;
    // Beyond that many, Node would drop headers in silence; their bytes are limited.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', this.#take).on('checkContinue', this.#take);
    this.#server
      .on('upgrade', this.#upgrade)
      .on('connect', (_request, socket: Socket) => refuse(socket, 405));
    this.#server.on('clientError', this.#refuse);
    // Node counts the time of heads for servers that listen; this one is given what others accept.
    this.#server.emit('listening');
  }

  readonly take = (socket: Socket): void => {
    const exchanges = new Set<Exchange>();
    this.#clients.set(socket, { peer: peerOf(socket), exchanges });
    socket.once('close', () => {
      this.#clients.delete(socket);
      for (const exchange of exchanges) exchange.gone();
    });
    this.#server.emit('connection', socket);
  };

  get connections(): number {
    return this.#clients.size;
  }

  /** Ends the connections over which nothing is under way, once what was written has been sent. */
  closeIdle(): void {
    for (const [socket, { exchanges }] of this.#clients) if (exchanges.size === 0) socket.destroySoon();
  }

  /** No connection may be handed over any more. */
  close(): void {
    this.#server.close();
  }

  readonly #take = (request: IncomingMessage, response: ServerResponse): void =>
    this.#handle(request, response, undefined);

  readonly #upgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    // Another answer than the change of protocols is the last one.
    response.once('finish', () => socket.destroySoon());
    this.#handle(request, response, { socket, head });
  };

  #handle(request: IncomingMessage, response: ServerResponse, tunnel: Tunnel | undefined): void {
    const { headers, rawHeaders: raw, socket, httpVersion: version, url = '', method = '' } = request;
    const ambiguity = ambiguityOf({ version, url, raw, headers });
    if (ambiguity !== undefined) {
      // The parser may yet stumble over the rest; it is answered.
      this.#refused.add(socket);
      sendReply(response, badRequest(ambiguity), true);
      return;
    }
    const target = requestTarget(url, headers.host ?? '');
    const route = replyToMethod(method, url) ?? this.#router(headers, target.host);
    if ('status' in route) {
      sendReply(response, route, this.#parts.closing());
      return;
    }
    const client = this.#clients.get(socket);
    if (client === undefined) return;
    new Http1Transfer(this.#parts, route, {
      request,
      response,
      target,
      peer: client.peer,
      tunnel,
    }).exchange.begin(client.exchanges);
  }

  /** What the parser refuses. In the middle of an answer there is nothing left to say. */
  readonly #refuse = (error: Error & { code?: string }, socket: Duplex): void => {
    if (this.#refused.has(socket)) return;
    const busy = socket instanceof Socket && (this.#clients.get(socket)?.exchanges.size ?? 0) > 0;
    if (busy || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    refuse(socket, REFUSALS[error.code ?? ''] ?? 400);
    // To hang up on who still sends would take the answer away from under it.
    const { alarms, clock } = this.#parts;
    alarms.add({ ring: () => socket.destroy() }, ms(clock.monotonic() + LINGER));
  };
}

const REFUSALS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what never became a request, and ends the connection. */
function refuse(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? '';
  const head = `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n`;
  socket.end(`${head}content-length: ${reason.length}\r\n\r\n${reason}`);
}

/** Only what has no body can change the protocol; h2c is spoken from the first byte on or not at all. */
const mayUpgrade = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined &&
  (headers['content-length'] ?? '0') === '0' &&
  headers.upgrade?.toLowerCase() !== 'h2c';
