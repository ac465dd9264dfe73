import { Pool, ProxyAgent, type buildConnector, type Dispatcher } from 'undici';
import { seconds, type Ms } from '../../domain/time.ts';
import type { TlsMaterial } from './credentials.ts';

/** How long each phase of a request may take. */
export interface Deadlines {
  readonly connect: Ms;
  /** From the request to the first byte of the answer. */
  readonly headers: Ms;
  /** Silence inside an answer; watches have their own. */
  readonly body: Ms;
}

export const DEADLINES: Deadlines = { connect: seconds(10), headers: seconds(30), body: seconds(30) };

/** Connections made with one TLS identity. */
interface Pair {
  /** For requests that end: a bounded number of connections. */
  readonly requests: Dispatcher;
  /** For watches: each needs a connection for as long as it lasts, and must never keep a request waiting. */
  readonly streams: Dispatcher;
}

const CONNECTIONS = 16;
/** Below what API servers and the load balancers before them keep an idle connection for. */
const KEEP_ALIVE = seconds(30);
/** TCP keep-alive finds peers that vanished without a word. */
const PROBE_AFTER = seconds(15);

/** The connections to one server; a new identity gets new ones, so that a rotated certificate is never mixed with an old one. */
export class Pools {
  readonly #server: URL;
  readonly #proxy: string | undefined;
  readonly #deadlines: Deadlines;
  #tls: TlsMaterial | undefined;
  #pair: Pair | undefined;
  readonly #retired = new Set<Pair>();

  constructor(server: URL, proxy: string | undefined, deadlines: Deadlines) {
    this.#server = server;
    this.#proxy = proxy;
    this.#deadlines = deadlines;
  }

  of(tls: TlsMaterial): Pair {
    if (this.#pair !== undefined && this.#tls === tls) return this.#pair;
    if (this.#pair !== undefined) this.#retire(this.#pair);
    this.#tls = tls;
    this.#pair = { requests: this.#make(tls, CONNECTIONS), streams: this.#make(tls, null) };
    return this.#pair;
  }

  /** Waits for requests in flight until `patience` resolves, then cuts everything. */
  async close(patience: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const pairs = [...this.#retired, ...(this.#pair === undefined ? [] : [this.#pair])];
    const done = new AbortController();
    await Promise.all(pairs.map(({ streams }) => streams.destroy()));
    const finished = Promise.all(pairs.map(({ requests }) => requests.close()));
    await Promise.race([finished, patience(done.signal).catch(() => undefined)]);
    done.abort();
    await Promise.all(pairs.map(({ requests }) => requests.destroy()));
  }

  #retire(pair: Pair): void {
    this.#retired.add(pair);
    // Closing waits for what still runs; a watch runs until the server ends it.
    void Promise.allSettled([pair.requests.close(), pair.streams.close()]).then(() =>
      this.#retired.delete(pair),
    );
  }

  #make(tls: TlsMaterial, connections: number | null): Dispatcher {
    const connect: buildConnector.BuildOptions = {
      ...tls,
      timeout: this.#deadlines.connect,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_AFTER,
    };
    // HTTP/1.1: on HTTP/2 all watches and writes share one connection, and one half-open connection stops them all.
    const options = { connections, allowH2: false, keepAliveTimeout: KEEP_ALIVE };
    if (this.#proxy === undefined) return new Pool(this.#server.origin, { ...options, connect });
    return new ProxyAgent({
      ...options,
      uri: this.#proxy,
      requestTls: connect,
      connect: { timeout: this.#deadlines.connect },
    });
  }
}
