import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * The body of a request, for one attempt to send it: nothing is read of the client before the first byte is asked for, and giving the
 * attempt up leaves the client's connection as it is.
 */
export class RequestBody {
  readonly stream: Readable;
  /** Whether anything was asked for: what has been read cannot be sent again. */
  touched = false;
  readonly #request: IncomingMessage;
  readonly #onFirst: () => void;

  constructor(request: IncomingMessage, onFirst: () => void) {
    this.#request = request;
    this.#onFirst = onFirst;
    this.stream = new Readable({
      read: () => this.#read(),
      destroy: (error, done) => this.#leave(error, done),
    });
  }

  #read(): void {
    if (this.touched) {
      this.#request.resume();
      return;
    }
    this.touched = true;
    this.#request.on('data', this.#data).on('end', this.#end);
    this.#onFirst();
  }

  readonly #data = (chunk: Buffer): void => {
    if (!this.stream.push(chunk)) this.#request.pause();
  };

  readonly #end = (): void => {
    this.stream.push(null);
  };

  #leave(error: Error | null, done: (error: Error | null) => void): void {
    this.#request.off('data', this.#data).off('end', this.#end);
    done(error);
  }
}
