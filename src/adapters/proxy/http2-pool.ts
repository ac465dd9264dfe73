import { connect, type ClientHttp2Session } from 'node:http2';
import { dial } from './dial.ts';
import { addressOf, type Pod, type PodAuthorities } from './pods.ts';

/** Fewer than Go's server takes by default (250): what is beyond opens another connection. */
const MOST_STREAMS = 100;
/** Milliseconds. */
const IDLE = 60_000;
/** Bytes of a connection and of each stream that the pod may send ahead: as Go's clients and servers allow each other. */
const WINDOW = 2 ** 20;
/** Of a head, each way. */
const MOST_HEADER_BYTES = 2 ** 20;
const MOST_HEADER_PAIRS = 2000;

/** One connection to a pod, which carries many requests. */
class Http2Connection {
  session: ClientHttp2Session | undefined;
  streams = 0;
  readonly waiting: Taker[] = [];

  get hasRoom(): boolean {
    if (this.session === undefined) return this.waiting.length < MOST_STREAMS;
    const { closed, destroyed, remoteSettings } = this.session;
    return (
      !closed &&
      !destroyed &&
      this.streams < Math.min(MOST_STREAMS, remoteSettings.maxConcurrentStreams ?? MOST_STREAMS)
    );
  }
}

/** Is told a session, and how to say that its stream has ended; or why there is none. */
export interface Taker {
  taken(session: ClientHttp2Session, giveBack: () => void): void;
  unreachable(why: string): void;
}

/** The connections of every pod that speaks h2c, or h2 over TLS; the newest that has room is taken. */
export class Http2Pool {
  readonly #authorities: PodAuthorities;
  readonly #connections = new Map<string, Http2Connection[]>();

  constructor(authorities: PodAuthorities) {
    this.#authorities = authorities;
  }

  take(pod: Pod, taker: Taker): void {
    const there = this.#connections.get(pod.name)?.findLast(({ hasRoom }) => hasRoom);
    const connection = there ?? this.#open(pod);
    if (connection.session === undefined) connection.waiting.push(taker);
    else lend(connection, connection.session, taker);
  }

  /** What carries requests ends after them. */
  close(): void {
    for (const connections of this.#connections.values())
      for (const { session } of connections) session?.close();
    this.#connections.clear();
  }

  #open(pod: Pod): Http2Connection {
    const connection = new Http2Connection();
    const all = this.#connections.get(pod.name);
    if (all === undefined) this.#connections.set(pod.name, [connection]);
    else all.push(connection);
    dial(addressOf(pod, 'h2', this.#authorities), (error, socket) => {
      if (error !== undefined) {
        this.#forget(pod, connection);
        for (const taker of connection.waiting.splice(0)) taker.unreachable(error.message);
        return;
      }
      const session = connect(pod.origin, {
        createConnection: () => socket,
        settings: { enablePush: false, initialWindowSize: WINDOW, maxHeaderListSize: MOST_HEADER_BYTES },
        maxSendHeaderBlockLength: MOST_HEADER_BYTES,
        maxHeaderListPairs: MOST_HEADER_PAIRS,
      });
      const forget = (): void => this.#forget(pod, connection);
      session.on('error', forget).on('goaway', forget).on('close', forget);
      session.setTimeout(IDLE, () => {
        if (connection.streams === 0) session.close();
      });
      session.once('connect', () => session.setLocalWindowSize(WINDOW));
      connection.session = session;
      for (const taker of connection.waiting.splice(0)) lend(connection, session, taker);
    });
    return connection;
  }

  #forget(pod: Pod, connection: Http2Connection): void {
    const all = this.#connections.get(pod.name);
    const at = all?.indexOf(connection) ?? -1;
    if (all === undefined || at < 0) return;
    all.splice(at, 1);
    if (all.length === 0) this.#connections.delete(pod.name);
  }
}

function lend(connection: Http2Connection, session: ClientHttp2Session, taker: Taker): void {
  connection.streams += 1;
  taker.taken(session, () => {
    connection.streams -= 1;
  });
}
