import type { Key } from '../domain/key.ts';
import { ms, seconds, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';

/** Which object a cache holds, and in which version. */
export interface Identity {
  readonly uid: string;
  /** Opaque: only ever compared for equality. */
  readonly resourceVersion: string;
}

/** A write: the version that was cached before it was sent, and what it made. */
export interface Write {
  readonly before: string | undefined;
  readonly written: Identity;
}

interface Expectation {
  readonly until: number;
  readonly isMet: (cached: Identity | undefined) => boolean;
}

const BOUND = seconds(5);

/**
 * Our own writes that a cache has not shown yet. A plan made from a cache that lags behind our own hand would repeat or undo what was just
 * written; so a key is held until each of its writes was seen, or was overtaken by another change, or a bound has passed.
 */
export class Expectations<K extends string> {
  readonly #look: (kind: K, key: Key) => Identity | undefined;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #bound: Ms;
  readonly #expected = new Map<Key, Map<K, Expectation>>();

  constructor(parts: {
    /** What the cache holds now. */
    readonly look: (kind: K, key: Key) => Identity | undefined;
    readonly clock: Pick<Clock, 'monotonic'>;
    /** The longest that a key is held after a write; 5 s by default. */
    readonly bound?: Ms;
  }) {
    this.#look = parts.look;
    this.#clock = parts.clock;
    this.#bound = parts.bound ?? BOUND;
  }

  /** The version that the cache holds; take it before a write is sent, because the cache may show what follows before the answer comes. */
  cached(kind: K, key: Key): string | undefined {
    return this.#look(kind, key)?.resourceVersion;
  }

  /** Call right after a write with what was cached before it was sent, and what the server returned. */
  expect(kind: K, key: Key, { before, written }: Write): void {
    this.#add(kind, key, (cached) => {
      const version = cached?.resourceVersion;
      // Versions have no order that we may rely on: anything but what was cached before the write is newer than that.
      return version === written.resourceVersion || version !== before;
    });
  }

  /** Call right after a deletion of the object with this uid. */
  expectGone(kind: K, key: Key, uid: string): void {
    this.#add(kind, key, (cached) => cached?.uid !== uid);
  }

  /** How long the key has still to be held at most; undefined when all of its writes were seen. The cache's next event may end it sooner. */
  pending(key: Key): Ms | undefined {
    const kinds = this.#expected.get(key);
    if (kinds === undefined) return undefined;
    const now = this.#clock.monotonic();
    let longest = 0;
    for (const [kind, { until, isMet }] of kinds) {
      if (until <= now || isMet(this.#look(kind, key))) kinds.delete(kind);
      else longest = Math.max(longest, until - now);
    }
    if (kinds.size > 0) return ms(longest);
    this.#expected.delete(key);
    return undefined;
  }

  #add(kind: K, key: Key, isMet: Expectation['isMet']): void {
    const kinds = this.#expected.get(key) ?? new Map<K, Expectation>();
    kinds.set(kind, { until: this.#clock.monotonic() + this.#bound, isMet });
    this.#expected.set(key, kinds);
  }
}
