import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { FaultError } from '../../domain/fault.ts';
import type { Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Access } from './identity.ts';
import type { Credentials } from './credentials.ts';
import { faultOfRefusal } from './errors.ts';
import { codeOfError, faultOfNetwork, isTlsError } from './network-errors.ts';
import { Pools, type Deadlines } from './pools.ts';
import type { RateLimit } from './rate-limit.ts';
import { WarningLog } from './warning-log.ts';

/** The verbs of RBAC, and `apply`, `connect` aside. Also the label of the request metric. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'discover';

const METHODS: Readonly<Record<Verb, Dispatcher.HttpMethod>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  discover: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
};

/** One request. */
export interface Call {
  readonly verb: Verb;
  /** Path and query. */
  readonly path: string;
  /** What it is about, for messages: `scaledobjects.keda.sh team/shop`. */
  readonly about: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** False: does not wait for the rate limit. */
  readonly limited?: boolean;
  /** Throws when the request may not be sent (any more); asked at the last moment before each sending. */
  readonly guard?: () => void;
}

/** What the API server answered. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

export interface TransportDeps {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly limit: RateLimit;
  readonly deadlines: Deadlines;
  /** Our own version, for User-Agent. */
  readonly version: string;
}

const unzip = promisify(gunzip);
const one = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.[0];

/** Requests to one API server over kept connections. Knows HTTP and credentials, and nothing of kinds. */
export class Transport {
  readonly #deps: TransportDeps;
  readonly #pools: Pools;
  readonly #warnings: WarningLog;

  constructor(deps: TransportDeps) {
    this.#deps = deps;
    this.#pools = new Pools(deps.credentials.server, deps.credentials.proxy, deps.deadlines);
    this.#warnings = new WarningLog(deps.log);
  }

  get clock(): Clock {
    return this.#deps.clock;
  }

  /** The body of a successful answer. Throws FaultError, or the signal's reason. */
  async send(call: Call): Promise<string> {
    const answer = await this.ask(call);
    if (answer.status >= 300) throw this.#refusal(call, answer);
    return answer.body;
  }

  /** The answer, whatever it says. Throws like `send` where there is none. */
  async ask(call: Call): Promise<Answered> {
    if (call.limited !== false) await this.#deps.limit.take(call.signal);
    const started = this.#deps.clock.monotonic();
    let code = 'error';
    const { bounded, done } = this.#bound(call);
    try {
      const answer = await this.#exchange(bounded, 'requests');
      code = String(answer.statusCode);
      return await this.#whole(bounded, answer);
    } finally {
      done();
      const took = (this.#deps.clock.monotonic() - started) / 1000;
      this.#deps.telemetry.observe('hpa_bridge_api_request_seconds', { verb: call.verb, code }, took);
    }
  }

  /** The body of a successful answer, chunk by chunk, for as long as it lasts. Not counted and not limited. Throws like `send`. */
  async open(call: Call): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#exchange(call, 'streams');
    if (answer.statusCode >= 300) throw this.#refusal(call, await this.#whole(call, answer));
    return this.#chunks(call, answer);
  }

  /** Lets requests in flight finish for at most `patience`, and cuts streams at once. */
  async close(patience: Ms): Promise<void> {
    await this.#pools.close((signal) => this.#deps.clock.sleep(patience, signal));
  }

  /** A guarded call that ends in time. */
  #bound(call: Call): { readonly bounded: Call; readonly done: () => void } {
    if (call.guard === undefined) return { bounded: call, done: () => undefined };
    const { clock, deadlines } = this.#deps;
    const late = new AbortController();
    const message = `The API server did not finish in ${deadlines.write / 1000} s to ${call.verb} ${call.about}; it may still have been done.`;
    const done = clock.after(deadlines.write, () =>
      late.abort(new FaultError({ code: 'api_unavailable', message })),
    );
    const signal = call.signal === undefined ? late.signal : AbortSignal.any([call.signal, late.signal]);
    return { bounded: { ...call, signal }, done };
  }

  async #exchange(call: Call, use: 'requests' | 'streams'): Promise<Dispatcher.ResponseData> {
    const access = await this.#deps.credentials.current();
    const answer = await this.#attempt(call, use, access);
    // A token that was replaced in between is no fault: nothing was done, so asking again is safe for writes too.
    if (answer.statusCode !== 401 || !this.#deps.credentials.refuse(access)) return answer;
    await answer.body.dump();
    return this.#attempt(call, use, await this.#deps.credentials.current());
  }

  async #attempt(call: Call, use: 'requests' | 'streams', access: Access): Promise<Dispatcher.ResponseData> {
    const { credentials, deadlines, version } = this.#deps;
    call.signal?.throwIfAborted();
    call.guard?.();
    try {
      const answer = await this.#pools.of(access.tls)[use].request({
        path: `${credentials.server.pathname.replace(/\/$/, '')}${call.path}`,
        origin: credentials.server.origin,
        method: METHODS[call.verb],
        headers: {
          ...access.headers,
          'User-Agent': `hpa-bridge/${version}`,
          Accept: call.accept ?? 'application/json',
          ...(use === 'requests' ? { 'Accept-Encoding': 'gzip' } : {}),
          ...(call.contentType === undefined ? {} : { 'Content-Type': call.contentType }),
        },
        body: call.body ?? null,
        signal: call.signal ?? null,
        headersTimeout: deadlines.headers,
        bodyTimeout: use === 'requests' ? deadlines.body : 0,
      });
      this.#warnings.note(answer.headers['warning']);
      return answer;
    } catch (error) {
      throw this.#failure(call, error, access);
    }
  }

  async #text(call: Call, answer: Dispatcher.ResponseData): Promise<string> {
    try {
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      const zipped = one(answer.headers['content-encoding']) === 'gzip';
      return (zipped ? await unzip(bytes) : bytes).toString('utf8');
    } catch (error) {
      throw this.#failure(call, error);
    }
  }

  async *#chunks(call: Call, answer: Dispatcher.ResponseData): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) yield chunk;
    } catch (error) {
      throw this.#failure(call, error);
    }
  }

  async #whole(call: Call, answer: Dispatcher.ResponseData): Promise<Answered> {
    const { statusCode: status, headers } = answer;
    return { status, body: await this.#text(call, answer), retryAfter: one(headers['retry-after']) };
  }

  #refusal(call: Call, { status, body, retryAfter }: Answered): FaultError {
    return new FaultError(
      faultOfRefusal({
        status,
        body,
        retryAfter,
        asked: `${call.verb} ${call.about}`,
        now: this.#deps.clock.now(),
      }),
    );
  }

  /** What to throw for a failure below HTTP: the caller's own reason when it gave up. The error itself goes no further: it may hold headers. */
  #failure(call: Call, error: unknown, access?: Access): unknown {
    if (call.signal?.aborted === true) return call.signal.reason;
    if (access !== undefined && isTlsError(codeOfError(error))) this.#deps.credentials.refuse(access);
    return new FaultError(
      faultOfNetwork(error, this.#deps.credentials.server.host, `${call.verb} ${call.about}`),
    );
  }
}
