import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Server as TlsServer } from 'node:https';
import { FAULTS, type Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { failureStatus } from '../../domain/k8s/status.ts';
import { OWN_GROUP } from '../../domain/record/read-answer.ts';
import { err, type Result } from '../../domain/result.ts';
import { cannotListen, codeIn } from './cannot-listen.ts';

export interface ServerOptions {
  /** `::` also means IPv4; where the machine has no IPv6 it means 0.0.0.0. */
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** What is still missing before this process can do its work, in words; empty when it is ready. */
  readonly missing: () => readonly string[];
  /** What else there is to know, a line each; shown once the process is ready. */
  readonly details?: () => readonly string[];
  readonly metrics: {
    readonly contentType: string;
    readonly render: () => Promise<string>;
    /** What follows on the page, and may be long. */
    readonly more?: () => AsyncIterable<string>;
  };
  /** What else is served as JSON, by path; `:name` in a path is a parameter. Nothing of it before the process is ready. */
  readonly documents?: Readonly<Record<`/${string}`, Document>>;
  /** The same, served whether the process is ready or not. */
  readonly anytime?: Readonly<Record<`/${string}`, Document>>;
}

/** Parameters of the path and of the query, each at most once. */
export type Asked = Readonly<Record<string, string | undefined>>;
export type Document = (asked: Asked) => Result<object, Fault>;

export interface HttpServer {
  /** The port in use. */
  readonly port: number;
  /** Answers what is under way, then closes every connection; bounded by a second. */
  close(): Promise<void>;
}

/** A server of ours, with TLS or without. */
type Listening =
  | Pick<FastifyInstance, 'listen' | 'close' | 'server'>
  | Pick<FastifyInstance<TlsServer>, 'listen' | 'close' | 'server'>;

const TEXT = 'text/plain; charset=utf-8';
/** Milliseconds. */
const CLOSE_WITHIN = 1000;
const REQUEST_WITHIN = 10_000;

/** Serves `/healthz`, `/readyz`, `/metrics` and the documents. Rejects with one sentence when the address cannot be had. */
export async function startHttpServer(options: ServerOptions): Promise<HttpServer> {
  const app = fastify({ requestTimeout: REQUEST_WITHIN, forceCloseConnections: 'idle' });
  app.get('/healthz', (_request, reply) => reply.type(TEXT).send('ok\n'));
  app.get('/readyz', (_request, reply) => {
    const missing = options.missing();
    if (missing.length === 0)
      return reply.type(TEXT).send(['ok', ...(options.details?.() ?? []), ''].join('\n'));
    return reply
      .code(503)
      .type(TEXT)
      .send(`${waitingFor(missing)}\n`);
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, render, more } = options.metrics;
    const page = await render();
    return reply.type(contentType).send(more === undefined ? page : Readable.from(pieces(page, more())));
  });
  const serve = (path: string, document: Document): void => {
    app.get(path, (request, reply) => {
      const found = document(askedIn(request));
      if (found.ok) return reply.send(found.value);
      return reply.code(FAULTS[found.error.code].http).send(statusOf(found.error));
    });
  };
  for (const [path, document] of Object.entries(options.anytime ?? {})) serve(path, document);
  for (const [path, document] of Object.entries(options.documents ?? {}))
    serve(path, (asked) => {
      const missing = options.missing();
      return missing.length > 0 ? err(notReady(missing)) : document(asked);
    });
  await listen(app, options.address, options.port);
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return { port, close: () => close(app) };
}

async function* pieces(first: string, rest: AsyncIterable<string>): AsyncIterable<string> {
  yield first;
  yield* rest;
}

const waitingFor = (missing: readonly string[]): string => `not ready, waiting for: ${missing.join(', ')}`;
const notReady = (missing: readonly string[]): Fault => ({
  code: 'api_unavailable',
  message: `hpa-bridge is ${waitingFor(missing)}.`,
});

/** A parameter that is given twice is none. */
const askedIn = ({ params, query }: FastifyRequest): Asked =>
  Object.fromEntries(
    Object.entries({ ...(query as object), ...(params as object) }).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

/** A failure as Kubernetes tells it, which kubectl and the API server's proxy understand. */
const statusOf = ({ code, message }: Fault): JsonObject => {
  const { http, reason } = FAULTS[code];
  return failureStatus({ code: http, reason, message, details: { group: OWN_GROUP, kind: 'decisions' } });
};

/** Listens; `::` falls back to IPv4 where there is no IPv6. Rejects with one sentence. */
export async function listen(app: Listening, address: string, port: number): Promise<void> {
  try {
    await app.listen({ host: address, port });
  } catch (thrown) {
    const code = codeIn(thrown);
    if (address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      await listen(app, '0.0.0.0', port);
    else throw cannotListen(address, port, thrown);
  }
}

/** Answers what is under way, then closes every connection; bounded by a second. */
export async function close(app: Listening): Promise<void> {
  const done = new AbortController();
  const late = sleep(CLOSE_WITHIN, undefined, { signal: done.signal }).then(
    () => app.server.closeAllConnections(),
    () => undefined,
  );
  await app.close();
  done.abort();
  await late;
}
