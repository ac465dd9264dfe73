import { PrometheusConnectionOptions, PrometheusDriver } from 'prometheus-query';
import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import type { HttpAnswer } from '../../domain/prometheus/reading.ts';
import { retryAfterOf } from '../kube/errors.ts';
import type { Access } from './access.ts';
import type { Sockets } from './sockets.ts';

const MOST_BYTES = 2 ** 20;
/** Of the timeout, what Prometheus itself may use: its own word for it says more than our giving up. */
const SERVERS_SHARE = 0.9;

export interface Asked {
  readonly server: PrometheusServer;
  readonly query: string;
  readonly access: Access;
  readonly sockets: Sockets;
  /** Aborts the request. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly userAgent: string;
}

/** What came of one request. `error` is for classification only: it holds headers. */
export type Exchanged =
  | { readonly is: 'answered'; readonly answer: HttpAnswer }
  | { readonly is: 'cut'; readonly tooLarge: boolean }
  | { readonly is: 'unanswered'; readonly error: unknown; readonly reused: boolean };

/** The driver reads bodies with less care than we do: it is shown an empty result, and we read what was really answered. */
const EMPTY = { status: 'success', data: { resultType: 'vector', result: [] } };

function optionsFor(asked: Asked, onAnswer: (answer: HttpAnswer) => void): PrometheusConnectionOptions {
  const { server, access } = asked;
  const options = new PrometheusConnectionOptions();
  options.endpoint = server.address;
  options.preferPost = true;
  options.requestInterceptor = {
    onFulfilled: (config) => {
      config.headers.set({ ...access.headers, 'User-Agent': asked.userAgent });
      // The driver sends our clock; Prometheus' own is meant.
      if (config.data instanceof URLSearchParams) config.data.delete('time');
      return Object.assign(config, {
        ...asked.sockets.agents(access.tls),
        params: server.parameters,
        signal: asked.signal,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: MOST_BYTES,
        responseType: 'text',
        transformResponse: [(body: unknown) => body],
        validateStatus: () => true,
        // The signal covers the whole question.
        timeout: 0,
      });
    },
  };
  options.responseInterceptor = {
    onFulfilled: (response) => {
      onAnswer({
        status: response.status,
        retryAfterMs: retryAfterOf(textOf(response.headers['retry-after']), asked.now()),
        body: textOf(response.data) ?? '',
      });
      return { ...response, data: EMPTY };
    },
  };
  return options;
}

/** Sends one query by POST with prometheus-query. Never rejects. */
export async function exchange(asked: Asked): Promise<Exchanged> {
  let exchanged: Exchanged = { is: 'unanswered', error: undefined, reused: false };
  const options = optionsFor(asked, (answer) => {
    exchanged = { is: 'answered', answer };
  });
  const patience = `${Math.floor(asked.server.timeout * SERVERS_SHARE)}ms`;
  try {
    await new PrometheusDriver(options).instantQuery(asked.query, undefined, patience);
    return exchanged;
  } catch (thrown) {
    return unanswered(thrown);
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/** The driver throws an object whose `original` is axios' error, with request and headers in it: only what is needed leaves here. */
function unanswered(thrown: unknown): Exchanged {
  const message = textOf(fieldOf(thrown, 'error')) ?? '';
  if (message.startsWith('maxContentLength')) return { is: 'cut', tooLarge: true };
  const original = fieldOf(thrown, 'original');
  const request = fieldOf(original, 'request');
  // Where an HTTP answer had begun, the driver throws no `original`, or one whose request has it.
  const type = fieldOf(thrown, 'errorType');
  const began = type === 'http_error' || type === 'client_error' || isPresent(fieldOf(request, 'res'));
  if (began) return { is: 'cut', tooLarge: false };
  const reused = fieldOf(request, 'reusedSocket') === true;
  return { is: 'unanswered', error: fieldOf(original, 'cause') ?? original ?? thrown, reused };
}
