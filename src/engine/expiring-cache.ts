import type { Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import { LruMap } from './lru-map.ts';

export interface CacheTerms {
  /** The most answers that are kept. */
  readonly capacity: number;
  /** How long an answer is kept, from the moment that it has come. */
  readonly ttl: Ms;
  /** Whoever uses an answer of this age makes that a new one is fetched, and does not wait for it. Without it nothing is fetched ahead. */
  readonly renewAfter?: Ms;
}

/** Times are of the monotonic clock; before the answer has come they lie ahead for ever. */
interface Entry<V> {
  answer: Promise<V> | undefined;
  until: number;
  renewAt: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** Answers that are kept for a while. Whoever asks while an answer is on its way waits for the same one; failures are not kept. */
export class ExpiringCache<V> {
  readonly #terms: CacheTerms;
  readonly #entries: LruMap<string, Entry<V>>;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(terms: CacheTerms, clock: Pick<Clock, 'monotonic'>) {
    this.#terms = terms;
    this.#entries = new LruMap(terms.capacity);
    this.#clock = clock;
  }

  /** The answer that is kept under `key`, or the one of `make`. Rejects as `make` does. */
  get(key: string, make: () => Promise<V>): Promise<V> {
    const entry = this.#entries.use(key, () => ({ answer: undefined, until: NEVER, renewAt: NEVER }));
    const now = this.#clock.monotonic();
    if (entry.answer === undefined || now >= entry.until) return this.#fetch(entry, make);
    if (now >= entry.renewAt) this.#renew(entry, entry.answer, make);
    return entry.answer;
  }

  #fetch(entry: Entry<V>, make: () => Promise<V>): Promise<V> {
    const answer = make();
    Object.assign(entry, { answer, until: NEVER, renewAt: NEVER });
    answer.then(
      () => this.#came(entry),
      () => {
        entry.answer = undefined;
      },
    );
    return answer;
  }

  /** Puts a newer answer in the place of `old`, unless that has been replaced in between. A failure leaves the old one its time. */
  #renew(entry: Entry<V>, old: Promise<V>, make: () => Promise<V>): void {
    entry.renewAt = NEVER;
    const answer = make();
    answer.then(
      () => {
        if (entry.answer !== old) return;
        entry.answer = answer;
        this.#came(entry);
      },
      () => undefined,
    );
  }

  #came(entry: Entry<V>): void {
    const now = this.#clock.monotonic();
    const { ttl, renewAfter } = this.#terms;
    entry.until = now + ttl;
    entry.renewAt = renewAfter === undefined ? NEVER : now + renewAfter;
  }
}
