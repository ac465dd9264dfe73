import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { headerIn, type HeaderList, type HeaderLookup, type Reply } from '../../domain/activator/headers.ts';
import { requestHeaders } from '../../domain/activator/request-headers.ts';
import type { RequestTarget } from '../../domain/activator/request-target.ts';
import { responseHeaders } from '../../domain/activator/response-headers.ts';
import type { Place, ServedRevision } from '../../ports/throttler.ts';
import { Exchange, type ExchangeParts, type Transfer } from './exchange.ts';
import { drop, type Http1Connection, type Http1Pool } from './http1-pool.ts';
import { podAt } from './pods.ts';
import { RequestBody } from './request-body.ts';
import { sendReply } from './replies.ts';
import { joinSockets, switchProtocols, type Tunnel } from './tunnel.ts';
import { UnreadRequest } from './unread.ts';

/** What all transfers of HTTP/1 share. */
export interface Http1Parts extends ExchangeParts {
  readonly pool: Http1Pool;
  /** Whether connections are to end after what is under way. */
  readonly closing: () => boolean;
}

/** One request that came over HTTP/1, and who sent it. */
export interface Http1Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  /** The client's address. */
  readonly peer: string;
  /** The connection itself, where the client wants to speak another protocol over it. */
  readonly tunnel: Tunnel | undefined;
}

type Controller = Dispatcher.DispatchController;

/** Safe to send twice (Go: net/http/transport.go, isReplayable). */
const REPLAYABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** A request over HTTP/1.1 to a pod, and its answer back. */
export class Http1Transfer implements Transfer, Dispatcher.DispatchHandler {
  readonly protocol = 'HTTP/1';
  readonly exchange: Exchange;
  readonly #parts: Http1Parts;
  readonly #in: Http1Request;
  #place: Place | undefined;
  #connection: Http1Connection | undefined;
  #controller: Controller | undefined;
  #body: RequestBody | undefined;
  #upgraded: Duplex | undefined;
  #repeated = false;
  #stopped = false;

  constructor(parts: Http1Parts, revision: ServedRevision, incoming: Http1Request) {
    this.#parts = parts;
    this.#in = incoming;
    this.exchange = new Exchange(parts, revision, this);
  }

  send(place: Place): void {
    this.#place = place;
    this.#dispatch(this.#parts.pool.take(podAt(place.origin, this.exchange.key)));
  }

  #dispatch(connection: Http1Connection): void {
    const { request, target, peer, tunnel } = this.#in;
    const { host, headers: extra = [] } = this.#place ?? {};
    const headers = requestHeaders(request.rawHeaders, {
      host: target.host,
      peer,
      connection: request.headers.connection ?? '',
      extra,
    });
    if (host !== undefined) headers.push('host', host);
    this.#connection = connection;
    this.#body = hasBody(request) ? new RequestBody(request, this.#firstRead) : undefined;
    connection.dispatch(
      {
        path: target.path,
        method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
        headers,
        body: this.#body?.stream ?? null,
        upgrade: tunnel === undefined ? null : headerIn(request.headers, 'upgrade'),
        // Only we close connections, and the pod.
        reset: false,
      },
      this,
    );
  }

  readonly #firstRead = (): void => {
    const { request, response } = this.#in;
    if (request.headers.expect !== undefined && !response.headersSent) response.writeContinue();
  };

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    this.#connection?.carries();
    if (this.#stopped) controller.abort(STOPPED);
  }

  onResponseStart({ rawHeaders }: Controller, status: number, _headers: unknown, reason?: string): void {
    if (this.#stopped) return;
    const { request, response } = this.#in;
    const headers = responseHeaders(textsOf(rawHeaders));
    if (status < 200) {
      if (request.httpVersionMinor > 0) response.writeInformation(status, headers);
      return;
    }
    this.exchange.begun(status);
    if (this.exchange.bypassed || this.#parts.closing()) headers.push('connection', 'close');
    const { socket } = response;
    // What comes with the head goes with it: one write for all that this turn of the event loop brings.
    socket?.cork();
    response.writeHead(status, reason ?? STATUS_CODES[status], headers);
    response.flushHeaders();
    if (socket !== null) process.nextTick(uncork, socket);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#stopped) return;
    this.exchange.carried(chunk.length);
    if (this.#in.response.write(chunk)) return;
    controller.pause();
    this.#in.response.once('drain', () => controller.resume());
  }

  onResponseEnd(_controller: Controller, trailers: NodeJS.Dict<string | string[]>): void {
    const { response } = this.#in;
    this.#giveBack();
    if (this.#stopped) return;
    if (Object.keys(trailers).length > 0) response.addTrailers(listOf(trailers));
    response.end();
    this.exchange.completed();
    this.#readRest();
  }

  onRequestUpgrade(
    { rawHeaders }: Controller,
    _status: number,
    headers: HeaderLookup,
    upstream: Duplex,
  ): void {
    const { request, response, tunnel } = this.#in;
    if (this.#connection !== undefined) drop(this.#connection);
    this.#connection = undefined;
    if (tunnel === undefined || this.#stopped) {
      upstream.destroy();
      return;
    }
    if (headerIn(headers, 'upgrade').toLowerCase() !== headerIn(request.headers, 'upgrade').toLowerCase()) {
      upstream.destroy();
      this.exchange.failed('the pod switched to another protocol than the client asked for');
      return;
    }
    this.exchange.begun(101);
    switchProtocols(response, tunnel, textsOf(rawHeaders));
    this.#upgraded = upstream;
    joinSockets(tunnel, upstream, {
      carried: (bytes) => this.exchange.carried(bytes),
      ended: () => this.exchange.completed(),
    });
  }

  onResponseError(_controller: Controller, error: Error): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) drop(connection);
    if (this.#stopped) return;
    if (connection?.dialError !== undefined) this.exchange.unreachable(connection.dialError.message);
    else if (connection?.reused === true && this.#mayRepeat()) this.#repeat();
    else this.exchange.failed(error.message);
  }

  /** A kept connection may have died while nobody looked. A fresh one tells whether the pod has. */
  #repeat(): void {
    this.#repeated = true;
    if (this.#place !== undefined)
      this.#dispatch(this.#parts.pool.open(podAt(this.#place.origin, this.exchange.key)));
  }

  #mayRepeat(): boolean {
    const { request, response } = this.#in;
    return (
      !this.#repeated &&
      this.#body === undefined &&
      !response.headersSent &&
      REPLAYABLE.has(request.method ?? '')
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#controller?.abort(STOPPED);
    this.#upgraded?.destroy();
  }

  answer(reply: Reply): void {
    const { request, response } = this.#in;
    // Who waits for leave to send a body may send it nevertheless, or the next request: nobody can tell.
    const waits = request.headers.expect !== undefined && this.#body?.touched !== true;
    sendReply(response, reply, waits || this.exchange.bypassed || this.#parts.closing());
    this.#readRest();
  }

  cut(): void {
    (this.#in.tunnel?.socket ?? this.#in.response).destroy();
  }

  #giveBack(): void {
    if (this.#connection !== undefined) this.#parts.pool.give(this.#connection);
    this.#connection = undefined;
  }

  #readRest(): void {
    const { request } = this.#in;
    if (!request.complete && !request.destroyed) new UnreadRequest(request, this.#parts);
  }
}

const STOPPED = new Error('the client is not there any more, or its time is over');

const uncork = (socket: Duplex): void => socket.uncork();

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** Headers as undici has them: bytes, name and value in turn. */
const textsOf = (raw: Controller['rawHeaders']): HeaderList =>
  Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [];

const listOf = (headers: HeaderLookup): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  );
