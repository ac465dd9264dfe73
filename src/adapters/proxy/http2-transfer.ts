import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { headerIn, sizeOf, type HeaderList, type Reply } from '../../domain/activator/headers.ts';
import { requestHeaders } from '../../domain/activator/request-headers.ts';
import { responseHeaders } from '../../domain/activator/response-headers.ts';
import type { Place, ServedRevision } from '../../ports/throttler.ts';
import { Exchange, type ExchangeParts, type Transfer } from './exchange.ts';
import type { Http2Pool, Taker } from './http2-pool.ts';
import { podAt } from './pods.ts';
import { breakOff, closeUnread, sendStreamReply } from './replies.ts';

/** What all transfers of HTTP/2 share. */
export interface Http2Parts extends ExchangeParts {
  readonly pool: Http2Pool;
}

/** One request that came over HTTP/2, and who sent it. */
export interface Http2Request {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly raw: HeaderList;
  /** Whether the head was all of it. */
  readonly whole: boolean;
  /** The client's address. */
  readonly peer: string;
}

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** A request over HTTP/2 to a pod, and its answer back. */
export class Http2Transfer implements Transfer, Taker {
  readonly protocol = 'HTTP/2';
  readonly exchange: Exchange;
  readonly #pool: Http2Pool;
  readonly #in: Http2Request;
  #place: Place | undefined;
  #upstream: ClientHttp2Stream | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #ended = false;
  #repeated = false;
  #stopped = false;

  constructor(parts: Http2Parts, revision: ServedRevision, incoming: Http2Request) {
    this.#pool = parts.pool;
    this.#in = incoming;
    this.exchange = new Exchange(parts, revision, this);
    incoming.stream.on('error', ignored).on('close', () => this.exchange.gone());
  }

  get kept(): number {
    return sizeOf(this.#in.raw) + this.#in.stream.readableLength;
  }

  send(place: Place): void {
    this.#place = place;
    this.#pool.take(podAt(place.origin, this.exchange.key), this);
  }

  unreachable(why: string): void {
    if (!this.#stopped) this.exchange.unreachable(why);
  }

  taken(session: ClientHttp2Session, giveBack: () => void): void {
    if (this.#stopped) {
      giveBack();
      return;
    }
    const { headers, stream, whole } = this.#in;
    let upstream: ClientHttp2Stream;
    try {
      upstream = session.request(this.#head(), { endStream: whole, waitForTrailers: !whole });
    } catch (error) {
      // The connection has ended since it was taken: nothing was sent.
      giveBack();
      this.unreachable(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#upstream = upstream;
    upstream.on('close', () => {
      giveBack();
      this.#closed(upstream);
    });
    upstream.on('error', ignored);
    upstream.on('headers', (info) => {
      if (!stream.headersSent && !stream.closed) stream.additionalHeaders(info);
    });
    upstream.on('response', (_headers, flags, raw) => this.#respond(upstream, flags, raw));
    upstream.on('trailers', (trailers) => (this.#trailers = trailers));
    if (whole) return;
    if (headerIn(headers, 'expect') !== '') stream.additionalHeaders({ ':status': 100 });
    this.#sendBody(upstream);
  }

  #head(): string[] {
    const { headers, raw, peer } = this.#in;
    const { host, headers: extra = [], origin = '' } = this.#place ?? {};
    const asked = hostOf(headers);
    return [
      ':method',
      headers[':method'] ?? 'GET',
      ':scheme',
      origin.startsWith('https:') ? 'https' : 'http',
      ':authority',
      host ?? origin.slice(origin.indexOf('//') + 2),
      ':path',
      headers[':path'] ?? '/',
      ...requestHeaders(raw, { host: asked, peer, connection: '', extra }),
    ];
  }

  #sendBody(upstream: ClientHttp2Stream): void {
    const { stream } = this.#in;
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (sent) => (trailers = sent));
    upstream.on('wantTrailers', () => upstream.sendTrailers(trailers));
    stream.on('data', (chunk: Buffer) => {
      if (!upstream.write(chunk)) stream.pause();
    });
    upstream.on('drain', () => stream.resume());
    // A stream that was reset ends, too, and what came of it must not pass for all.
    stream.on('end', () => {
      if (!stream.aborted) upstream.end();
    });
  }

  #respond(upstream: ClientHttp2Stream, flags: number, raw: HeaderList): void {
    const { stream } = this.#in;
    if (stream.closed || stream.destroyed) return;
    const status = raw[raw.indexOf(':status') + 1] ?? '502';
    const head = [':status', status, ...responseHeaders(raw, { chunked: true })];
    this.exchange.begun(Number(status));
    if (this.exchange.bypassed) stream.session?.close();
    const whole = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    if (whole) {
      // No body, and perhaps the status of gRPC in the head: it stays one frame.
      stream.respond(head, { endStream: true });
      closeUnread(stream);
      this.#complete();
      return;
    }
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(this.#trailers ?? {});
      closeUnread(stream);
    });
    upstream.on('data', (chunk: Buffer) => {
      this.exchange.carried(chunk.length);
      if (!stream.write(chunk)) upstream.pause();
    });
    stream.on('drain', () => upstream.resume());
    upstream.on('end', () => {
      if (upstream.rstCode !== NGHTTP2_NO_ERROR || this.#stopped) return;
      stream.end();
      this.#complete();
    });
  }

  #complete(): void {
    this.#ended = true;
    this.exchange.completed();
  }

  #closed({ rstCode }: ClientHttp2Stream): void {
    if (this.#ended || this.#stopped) return;
    const { whole, stream } = this.#in;
    if (rstCode === NGHTTP2_REFUSED_STREAM && whole && !this.#repeated && !stream.headersSent) {
      // The pod has not begun with it, and says so.
      this.#repeated = true;
      if (this.#place !== undefined) this.send(this.#place);
    } else this.exchange.failed(`the stream was closed with code ${rstCode}`);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#upstream !== undefined) breakOff(this.#upstream);
  }

  answer(reply: Reply): void {
    sendStreamReply(this.#in.stream, reply);
    if (this.exchange.bypassed) this.#in.stream.session?.close();
  }

  cut(): void {
    breakOff(this.#in.stream);
  }
}

const ignored = (): void => undefined;

/** What the client asked for; an HTTP/2 client may say it as HTTP/1 does. */
export const hostOf = (headers: IncomingHttpHeaders): string => headers[':authority'] ?? headers.host ?? '';
