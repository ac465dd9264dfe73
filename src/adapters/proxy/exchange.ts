import { deadlineOf } from '../../domain/activator/deadline.ts';
import type { Reply } from '../../domain/activator/headers.ts';
import { badGateway, refusal, TIMED_OUT } from '../../domain/activator/replies.ts';
import type { Key } from '../../domain/key.ts';
import { ms, type Ms } from '../../domain/time.ts';
import type { Alarms, Timed } from '../../ports/alarms.ts';
import type { Access, OnAccess } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Place, Refusal, Seeker, ServedRevision, Throttler } from '../../ports/throttler.ts';

/** The two ends of one request, of whichever protocol. */
export interface Transfer {
  readonly protocol: Access['protocol'];
  /** Bytes that are kept of the request now: its head, and what was read ahead of its body. */
  readonly kept: number;
  /** Sends the request to a place; what comes of it is told to the exchange. */
  send(place: Place): void;
  /** Ends what is under way to the pod, if anything is; nothing is told to the exchange afterwards. */
  stop(): void;
  /** Answers the client, to whom nothing was answered before. */
  answer(reply: Reply): void;
  /** The answer has begun and cannot go on: the client is made to see that it is not whole. */
  cut(): void;
}

/** What all exchanges share. */
export interface ExchangeParts {
  readonly throttler: Throttler;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly onAccess: OnAccess;
}

/** So many pods that do not take a connection, one after another, and nobody else is asked. */
const MOST_PLACES = 8;

/**
 * One request of a revision, from its arrival to its end: it counts as in flight, waits for a place, has its limits, and gives back what it
 * was given exactly once, however it ends.
 */
export class Exchange implements Seeker, Timed {
  readonly key: Key;
  readonly #parts: ExchangeParts;
  readonly #revision: ServedRevision;
  readonly #transfer: Transfer;
  readonly #arrived: Ms;
  #ofConnection: Set<Exchange> | undefined;
  #alarm = 0;
  #place: Place | undefined;
  #places = 0;
  #over = false;
  #status = 0;
  #held: Ms | undefined;
  #firstByte: Ms | undefined;
  #lastWrite: Ms | undefined;
  #bytes = 0;

  constructor(parts: ExchangeParts, revision: ServedRevision, transfer: Transfer) {
    this.key = revision.key;
    this.#parts = parts;
    this.#revision = revision;
    this.#transfer = transfer;
    this.#arrived = parts.clock.monotonic();
  }

  /** Joins those of its client's connection that are under way, until it has ended. */
  begin(ofConnection?: Set<Exchange>): void {
    const { throttler } = this.#parts;
    this.#ofConnection = ofConnection;
    ofConnection?.add(this);
    throttler.arrived(this.key);
    this.#setAlarm();
    throttler.seek(this);
  }

  /** Reckoned when it is asked for: only a request that waits is asked. */
  get bytes(): number {
    return this.#transfer.kept;
  }

  /** Whether the pods are in the path again, so that the client should come to us no more. */
  get bypassed(): boolean {
    return this.#revision.bypassed();
  }

  granted(place: Place): void {
    this.#place = place;
    this.#places += 1;
    this.#held = this.#elapsed();
    this.#transfer.send(place);
  }

  refused({ status, message, retryAfter }: Refusal): void {
    this.#answer(refusal(status, message, retryAfter), 'refused');
  }

  /** No connection to the place came about, and nothing was sent: another one may take the request. */
  unreachable(why: string): void {
    if (this.#over) return;
    this.#giveBack('unreachable');
    if (this.#places < MOST_PLACES) this.#parts.throttler.seek(this);
    else this.#answer(badGateway(why), 'failed');
  }

  /** The answer begins. */
  begun(status: number): void {
    this.#status = status;
    this.#firstByte = this.#elapsed();
    this.#lastWrite = ms(this.#arrived + this.#firstByte);
    this.#parts.throttler.answered(this.key);
  }

  /** So much more of the answer's body, in bytes. */
  carried(bytes: number): void {
    this.#bytes += bytes;
    if (this.#revision.idleTimeout !== undefined) this.#lastWrite = this.#parts.clock.monotonic();
  }

  /** The answer is whole. */
  completed(): void {
    this.#end('answered');
  }

  /** The pod did not answer, or not to the end. */
  failed(why: string): void {
    if (this.#firstByte === undefined) this.#answer(badGateway(why), 'failed');
    else if (this.#end('failed')) this.#transfer.cut();
  }

  /** The client is there no more. */
  gone(): void {
    const sought = this.#place === undefined;
    if (!this.#end('gone')) return;
    if (sought) this.#parts.throttler.withdraw(this);
    else this.#transfer.stop();
  }

  ring(now: Ms): void {
    if (this.#over) return;
    if (this.#deadline() > now) {
      this.#setAlarm();
      return;
    }
    if (this.#place === undefined) this.#parts.throttler.withdraw(this);
    else this.#transfer.stop();
    if (this.#firstByte === undefined) this.#answer(TIMED_OUT, 'timed out');
    else if (this.#end('timed out')) this.#transfer.cut();
  }

  #setAlarm(): void {
    this.#alarm = this.#parts.alarms.add(this, this.#deadline());
  }

  #deadline(): Ms {
    return deadlineOf(this.#revision, { arrived: this.#arrived, lastWrite: this.#lastWrite });
  }

  #answer(reply: Reply, ended: Access['ended']): void {
    this.#status = reply.status;
    if (this.#end(ended)) this.#transfer.answer(reply);
  }

  #giveBack(outcome: 'done' | 'unreachable'): void {
    const place = this.#place;
    this.#place = undefined;
    place?.release(outcome);
  }

  /** Whether this is the end; it is only once. */
  #end(ended: Access['ended']): boolean {
    if (this.#over) return false;
    this.#over = true;
    const { throttler, alarms, onAccess } = this.#parts;
    alarms.remove(this, this.#alarm);
    this.#ofConnection?.delete(this);
    this.#giveBack('done');
    throttler.left(this.key);
    onAccess({
      key: this.key,
      protocol: this.#transfer.protocol,
      status: this.#status,
      ended,
      held: this.#held,
      firstByte: this.#firstByte,
      total: this.#elapsed(),
      bytes: this.#bytes,
      places: this.#places,
    });
    return true;
  }

  #elapsed(): Ms {
    return ms(this.#parts.clock.monotonic() - this.#arrived);
  }
}
