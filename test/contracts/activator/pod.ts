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
  readonly port: number;
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
  /** Connections that have carried a request. */
  readonly #kept = new WeakSet<object>();
  readonly #stop: () => void;

  private constructor(port: number, stop: () => void) {
    this.port = port;
    this.#stop = stop;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(address = '127.0.0.1', port = 0): Promise<Pod> {
    const http1 = createHttp1Server({ keepAliveTimeout: 0, maxHeaderSize: 2 ** 21 });
    http1.maxHeadersCount = 0;
    const http2 = createHttp2Server({ maxHeaderListPairs: 2000 });
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
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    const pod = new Pod((server.address() as AddressInfo).port, () => server.close());
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
    const path = url.split('?')[0] ?? '';
    response.on('close', () => (this.gone += response.writableFinished ? 0 : 1));
    if (request.headers['k-network-probe'] === 'queue') {
      response.end('queue');
      return;
    }
    switch (path) {
      case '/wait':
        this.#waiting.push(() => response.end('waited'));
        return;
      case '/never':
        return;
      case '/early':
        response.writeHead(413, { 'content-length': 3 }).end('big');
        return;
      case '/empty':
        response.writeHead(204).end();
        return;
      case '/not-modified':
        response.writeHead(304, { etag: '"x"' }).end();
        return;
      case '/hop':
        response.writeHead(200, ['Connection', 'close, X-Hop', 'X-Hop', '1', 'Proxy-Authenticate', 'Basic', 'X-Kept', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
        response.end('hop');
        return;
      case '/hints':
        response.writeEarlyHints({ link: '</a.css>; rel=preload' });
        response.end('hinted');
        return;
      case '/events':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        this.#waiting.push(() => response.end('data: 2\n\n'));
        return;
      case '/half':
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => request.socket.destroy());
        return;
      case '/dies':
        request.socket.destroy();
        return;
      case '/dies-if-kept':
        if (this.#kept.has(request.socket)) request.socket.destroy();
        else response.end('fresh');
        this.#kept.add(request.socket);
        return;
      case '/trailers':
        response.writeHead(200, { trailer: 'x-sum' });
        response.write('body');
        response.addTrailers({ 'x-sum': '4' });
        response.end();
        return;
      case '/big':
        response.writeHead(200, { 'content-length': 10 * 2 ** 20 }).end(Buffer.alloc(10 * 2 ** 20, 'b'));
        return;
      case '/duplex':
        response.writeHead(200);
        request.pipe(response);
        return;
    }
    const { bytes, sha1 } = await this.#digest(request);
    const trailers = request.rawTrailers;
    const asked: Asked = { protocol: `HTTP/${request.httpVersion}`, method, path: url, raw: request.rawHeaders, bytes, sha1, trailers };
    const body = JSON.stringify(asked);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.asked += 1;
    if (request.url === '/refuse-upgrade') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade ?? ''}\r\nX-From: pod\r\n\r\n`);
    if (head.length > 0) socket.write(head);
    socket.on('close', () => (this.gone += 1));
    socket.pipe(socket);
  }

  async #http2(stream: ServerHttp2Stream, method: string, path: string, raw: readonly string[]): Promise<void> {
    this.asked += 1;
    stream.on('aborted', () => (this.gone += 1));
    if (raw[raw.indexOf('k-network-probe') + 1] === 'queue') {
      stream.respond({ ':status': 200 });
      stream.end('queue');
      return;
    }
    switch (path.split('?')[0]) {
      case '/wait':
        this.#waiting.push(() => {
          stream.respond({ ':status': 200 });
          stream.end('waited');
        });
        return;
      case '/never':
        return;
      case '/early':
        stream.respond({ ':status': 413 });
        stream.end('big', () => stream.close());
        return;
      case '/hints':
        stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
        stream.respond({ ':status': 200 });
        stream.end('hinted');
        return;
      case '/trailers':
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end('body');
        return;
      case '/trailers-only':
        stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true });
        return;
      case '/reset':
        stream.respond({ ':status': 200 });
        stream.write('half', () => stream.destroy(new Error('half')));
        return;
      case '/dies':
        stream.session?.destroy();
        return;
      case '/events':
        stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
        stream.write('data: 1\n\n');
        this.#waiting.push(() => stream.end('data: 2\n\n'));
        return;
      case '/duplex':
        stream.respond({ ':status': 200 });
        stream.pipe(stream);
        return;
      case '/big':
        stream.respond({ ':status': 200 });
        stream.end(Buffer.alloc(10 * 2 ** 20, 'b'));
        return;
    }
    let trailers: readonly string[] = [];
    stream.on('trailers', (_headers, _flags, sent: readonly string[]) => (trailers = sent));
    const { bytes, sha1 } = await this.#digest(stream);
    if (stream.destroyed) return;
    stream.respond({ ':status': 200 });
    stream.end(JSON.stringify({ protocol: 'HTTP/2', method, path, raw, bytes, sha1, trailers } satisfies Asked));
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
