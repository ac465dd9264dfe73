import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { SelfSigned } from './certificate.ts';

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What the server does with one request. */
export type Answer = (request: Seen, response: ServerResponse) => void;

/** A Status object as an API server writes it. */
export const status = (
  code: number,
  reason: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
});

/** Answers at once; objects are sent as JSON. */
export const answer =
  (code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) => {
    const isText = typeof body === 'string' || Buffer.isBuffer(body);
    response.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };

/** A list of one page. */
export const page = (resourceVersion: string, items: readonly unknown[], more = ''): Answer =>
  answer(200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion, continue: more }, items });

/** Sends the head of an answer and these pieces, then ends the answer, cuts the connection, or leaves it open and says nothing more. */
export const stream =
  (pieces: readonly (string | Uint8Array)[], then: 'end' | 'reset' | 'stay'): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
    if (then === 'end') response.end();
    // After what was written has left: a reset must not overtake it.
    if (then === 'reset')
      response.write('', () => setImmediate(() => (response.socket as Socket).resetAndDestroy()));
  };

/** One line of a watch. */
export const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

/** Cuts the connection without an answer. */
export const reset: Answer = (_, response) => {
  (response.socket as Socket).resetAndDestroy();
};

/** Takes the request and never answers. */
export const silence: Answer = () => undefined;

interface Script {
  readonly matches: (request: Seen) => boolean;
  readonly answers: Answer[];
}

/** An HTTP server on loopback that answers each kind of request by a script: in order, and the last answer for ever. */
export class ScriptedApi {
  readonly requests: Seen[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts: Script[] = [];
  readonly #secure: boolean;
  #connections = 0;

  private constructor(tls?: SelfSigned & { readonly clientCa?: string }) {
    const listen = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#take(request, response);
    };
    this.#secure = tls !== undefined;
    this.#server =
      tls === undefined
        ? createServer(listen)
        : createTlsServer(
            {
              key: tls.key,
              cert: tls.cert,
              ...(tls.clientCa === undefined
                ? {}
                : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
            },
            listen,
          );
    this.#server.on('connection', (socket: Socket) => {
      this.#connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  static async start(tls?: SelfSigned & { readonly clientCa?: string }): Promise<ScriptedApi> {
    const api = new ScriptedApi(tls);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  /** Connections taken so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Requests that match (by method, path or what the function says) get these answers; scripts are asked in the order of their making. */
  on(matches: string | ((request: Seen) => boolean), ...answers: Answer[]): this {
    const test = typeof matches === 'string' ? (request: Seen) => request.path === matches : matches;
    this.#scripts.push({ matches: test, answers });
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url ?? '/', this.url);
    const seen: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.requests.push(seen);
    const script = this.#scripts.find(({ matches }) => matches(seen));
    const next =
      script !== undefined && script.answers.length > 1 ? script.answers.shift() : script?.answers[0];
    (next ?? answer(404, '404 page not found'))(seen, response);
  }
}

/** A request for a list. */
export const isList = (request: Seen): boolean => request.method === 'GET' && !request.query.has('watch');
/** A request for a watch. */
export const isWatch = (request: Seen): boolean => request.query.get('watch') === 'true';
