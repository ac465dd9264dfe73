import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { HeaderList, HeaderLookup } from '../../domain/activator/headers.ts';
import type { Http1Connection, Http1Pool } from './http1-pool.ts';
import type { Pod } from './pods.ts';
import type { Receiver, Sending } from './receiver.ts';

type Controller = Dispatcher.DispatchController;

/** Safe to send twice (Go: net/http/transport.go, isReplayable). */
const REPLAYABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * A request without a body, or with one that is there already, by undici, which costs the least. Where a kept connection turns out to be
 * dead before anything came back, a request is sent once more over a fresh one if it has no body and is safe to send twice.
 */
export class WholeRequest implements Sending, Dispatcher.DispatchHandler {
  readonly #options: Dispatcher.DispatchOptions;
  readonly #pool: Http1Pool;
  readonly #pod: Pod;
  readonly #receiver: Receiver;
  #connection: Http1Connection | undefined;
  #controller: Controller | undefined;
  #begun = false;
  #repeated = false;
  #stopped = false;

  constructor(options: Dispatcher.DispatchOptions, pool: Http1Pool, pod: Pod, receiver: Receiver) {
    this.#options = options;
    this.#pool = pool;
    this.#pod = pod;
    this.#receiver = receiver;
  }

  start(): void {
    this.#dispatch(this.#pool.take(this.#pod));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#controller === undefined) this.#leave();
    else this.#controller.abort(STOPPED);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    this.#connection?.carries();
    if (this.#stopped) controller.abort(STOPPED);
  }

  onResponseStart({ rawHeaders }: Controller, status: number, _headers: unknown, reason?: string): void {
    if (this.#stopped) return;
    if (status < 200) this.#receiver.informed(status, textsOf(rawHeaders));
    else {
      this.#begun = true;
      this.#receiver.begun(status, reason, textsOf(rawHeaders));
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#stopped && !this.#receiver.data(chunk, this.#resume)) controller.pause();
  }

  readonly #resume = (): void => this.#controller?.resume();

  onResponseEnd({ rawTrailers }: Controller, trailers: HeaderLookup): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.#pool.give(connection);
    if (!this.#stopped) this.#receiver.whole(rawTrailers == null ? listOf(trailers) : textsOf(rawTrailers));
  }

  onRequestUpgrade({ rawHeaders }: Controller, _status: number, _headers: unknown, socket: Duplex): void {
    this.#leave();
    if (this.#stopped) socket.destroy();
    else this.#receiver.upgraded(socket, textsOf(rawHeaders));
  }

  onResponseError(_controller: Controller, error: Error): void {
    const connection = this.#leave();
    if (this.#stopped) return;
    if (connection?.dialError !== undefined) this.#receiver.unreachable(connection.dialError.message);
    else if (connection?.reused === true && this.#mayRepeat()) {
      this.#repeated = true;
      this.#dispatch(this.#pool.open(this.#pod));
    } else this.#receiver.failed(error.message);
  }

  #mayRepeat(): boolean {
    const { method, body } = this.#options;
    return !this.#repeated && !this.#begun && body === null && REPLAYABLE.has(method);
  }

  #dispatch(connection: Http1Connection): void {
    this.#controller = undefined;
    this.#connection = connection;
    connection.dispatch(this.#options, this);
  }

  /** The connection carries nothing else any more. */
  #leave(): Http1Connection | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) connection.close();
    return connection;
  }
}

const STOPPED = new Error('the client is not there any more, or its time is over');

/** Headers as undici has them: bytes, name and value in turn. */
const textsOf = (raw: Controller['rawHeaders']): HeaderList =>
  Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [];

const listOf = (headers: HeaderLookup): HeaderList =>
  Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().flatMap((each) => [name, each]));
