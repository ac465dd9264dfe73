import type { Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import { LruMap } from './lru-map.ts';

interface Entry<V> {
  answer: Promise<V> | undefined;
  /** Of the monotonic clock; not before the answer has come. */
  until: number;
}

/** Answers that are kept for a while, at most `capacity` of them. Whoever asks while an answer is on its way waits for the same one; failures are not kept. */
export class ExpiringCache<V> {
  readonly #entries: LruMap<string, Entry<V>>;
  readonly #ttl: Ms;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(parts: {
    readonly capacity: number;
    readonly ttl: Ms;
    readonly clock: Pick<Clock, 'monotonic'>;
  }) {
    this.#entries = new LruMap(parts.capacity);
    this.#ttl = parts.ttl;
    this.#clock = parts.clock;
  }

  /** The answer that is kept under `key`, or the one of `make`. Rejects as `make` does. */
  get(key: string, make: () => Promise<V>): Promise<V> {
    const entry = this.#entries.use(key, () => ({ answer: undefined, until: 0 }));
    if (entry.answer !== undefined && this.#clock.monotonic() < entry.until) return entry.answer;
    const answer = make();
    entry.answer = answer;
    entry.until = Number.POSITIVE_INFINITY;
    answer.then(
      () => {
        entry.until = this.#clock.monotonic() + this.#ttl;
      },
      () => {
        entry.answer = undefined;
      },
    );
    return answer;
  }
}
