import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { dial } from './dial.ts';
import { addressOf, type Pod, type PodAuthorities } from './pods.ts';

/** Milliseconds: below any idle timeout of queue-proxy, which has none. */
const IDLE = 60_000;
/** Of one pod; more are closed when they become free. */
const MOST_FREE = 1000;
/** As Go's clients take. Bytes. */
const MOST_HEADER_BYTES = 2 ** 20;

/** One connection to a pod, which carries one request at a time. */
export class Http1Connection {
  readonly pod: Pod;
  readonly client: Client;
  #socket: Socket | undefined;
  /** Why no connection came about the last time; undefined: one did, or none was needed. */
  dialError: Error | undefined;
  #giveUp: (() => void) | undefined;
  /** Requests that the present socket has carried. */
  #carried = 0;

  constructor(pod: Pod, authorities: PodAuthorities) {
    this.pod = pod;
    this.client = new Client(pod.origin, {
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: IDLE,
      keepAliveMaxTimeout: IDLE,
      maxHeaderSize: MOST_HEADER_BYTES,
      // The revision has limits of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => {
        this.#giveUp = dial(addressOf(pod, 'http/1.1', authorities), (error, socket) => {
          this.dialError = error;
          this.#socket = socket;
          this.#carried = 0;
          if (error === undefined) callback(null, socket);
          else callback(error, null);
        });
      },
    });
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.dialError = undefined;
    this.client.dispatch(options, handler);
  }

  /** The request is being written. */
  carries(): void {
    this.#carried += 1;
  }

  /** Whether the request under way is not the first one of its connection. */
  get reused(): boolean {
    return this.#carried > 1;
  }

  get alive(): boolean {
    return this.#socket?.destroyed === false;
  }

  /** Ends it, also while it is coming about; a request that it carries fails. */
  close(): void {
    this.#giveUp?.();
    this.client.destroy().catch(() => undefined);
  }
}

/** The free connections of every pod; the last used is taken first, so that those that are too many grow old. */
export class Http1Pool {
  readonly #authorities: PodAuthorities;
  readonly #free = new Map<string, Http1Connection[]>();

  constructor(authorities: PodAuthorities) {
    this.#authorities = authorities;
  }

  take(pod: Pod): Http1Connection {
    return this.#free.get(pod.name)?.pop() ?? this.open(pod);
  }

  /** A new one. */
  open(pod: Pod): Http1Connection {
    const connection = new Http1Connection(pod, this.#authorities);
    connection.client.on('disconnect', () => this.#forget(connection));
    return connection;
  }

  /** Gives back one that may carry more. */
  give(connection: Http1Connection): void {
    const free = this.#free.get(connection.pod.name);
    if (!connection.alive || (free?.length ?? 0) >= MOST_FREE) connection.close();
    else if (free === undefined) this.#free.set(connection.pod.name, [connection]);
    else free.push(connection);
  }

  /** Closes what is free. What carries a request is closed when it is given back. */
  close(): void {
    for (const free of this.#free.values()) for (const connection of free) connection.close();
    this.#free.clear();
  }

  #forget(connection: Http1Connection): void {
    const free = this.#free.get(connection.pod.name);
    const at = free?.indexOf(connection) ?? -1;
    if (free === undefined || at < 0) return;
    free.splice(at, 1);
    if (free.length === 0) this.#free.delete(connection.pod.name);
  }
}
