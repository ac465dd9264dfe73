import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import { faultOf } from '../../domain/fault.ts';
import {
  isNumber,
  outcomeOf,
  type Answer,
  type Exchange,
  type FailedReading,
  type Found,
  type Question,
  type Reading,
  type SeriesAnswer,
} from '../../domain/prometheus/answer.ts';
import { oneNumberOf, readSeries } from '../../domain/prometheus/reading.ts';
import { ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { LiveAccess, type Access } from './access.ts';
import { exchange, type Exchanged } from './exchange.ts';
import { readingOfNetwork } from './network-readings.ts';
import { Sockets } from './sockets.ts';
import type { ReadText } from './texts.ts';

export interface MetricSourceParts {
  readonly server: PrometheusServer;
  /** Reads the Secrets, ConfigMaps and files that the server is configured with. */
  readonly read: ReadText;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Our own version, for User-Agent. */
  readonly version: string;
}

/** How much of an answer is kept for people. */
const SHOWN = 500;

/** What one request brought, and how its body begins. */
interface Seen {
  readonly found: Found;
  readonly raw: string | undefined;
}

/** One Prometheus server over HTTP. */
export class PrometheusSource implements MetricSource {
  readonly #parts: MetricSourceParts;
  readonly #sockets = new Sockets();
  readonly #access: LiveAccess;
  readonly #host: string;

  constructor(parts: MetricSourceParts) {
    this.#parts = parts;
    this.#access = new LiveAccess(parts.server, parts.read, parts.clock);
    this.#host = new URL(parts.server.address).host;
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const { found, ...rest } = await this.#request(question, signal, oneNumberOf);
    return { ...rest, reading: found, obtained: 'alone' };
  }

  askSeries(question: Question, signal: AbortSignal): Promise<SeriesAnswer> {
    return this.#request(question, signal, (all) => all);
  }

  async #request<F extends Found>(
    question: Question,
    signal: AbortSignal,
    view: (found: Found) => F,
  ): Promise<Exchange & { readonly found: F }> {
    signal.throwIfAborted();
    const { clock, server, telemetry } = this.#parts;
    const began = clock.monotonic();
    const deadline = new AbortController();
    const cancel = clock.after(server.timeout, () => deadline.abort(new Error('timeout')));
    const seen = await this.#see(question, AbortSignal.any([signal, deadline.signal]))
      .then((all) => (deadline.signal.aborted ? this.#late() : all))
      .catch((thrown: unknown) => (deadline.signal.aborted ? this.#late() : givenUp(thrown)))
      .finally(cancel);
    signal.throwIfAborted();
    const found = view(seen.found);
    const took = ms(clock.monotonic() - began);
    telemetry.add('hpa_bridge_prometheus_requests_total', { server: server.name, outcome: outcomeOf(found) });
    telemetry.observe('hpa_bridge_prometheus_request_seconds', { server: server.name }, took / 1000);
    return { found, raw: seen.raw, server: server.name, receivedAt: clock.now(), took };
  }

  /** Closes the connections. */
  close(): void {
    this.#sockets.close();
  }

  async #see(question: Question, signal: AbortSignal): Promise<Seen> {
    const access = await untilAborted(this.#access.current(), signal);
    const send = (): Promise<Exchanged> =>
      exchange({
        server: this.#parts.server,
        query: question.query,
        access,
        sockets: this.#sockets,
        signal,
        now: () => this.#parts.clock.now(),
        userAgent: `hpa-bridge/${this.#parts.version}`,
      });
    const first = await send();
    // A connection that was kept open may have been closed by the other side in the meantime.
    const exchanged = first.is === 'unanswered' && first.reused && !signal.aborted ? await send() : first;
    return this.#seen(exchanged, access);
  }

  #seen(exchanged: Exchanged, access: Access): Seen {
    if (exchanged.is !== 'answered') {
      const reading = this.#unanswered(exchanged);
      if (reading.is === 'prometheus_tls') this.#access.refuse(access);
      return { found: reading, raw: undefined };
    }
    const { server } = this.#parts;
    const found = readSeries(exchanged.answer, server);
    if (found.is === 'prometheus_unauthorized') this.#access.refuse(access);
    const body = hide(exchanged.answer.body, access.secrets);
    if (body === exchanged.answer.body) return { found, raw: shortened(body) };
    // A server may echo what it was sent; the numbers are read from what it really said.
    return { found: toldAs(found, readSeries({ ...exchanged.answer, body }, server)), raw: shortened(body) };
  }

  #unanswered(exchanged: Exclude<Exchanged, { readonly is: 'answered' }>): FailedReading {
    if (exchanged.is === 'unanswered') return readingOfNetwork(exchanged.error, this.#host);
    return exchanged.tooLarge
      ? { is: 'prometheus_too_large', message: `The answer of ${this.#host} is larger than 1 MiB.` }
      : {
          is: 'prometheus_truncated',
          message: `${this.#host} cut the connection in the middle of its answer.`,
        };
  }

  #late(): Seen {
    const { timeout } = this.#parts.server;
    const message = `${this.#host} gave no complete answer within ${timeout / 1000} s.`;
    return { found: { is: 'prometheus_timeout', message }, raw: undefined };
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What could not even be asked. Anything but a fault of that kind is a mistake of ours, and thrown. */
function givenUp(thrown: unknown): Seen {
  const { code, message } = faultOf(thrown);
  if (code !== 'prometheus_credentials') throw thrown;
  return { found: { is: code, message }, raw: undefined };
}

/** The text without our secrets, also as JSON and URLs would spell them. */
const hide = (text: string, secrets: readonly string[]): string =>
  secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .reduce((safe, secret) => safe.replaceAll(secret, '…'), text);

/** What was found, in the words of what is found without secrets; labels are compared, never told. */
function toldAs(found: Found, safe: Found): Found {
  if (found.is !== 'series') return readingToldAs(found, safe.is === 'series' ? undefined : safe);
  const others = safe.is === 'series' && safe.series.length === found.series.length ? safe.series : [];
  return {
    is: 'series',
    series: found.series.map((one, at) => ({
      ...one,
      reading: readingToldAs(one.reading, others[at]?.reading),
    })),
  };
}

function readingToldAs(reading: Reading, safe: Reading | undefined): Reading {
  const number = safe !== undefined && isNumber(safe);
  if (isNumber(reading)) return { ...reading, warnings: number ? safe.warnings : [] };
  const told = safe !== undefined && !number ? safe.message : 'The answer holds what may not be told.';
  return { ...reading, message: told };
}

const shortened = (text: string): string => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`);
