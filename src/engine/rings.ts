import type { Key } from '../domain/key.ts';

export interface RingsLimits {
  /** Values kept of one key, at least 1. */
  readonly each: number;
  /** Values kept of all keys together. The newest of each key is kept in any case. */
  readonly overall: number;
}

interface Slot<V> {
  readonly key: Key;
  value: V;
}

/** The last values of each key. When there are too many overall, the oldest ones go first, whosever they are. */
export class Rings<V> {
  readonly #limits: RingsLimits;
  readonly #rings = new Map<Key, Slot<V>[]>();
  /** Every slot, the oldest first: a Set keeps the order of insertion. */
  readonly #slots = new Set<Slot<V>>();

  constructor(limits: RingsLimits) {
    this.#limits = limits;
  }

  /** Values that are kept. */
  get size(): number {
    return this.#slots.size;
  }

  keys(): Iterable<Key> {
    return this.#rings.keys();
  }

  newest(key: Key): V | undefined {
    return this.#rings.get(key)?.at(-1)?.value;
  }

  /** The oldest first. */
  all(key: Key): readonly V[] {
    return this.#rings.get(key)?.map(({ value }) => value) ?? [];
  }

  push(key: Key, value: V): void {
    const ring = this.#rings.get(key) ?? [];
    const slot = { key, value };
    this.#rings.set(key, ring);
    ring.push(slot);
    this.#slots.add(slot);
    if (ring.length > this.#limits.each) this.#drop(ring);
    this.#shrink();
  }

  /** Another value in the place of the newest one, which must be there; its age stays. */
  replaceNewest(key: Key, value: V): void {
    const slot = this.#rings.get(key)?.at(-1);
    if (slot !== undefined) slot.value = value;
  }

  remove(key: Key): void {
    for (const slot of this.#rings.get(key) ?? []) this.#slots.delete(slot);
    this.#rings.delete(key);
  }

  #drop(ring: Slot<V>[]): void {
    const oldest = ring.shift();
    if (oldest !== undefined) this.#slots.delete(oldest);
  }

  #shrink(): void {
    const most = Math.max(this.#limits.overall, this.#rings.size);
    while (this.#slots.size > most)
      for (const slot of this.#slots) {
        const ring = this.#rings.get(slot.key) ?? [];
        if (ring.length > 1) {
          this.#drop(ring);
          break;
        }
        // The last one of its key: it has its turn again after all others.
        this.#slots.delete(slot);
        this.#slots.add(slot);
      }
  }
}
