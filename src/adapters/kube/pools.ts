import { Pool, ProxyAgent, type buildConnector, type Dispatcher } from 'undici';
import { seconds, type Ms } from '../../domain/time.ts';
import type { TlsMaterial } from './identity.ts';

/** How long each phase of a request may take. */
export interface Deadlines {
  readonly connect: Ms;
  /** From the request to the first byte of the answer. */
  readonly headers: Ms;
  /** Silence inside an answer; watches have their own. */
  readonly body: Ms;
  /**
   * A whole guarded write. Below what passes between the end of our own leadership and the moment at which another may lead, so that
   * no write of ours arrives in another's time; above the ten seconds that an admission webhook may take.
   */
  readonly write: Ms;
}

export const DEADLINES: Deadlines = {
  connect: seconds(10),
  headers: seconds(30),
  body: seconds(30),
  write: seconds(15),
};

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
  /** Pairs that finish what they have, and when they have. */
  readonly #retired = new Map<Pair, Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(server: URL, proxy: string | undefined, deadlines: Deadlines) {
    this.#server = server;
    this.#proxy = proxy;
    this.#deadlines = deadlines;
  }

  of(tls: TlsMaterial): Pair {
    if (this.#pair !== undefined && (this.#tls === tls || this.#closed !== undefined)) return this.#pair;
    if (this.#pair !== undefined) this.#retire(this.#pair);
    this.#tls = tls;
    this.#pair = { requests: this.#make(tls, CONNECTIONS), streams: this.#make(tls, null) };
    return this.#pair;
  }

  /** Cuts watches, waits for requests in flight until `patience` resolves, then cuts those too. The first call counts. */
  close(patience: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#closed ??= this.#close(patience);
    return this.#closed;
  }

  async #close(patience: (signal: AbortSignal) => Promise<void>): Promise<void> {
    // Also when nothing was asked yet: whoever asks later must find it closed.
    this.#retire(this.of(this.#tls ?? {}));
    const done = new AbortController();
    const pairs = [...this.#retired.keys()];
    await Promise.all(pairs.map(({ streams }) => streams.destroy()));
    await Promise.race([Promise.all(this.#retired.values()), patience(done.signal).catch(() => undefined)]);
    done.abort();
    await Promise.all(pairs.map(({ requests }) => requests.destroy()));
  }

  /** Lets what still runs finish; a watch runs until the server ends it. */
  #retire(pair: Pair): void {
    const ended = Promise.allSettled([pair.requests.close(), pair.streams.close()]).then(() => {
      this.#retired.delete(pair);
    });
    this.#retired.set(pair, ended);
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
