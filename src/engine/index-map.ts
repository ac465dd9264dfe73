import type { Key } from '../domain/key.ts';

/** Which keys have a value: from the values that `valuesOf` finds in an item to the keys of the items that have them. */
export class IndexMap<T> {
  readonly #valuesOf: (item: T) => readonly string[];
  readonly #keys = new Map<string, Map<Key, T>>();

  constructor(valuesOf: (item: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  with(value: string): Iterable<T> {
    return this.#keys.get(value)?.values() ?? [];
  }

  change(key: Key, before: T | undefined, after: T | undefined): void {
    if (before !== undefined)
      for (const value of this.#valuesOf(before)) {
        const keys = this.#keys.get(value);
        keys?.delete(key);
        if (keys?.size === 0) this.#keys.delete(value);
      }
    if (after !== undefined)
      for (const value of this.#valuesOf(after)) {
        const keys = this.#keys.get(value) ?? new Map<Key, T>();
        keys.set(key, after);
        this.#keys.set(value, keys);
      }
  }
}
