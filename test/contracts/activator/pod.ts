import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createHash } from 'node:crypto';

/** What a pod was asked. */
export interface Asked {
  readonly protocol: string;
  readonly method: string;
  readonly path: string;
  /** Name and value in turn, as they came. */
  readonly raw: readonly string[];
  readonly bytes: number;
  readonly sha1: string;
  readonly trailers: readonly string[];
}

/** A pod: one port that speaks HTTP/1.1 and h2c, and answers by the path. */
export class Pod {
  /** Host and port. */
  readonly authority: string;
  /** Requests whose client went away before they were answered. */
  gone = 0;
  /** Requests so far. */
  asked = 0;
  /** Bodies that were read to their end. */
  whole = 0;
  connections = 0;
  /** Called when a request of `/wait` is to be answered. */
  readonly #waiting: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #stop: () => void;

  private constructor(authority: string, stop: () => void) {
    this.authority = authority;
    this.#stop = stop;
  }

  get origin(): string {
    return `http://${this.authority}`;
  }

  /** A lenient one takes what it can for a request, as careless servers do. */
  static async start({ lenient = false, address = '127.0.0.1' } = {}): Promise<Pod> {
    const http1 = createHttp1Server({
      keepAliveTimeout: 0,
      maxHeaderSize: 2 ** 21,
      insecureHTTPParser: lenient,
    });
    http1.maxHeadersCount = 0;
    const http2 = createHttp2Server({ maxHeaderListPairs: 2000, settings: { maxHeaderListSize: 2 ** 20 } });
    const server = createServer((socket) => {
      pod.connections += 1;
      pod.#sockets.add(socket);
      socket.on('close', () => pod.#sockets.delete(socket)).on('error', () => undefined);
      socket.once('data', (chunk: Buffer) => {
        socket.pause();
        socket.unshift(chunk);
        if (chunk.toString('latin1', 0, 3) === 'PRI') http2.emit('connection', socket);
        else {
          http1.emit('connection', socket);
          socket.resume();
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const pod = new Pod(`${address}:${(server.address() as AddressInfo).port}`, () => server.close());
    http1.on('request', (request, response) => void pod.#http1(request, response));
    http1.on('upgrade', (request, socket: Socket, head: Buffer) => pod.#upgrade(request, socket, head));
    http2.on('stream', (stream: ServerHttp2Stream, headers, _flags, raw: string[]) => {
      stream.on('error', () => undefined);
      void pod.#http2(stream, headers[':method'] ?? '', headers[':path'] ?? '', raw);
    });
    http2.on('sessionError', () => undefined);
    return pod;
  }

  /** Answers whoever waits. */
  answerWaiting(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ends every connection, as a pod that is killed. */
  kill(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.kill();
    this.#stop();
  }

  async #http1(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked += 1;
    const { url = '', method = '' } = request;
    response.on('close', () => (this.gone += response.writableFinished ? 0 : 1));
    const answer = ANSWERS_1[url.split('?')[0] ?? ''];
    if (answer !== undefined) {
      answer(request, response, this);
      return;
    }
    const { bytes, sha1 } = await this.#digest(request);
    const asked: Asked = {
      ...{ protocol: `HTTP/${request.httpVersion}`, method, path: url, raw: request.rawHeaders, bytes, sha1 },
      trailers: request.rawTrailers,
    };
    const body = JSON.stringify(asked);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  /** Answers only when the test says so. */
  wait(answer: () => void): void {
    this.#waiting.push(answer);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.asked += 1;
    if (request.url === '/refuse-upgrade') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade ?? ''}\r\nX-From: pod\r\n\r\n`,
    );
    if (head.length > 0) socket.write(head);
    socket.on('close', () => (this.gone += 1));
    socket.pipe(socket);
  }

  async #http2(
    stream: ServerHttp2Stream,
    method: string,
    path: string,
    raw: readonly string[],
  ): Promise<void> {
    this.asked += 1;
    stream.on('aborted', () => (this.gone += 1));
    const answer = ANSWERS_2[path.split('?')[0] ?? ''];
    if (answer !== undefined) {
      answer(stream, this);
      return;
    }
    let trailers: readonly string[] = [];
    stream.on('trailers', (_headers, _flags, sent: readonly string[]) => (trailers = sent));
    const { bytes, sha1 } = await this.#digest(stream);
    if (stream.destroyed) return;
    stream.respond({ ':status': 200 });
    stream.end(
      JSON.stringify({ protocol: 'HTTP/2', method, path, raw, bytes, sha1, trailers } satisfies Asked),
    );
  }

  async #digest(stream: AsyncIterable<Buffer>): Promise<{ readonly bytes: number; readonly sha1: string }> {
    const hash = createHash('sha1');
    let bytes = 0;
    try {
      for await (const chunk of stream) {
        bytes += chunk.length;
        hash.update(chunk);
      }
      this.whole += 1;
    } catch {
      // The client went away; nobody reads the answer.
    }
    return { bytes, sha1: hash.digest('hex') };
  }
}

const TEN_MIB = Buffer.alloc(10 * 2 ** 20, 'b');
/** Connections that have carried a request. */
const KEPT = new WeakSet<object>();

/** What is answered over HTTP/1.1, by path. */
const ANSWERS_1: Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse, pod: Pod) => void>
> = {
  '/wait': (_request, response, pod) => pod.wait(() => response.end('waited')),
  '/never': () => undefined,
  '/early': (_request, response) => response.writeHead(413, { 'content-length': 3 }).end('big'),
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/not-modified': (_request, response) => response.writeHead(304, { etag: '"x"' }).end(),
  '/hop-and-close': (_request, response) =>
    response.writeHead(200, { connection: 'close, X-Hop', 'x-hop': '1' }).end('hop'),
  '/hop': (_request, response) =>
    response
      .writeHead(200, [
        ...['Connection', 'X-Hop', 'X-Hop', '1', 'Proxy-Authenticate', 'Basic', 'X-Kept', '1'],
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
      ])
      .end('hop'),
  '/hints': (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('hinted');
  },
  '/events': (_request, response, pod) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    pod.wait(() => response.end('data: 2\n\n'));
  },
  '/half': (request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => request.socket.destroy());
  },
  '/dies': (request) => request.socket.destroy(),
  '/dies-if-kept': (request, response) => {
    if (KEPT.has(request.socket)) request.socket.destroy();
    else response.end('fresh');
    KEPT.add(request.socket);
  },
  '/trailers': (_request, response) => {
    response.writeHead(200, { trailer: 'x-sum' }).write('body');
    response.addTrailers({ 'x-sum': '4' });
    response.end();
  },
  '/big': (_request, response) => response.writeHead(200, { 'content-length': TEN_MIB.length }).end(TEN_MIB),
  '/duplex': (request, response) => request.pipe(response.writeHead(200)),
};

/** What is answered over HTTP/2, by path. */
const ANSWERS_2: Readonly<Record<string, (stream: ServerHttp2Stream, pod: Pod) => void>> = {
  '/wait': (stream, pod) =>
    pod.wait(() => {
      stream.respond({ ':status': 200 });
      stream.end('waited');
    }),
  '/never': () => undefined,
  '/early': (stream) => {
    stream.respond({ ':status': 413 });
    stream.end('big', () => stream.close());
  },
  '/hints': (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
    stream.respond({ ':status': 200 });
    stream.end('hinted');
  },
  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end('body');
  },
  '/trailers-only': (stream) => stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }),
  '/reset': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('half', () => stream.destroy(new Error('half')));
  },
  '/dies': (stream) => stream.session?.destroy(),
  '/events': (stream, pod) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: 1\n\n');
    pod.wait(() => stream.end('data: 2\n\n'));
  },
  '/duplex': (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  },
  '/big': (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(TEN_MIB);
  },
};
