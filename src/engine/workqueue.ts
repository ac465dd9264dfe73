import { ms, seconds, type Ms } from '../domain/time.ts';
import type { Key } from '../domain/key.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { backoffAfter, type BackoffRange } from './backoff.ts';
import { Heap } from './heap.ts';

export interface WorkqueueOptions {
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly backoff?: BackoffRange;
  readonly telemetry?: Pick<Telemetry, 'add' | 'set' | 'observe'>;
}

interface Delayed<K> {
  readonly key: K;
  readonly due: number;
  readonly order: number;
}

const BACKOFF: BackoffRange = { base: ms(100), max: seconds(60) };

/**
 * Keys that want work. A key waits at most once, is never in two hands at once, and comes out in the order in which it fell due.
 * A key that is added while it is worked on comes out once more afterwards.
 */
export class Workqueue<K extends string = Key> {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #range: BackoffRange;
  readonly #telemetry: WorkqueueOptions['telemetry'];
  /** Keys not due yet. The heap may hold entries that the map has replaced; those are skipped. */
  readonly #delayed = new Map<K, Delayed<K>>();
  readonly #byDue = new Heap<Delayed<K>>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  /** Keys that are due, in order, and since when. `#head` is the first that was not taken yet. */
  #ready: K[] = [];
  #head = 0;
  readonly #readySince = new Map<K, number>();
  /** Keys in somebody's hands; the value is when they were asked for again, if they were. */
  readonly #inHand = new Map<K, number | undefined>();
  readonly #failures = new Map<K, number>();
  readonly #takers = new Set<(key: K | undefined) => void>();
  #order = 0;
  #alarm: { readonly due: number; readonly cancel: () => void } | undefined;
  #closed = false;

  constructor(options: WorkqueueOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#range = options.backoff ?? BACKOFF;
    this.#telemetry = options.telemetry;
  }

  /** Keys that are due and wait for a taker. */
  get depth(): number {
    this.#promote();
    return this.#readySince.size;
  }

  /** Asks for the key after `after` (at once by default). Of several requests the earliest counts. Ignored after `shutdown`. */
  add(key: K, after: Ms = ms(0)): void {
    if (this.#closed) return;
    this.#enqueue(key, this.#clock.monotonic() + Math.max(0, after));
    this.#dispatch();
  }

  /** Asks for the key again after a failure: the wait grows with each failure in a row, and comes on top of `least`. */
  backoff(key: K, least: Ms = ms(0)): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#telemetry?.add('hpa_bridge_workqueue_retries_total', {});
    this.add(key, ms(least + backoffAfter(failures, this.#range, this.#random)));
  }

  /** Asks for the key at once after its first failure in a row, and with backoff after more: a race is lost once, not forever. */
  retry(key: K): void {
    if (this.#failures.has(key)) {
      this.backoff(key);
      return;
    }
    this.#failures.set(key, 0);
    this.#telemetry?.add('hpa_bridge_workqueue_retries_total', {});
    this.add(key);
  }

  /** The key's failures are over: its next backoff starts anew. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /**
   * The next key that is due; the taker must call `done` with it. Waits while there is none. `undefined` once the signal aborts or the
   * queue is shut down, and then every time.
   */
  take(signal: AbortSignal): Promise<K | undefined> {
    if (signal.aborted || this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = (): void => give(undefined);
      const give = (key: K | undefined): void => {
        signal.removeEventListener('abort', leave);
        this.#takers.delete(give);
        resolve(key);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#takers.add(give);
      this.#dispatch();
    });
  }

  /** The taker lets go of the key. */
  done(key: K): void {
    const again = this.#inHand.get(key);
    this.#inHand.delete(key);
    if (again !== undefined && !this.#closed) this.#enqueue(key, again);
    this.#dispatch();
  }

  /** No key comes in or out any more. Keys in somebody's hands stay there until `done`. */
  shutdown(): void {
    this.#closed = true;
    this.#alarm?.cancel();
    for (const give of [...this.#takers]) give(undefined);
  }

  #enqueue(key: K, due: number): void {
    if (this.#inHand.has(key)) {
      this.#inHand.set(key, Math.min(due, this.#inHand.get(key) ?? due));
      return;
    }
    const earlier = this.#delayed.get(key);
    if (this.#readySince.has(key) || (earlier !== undefined && earlier.due <= due)) return;
    const entry = { key, due, order: this.#order++ };
    this.#delayed.set(key, entry);
    this.#byDue.push(entry);
    if (this.#byDue.size > 2 * this.#delayed.size + 64)
      this.#byDue.filter((other) => this.#delayed.get(other.key) === other);
  }

  /** Moves what has fallen due from the heap to the line. */
  #promote(): void {
    const now = this.#clock.monotonic();
    for (let next = this.#byDue.peek(); next !== undefined; next = this.#byDue.peek()) {
      const current = this.#delayed.get(next.key) === next;
      if (current && next.due > now) return;
      this.#byDue.pop();
      if (!current) continue;
      this.#delayed.delete(next.key);
      this.#ready.push(next.key);
      this.#readySince.set(next.key, next.due);
    }
  }

  #dispatch(): void {
    this.#promote();
    for (const give of this.#takers) {
      const key = this.#ready[this.#head];
      if (key === undefined) break;
      this.#advance();
      this.#telemetry?.observe('hpa_bridge_workqueue_wait_seconds', {}, this.#waited(key) / 1000);
      this.#readySince.delete(key);
      this.#inHand.set(key, undefined);
      give(key);
    }
    this.#telemetry?.set('hpa_bridge_workqueue_depth', {}, this.#readySince.size);
    this.#setAlarm();
  }

  #advance(): void {
    this.#head += 1;
    if (this.#head < 1024 || this.#head * 2 < this.#ready.length) return;
    this.#ready = this.#ready.slice(this.#head);
    this.#head = 0;
  }

  #waited(key: K): number {
    const now = this.#clock.monotonic();
    return now - (this.#readySince.get(key) ?? now);
  }

  /** One timer, for the next key that falls due while somebody waits for it. */
  #setAlarm(): void {
    const due = this.#takers.size > 0 ? this.#byDue.peek()?.due : undefined;
    if (due === this.#alarm?.due) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (due === undefined || this.#closed) return;
    const cancel = this.#clock.after(ms(due - this.#clock.monotonic()), () => {
      this.#alarm = undefined;
      this.#dispatch();
    });
    this.#alarm = { due, cancel };
  }
}
