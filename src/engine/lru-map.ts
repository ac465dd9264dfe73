/** A map of at most `capacity` entries: a new one pushes out the one that was used the longest ago. */
export class LruMap<K, V> {
  readonly #capacity: number;
  /** In order of use: a Map keeps the order of insertion. */
  readonly #entries = new Map<K, V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry, made by `make` when there is none; it is the most recently used one now. */
  use(key: K, make: () => V): V {
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity)
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    return value;
  }
}
