import { request as sendRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { HeaderList } from '../../domain/activator/headers.ts';
import type { Receiver, Sending } from './receiver.ts';
import type { StreamedAgent } from './streamed-pool.ts';

/** As Go's clients take of an answer. */
const MOST_HEADER_BYTES = 2 ** 20;

/** The head of a request as the pod gets it, and how the pod is reached. */
export interface Head {
  readonly connections: StreamedAgent;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, Host included. */
  readonly headers: string[];
}

/**
 * A request with a body, by Node's own client: unlike undici's it sends the head before there is anything of the body, knows trailers, and
 * lets the pod answer before it has heard all. Nothing is read of the client before there is a connection; nothing is ever sent twice.
 */
export class StreamedRequest implements Sending {
  readonly #incoming: IncomingMessage;
  readonly #receiver: Receiver;
  readonly #outgoing: ClientRequest;
  readonly #onRead: () => void;
  #answered = false;
  #over = false;

  /** `onRead` is called before the first byte of the body is read. */
  constructor(head: Head, incoming: IncomingMessage, receiver: Receiver, onRead: () => void) {
    this.#incoming = incoming;
    this.#receiver = receiver;
    this.#onRead = onRead;
    const { agent, isOfDialling } = head.connections;
    const out = sendRequest({
      agent,
      method: head.method,
      path: head.path,
      headers:
        incoming.headers['transfer-encoding'] === undefined
          ? head.headers
          : [...head.headers, 'transfer-encoding', 'chunked'],
      setHost: false,
      maxHeaderSize: MOST_HEADER_BYTES,
    });
    this.#outgoing = out;
    out.once('socket', this.#connected);
    out.on('information', ({ statusCode, rawHeaders }) => this.#informed(statusCode, rawHeaders));
    out.on('response', this.#response);
    out.on('drain', () => this.#incoming.resume());
    out.on('error', (error) => {
      if (isOfDialling(error)) this.#finish(() => this.#receiver.unreachable(error.message));
      else this.#fail(error.message);
    });
    out.on('close', () => this.#fail('the pod hung up'));
  }

  stop(): void {
    this.#finish(() => undefined);
    this.#outgoing.destroy();
  }

  readonly #connected = (): void => {
    if (this.#over) return;
    this.#onRead();
    this.#incoming.on('data', this.#data).on('end', this.#end);
    // With what is there of the body, if anything is; a pod may want to answer without it.
    setImmediate(() => {
      if (!this.#over) this.#outgoing.flushHeaders();
    });
  };

  readonly #data = (chunk: Buffer): void => {
    if (!this.#outgoing.write(chunk)) this.#incoming.pause();
  };

  readonly #end = (): void => {
    const { rawTrailers } = this.#incoming;
    if (rawTrailers.length > 0) this.#outgoing.addTrailers(pairsOf(rawTrailers));
    this.#outgoing.end();
  };

  #informed(status: number, headers: HeaderList): void {
    if (!this.#over && !this.#answered) this.#receiver.informed(status, headers);
  }

  readonly #response = (answer: IncomingMessage): void => {
    if (this.#over) return;
    this.#answered = true;
    this.#receiver.begun(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
    const resume = (): void => {
      answer.resume();
    };
    answer.on('data', (chunk: Buffer) => {
      if (!this.#over && !this.#receiver.data(chunk, resume)) answer.pause();
    });
    answer.on('error', (error) => this.#fail(error.message));
    answer.on('end', () => {
      if (answer.complete) this.#finish(() => this.#receiver.whole(answer.rawTrailers));
      // Answered before all was heard: what is left of the request has no reader.
      if (!this.#outgoing.writableFinished) this.#outgoing.destroy();
    });
  };

  #fail(why: string): void {
    this.#finish(() => this.#receiver.failed(why));
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#incoming.off('data', this.#data).off('end', this.#end);
    tell();
  }
}

const pairsOf = (list: HeaderList): [string, string][] => {
  const pairs: [string, string][] = [];
  for (let at = 0; at < list.length; at += 2) pairs.push([list[at] ?? '', list[at + 1] ?? '']);
  return pairs;
};
