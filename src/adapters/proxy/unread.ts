import type { IncomingMessage } from 'node:http';
import { ms, seconds } from '../../domain/time.ts';
import type { Alarms, Timed } from '../../ports/alarms.ts';
import type { Clock } from '../../ports/clock.ts';

/** As much as Go's server reads on of a request that was answered early. Bytes. */
const MOST = 2 ** 18;
const WITHIN = seconds(5);

/**
 * Reads the rest of a request that was answered before it was read, so that the client, who may not read before it has written, gets the
 * answer; its connection can then carry more. Who sends too much or too slowly loses the connection.
 */
export class UnreadRequest implements Timed {
  readonly #request: IncomingMessage;
  readonly #alarms: Alarms;
  readonly #alarm: number;
  #bytes = 0;

  constructor(
    request: IncomingMessage,
    { clock, alarms }: { readonly clock: Clock; readonly alarms: Alarms },
  ) {
    this.#request = request;
    this.#alarms = alarms;
    this.#alarm = alarms.add(this, ms(clock.monotonic() + WITHIN));
    // Not when the request is closed: one that the parser stumbled over may never be.
    request.socket.once('close', this.#ended);
    request.on('data', this.#data).once('end', this.#ended).resume();
  }

  ring(): void {
    this.#request.destroy();
  }

  readonly #data = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (this.#bytes > MOST) this.#request.destroy();
  };

  readonly #ended = (): void => {
    this.#alarms.remove(this, this.#alarm);
    this.#request.socket.off('close', this.#ended);
  };
}
