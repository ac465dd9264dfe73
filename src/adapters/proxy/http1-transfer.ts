import { STATUS_CODES, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { headerIn, joinedIn, sizeOf, type HeaderList, type Reply } from '../../domain/activator/headers.ts';
import { requestHeaders } from '../../domain/activator/request-headers.ts';
import type { RequestTarget } from '../../domain/activator/request-target.ts';
import { responseHeaders } from '../../domain/activator/response-headers.ts';
import type { Place, ServedRevision } from '../../ports/throttler.ts';
import { WholeRequest } from './whole-request.ts';
import { Exchange, type ExchangeParts, type Transfer } from './exchange.ts';
import type { Http1Pool } from './http1-pool.ts';
import { podAt, type Pod } from './pods.ts';
import type { Receiver, Sending } from './receiver.ts';
import { sendReply } from './replies.ts';
import type { StreamedPool } from './streamed-pool.ts';
import { StreamedRequest } from './streamed-request.ts';
import { joinSockets, switchProtocols, type Tunnel } from './tunnel.ts';
import { UnreadRequest } from './unread.ts';

/** What all transfers of HTTP/1 share. */
export interface Http1Parts extends ExchangeParts {
  readonly whole: Http1Pool;
  readonly streamed: StreamedPool;
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

/** A request over HTTP/1.1 to a pod, and its answer back. */
export class Http1Transfer implements Transfer, Receiver {
  readonly protocol = 'HTTP/1';
  readonly exchange: Exchange;
  readonly #parts: Http1Parts;
  readonly #in: Http1Request;
  #place: Place | undefined;
  /** A body that was there as a whole. */
  #body: Buffer | undefined;
  #sending: Sending | undefined;
  #stopped = false;
  #upgraded: Duplex | undefined;
  /** Whether the client waits for leave to send its body. */
  #mayWait: boolean;

  constructor(parts: Http1Parts, revision: ServedRevision, incoming: Http1Request) {
    this.#parts = parts;
    this.#in = incoming;
    this.#mayWait = incoming.request.headers.expect !== undefined;
    this.exchange = new Exchange(parts, revision, this);
  }

  get kept(): number {
    const { request } = this.#in;
    return sizeOf(request.rawHeaders) + (request.url ?? '').length + request.readableLength;
  }

  send(place: Place): void {
    this.#place = place;
    // A small body mostly comes with its head, but is read a moment later: then both go to the pod together.
    if (this.#body === undefined && mayBeThere(this.#in.request)) process.nextTick(this.#sendNow);
    else this.#sendNow();
  }

  readonly #sendNow = (): void => {
    if (this.#stopped || this.#place === undefined) return;
    const { request, target, peer } = this.#in;
    const { origin, host, headers: extra } = this.#place;
    const headers = requestHeaders(request.rawHeaders, {
      host: target.host,
      peer,
      connection: request.headers.connection ?? '',
      extra,
    });
    headers.push('host', host ?? origin.slice(origin.indexOf('//') + 2));
    const pod = podAt(origin, this.exchange.key);
    this.#body ??= bodyThatIsThere(request);
    const streamed = hasBody(request) && this.#body === undefined;
    this.#sending = streamed ? this.#sendStreamed(headers, pod) : this.#sendWhole(headers, pod);
  };

  #sendWhole(headers: string[], pod: Pod): Sending {
    const { request, target, tunnel } = this.#in;
    const options = {
      path: target.path,
      method: request.method ?? 'GET',
      headers,
      body: this.#body ?? null,
      upgrade: tunnel === undefined ? null : headerIn(request.headers, 'upgrade'),
      // Only we close connections, and the pod.
      reset: false,
    };
    const sending = new WholeRequest(options, this.#parts.whole, pod, this);
    sending.start();
    return sending;
  }

  #sendStreamed(headers: string[], pod: Pod): Sending {
    const { request, response, target } = this.#in;
    const connections = this.#parts.streamed.of(pod);
    const head = { connections, method: request.method ?? 'POST', path: target.path, headers };
    return new StreamedRequest(head, request, this, () => {
      if (this.#mayWait) response.writeContinue();
      this.#mayWait = false;
    });
  }

  informed(status: number, headers: HeaderList): void {
    const { request, response } = this.#in;
    if (request.httpVersionMinor > 0) response.writeInformation(status, responseHeaders(headers, NO_BODY));
  }

  begun(status: number, reason: string | undefined, raw: HeaderList): void {
    const { request, response } = this.#in;
    const headers = responseHeaders(raw, { chunked: request.httpVersionMinor > 0 });
    if (this.exchange.bypassed || this.#parts.closing()) headers.push('connection', 'close');
    try {
      response.writeHead(status, reason ?? STATUS_CODES[status], headers);
    } catch (error) {
      // What the pod sent cannot be said in HTTP/1.1.
      this.stop();
      this.exchange.failed(sayingOf(error));
      return;
    }
    this.exchange.begun(status);
    const { socket } = response;
    // What comes with the head goes with it: one write for all that this turn of the event loop brings.
    socket?.cork();
    response.flushHeaders();
    if (socket !== null) process.nextTick(uncork, socket);
  }

  data(chunk: Buffer, resume: () => void): boolean {
    this.exchange.carried(chunk.length);
    const more = this.#in.response.write(chunk);
    if (!more) this.#in.response.once('drain', resume);
    return more;
  }

  whole(trailers: HeaderList): void {
    const { response } = this.#in;
    for (let at = 0; at < trailers.length; at += 2)
      response.addTrailers([[trailers[at] ?? '', trailers[at + 1] ?? '']]);
    response.end();
    this.exchange.completed();
    this.#readRest();
  }

  upgraded(socket: Duplex, headers: HeaderList): void {
    const { request, response, tunnel } = this.#in;
    const [asked, given] = [headerIn(request.headers, 'upgrade'), joinedIn(headers, 'upgrade') ?? ''];
    if (tunnel === undefined || asked.toLowerCase() !== given.toLowerCase()) {
      socket.destroy();
      this.exchange.failed('the pod switched to another protocol than the client asked for');
      return;
    }
    this.#upgraded = socket;
    this.exchange.begun(101);
    switchProtocols(response, tunnel, headers);
    joinSockets(tunnel, socket, {
      carried: (bytes) => this.exchange.carried(bytes),
      ended: () => this.exchange.completed(),
    });
  }

  unreachable(why: string): void {
    this.exchange.unreachable(why);
  }

  failed(why: string): void {
    this.exchange.failed(why);
  }

  stop(): void {
    this.#stopped = true;
    this.#sending?.stop();
    this.#upgraded?.destroy();
  }

  answer(reply: Reply): void {
    // Who waits for leave to send a body may send it nevertheless, or the next request: nobody can tell.
    sendReply(this.#in.response, reply, this.#mayWait || this.exchange.bypassed || this.#parts.closing());
    this.#readRest();
  }

  cut(): void {
    (this.#in.tunnel?.socket ?? this.#in.response).destroy();
  }

  #readRest(): void {
    const { request } = this.#in;
    if (!request.complete && !request.destroyed) new UnreadRequest(request, this.#parts);
  }
}

const NO_BODY = { chunked: false };
const sayingOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const uncork = (socket: Duplex): void => socket.uncork();

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** As much as is read of a client ahead. Bytes. */
const MOST_AHEAD = 2 ** 16;

/** Who waits for leave has sent nothing yet. */
const mayBeThere = ({ headers }: IncomingMessage): boolean =>
  headers.expect === undefined && headers['content-length'] !== undefined && lengthOf(headers) <= MOST_AHEAD;

const lengthOf = (headers: IncomingHttpHeaders): number => Number(headers['content-length'] ?? Infinity);

/** The body, where all of it has come. */
function bodyThatIsThere(request: IncomingMessage): Buffer | undefined {
  const { headers, readableLength } = request;
  if (readableLength === 0 || readableLength !== lengthOf(headers)) return undefined;
  const body: unknown = request.read(readableLength);
  return Buffer.isBuffer(body) ? body : undefined;
}
