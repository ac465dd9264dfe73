import {
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { replyToMethod } from '../../domain/activator/replies.ts';
import { hostOf, Http2Transfer, type Http2Parts } from './http2-transfer.ts';
import { peerOf } from './peer.ts';
import { sendStreamReply } from './replies.ts';
import type { Router } from './router.ts';

/** As Go's server allows of a connection: gateways open another one. */
const MOST_STREAMS = 250;
/** Bytes that a stream, and a connection, may send ahead. */
const WINDOW = 2 ** 18;
const CONNECTION_WINDOW = 2 ** 20;
/** Of a head: as Go's server takes. */
const MOST_HEADER_BYTES = 2 ** 20;
const MOST_HEADER_PAIRS = 2000;
/** What waits of all streams of a connection; beyond, streams are refused. Mebibytes. */
const MOST_WAITING = 256;
const END_STREAM = 1;

/** The server of HTTP/2. Connections are handed to it; it does not listen itself. */
export class Http2Front {
  readonly #parts: Http2Parts;
  readonly #router: Router;
  readonly #sessions = new Map<Http2Session, string>();
  readonly #server = createServer({
    maxHeaderListPairs: MOST_HEADER_PAIRS,
    maxSessionMemory: MOST_WAITING,
    maxSendHeaderBlockLength: MOST_HEADER_BYTES,
    settings: {
      maxConcurrentStreams: MOST_STREAMS,
      initialWindowSize: WINDOW,
      maxHeaderListSize: MOST_HEADER_BYTES,
      enablePush: false,
    },
  });

  constructor(parts: Http2Parts, router: Router) {
    this.#parts = parts;
    this.#router = router;
    this.#server.on('stream', this.#handle).on('sessionError', () => undefined);
    this.#server.on('session', this.#begin);
  }

  readonly take = (socket: Socket): void => {
    // A session takes a half-closed connection for an open one.
    socket.allowHalfOpen = false;
    this.#server.emit('connection', socket);
  };

  get connections(): number {
    return this.#sessions.size;
  }

  /** Tells every client to take its next request elsewhere; streams under way end as they would. */
  sendAway(): void {
    for (const session of this.#sessions.keys()) if (!session.closed) session.close();
  }

  readonly #begin = (session: ServerHttp2Session): void => {
    this.#sessions.set(session, peerOf(session.socket));
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.on('close', () => this.#sessions.delete(session));
  };

  readonly #handle = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    raw: readonly string[],
  ): void => {
    const own = replyToMethod(headers[':method'] ?? '', headers[':path'] ?? '');
    const route = own ?? this.#router(headers, hostOf(headers));
    if ('status' in route) {
      stream.on('error', () => undefined);
      sendStreamReply(stream, route);
      return;
    }
    const peer = (stream.session === undefined ? undefined : this.#sessions.get(stream.session)) ?? '';
    const whole = (flags & END_STREAM) !== 0;
    new Http2Transfer(this.#parts, route, { stream, headers, raw, whole, peer }).exchange.begin();
  };
}
