import type { Key } from '../domain/key.ts';

export interface RingsLimits {
  /** Values kept of one key, at least 1. */
  readonly each: number;
  /** Values kept of all keys together. The newest of each key is kept in any case. */
  readonly overall: number;
}

/** A place for a value. All of them form a circle in the order of their age, for which a Set is too slow: it leaves holes at its front. */
interface Slot<V> {
  readonly key: Key;
  value: V;
  older: Slot<V>;
  newer: Slot<V>;
}

/** The last values of each key. When there are too many overall, the oldest ones go first, whosever they are. */
export class Rings<V> {
  readonly #limits: RingsLimits;
  readonly #rings = new Map<Key, Slot<V>[]>();
  #oldest: Slot<V> | undefined;
  #size = 0;

  constructor(limits: RingsLimits) {
    this.#limits = limits;
  }

  /** Values that are kept. */
  get size(): number {
    return this.#size;
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
    this.#rings.set(key, ring);
    ring.push(this.#link(key, value));
    if (ring.length > this.#limits.each) this.#drop(ring);
    this.#shrink();
  }

  /** Another value in the place of the newest one, if there is one; its age stays. */
  replaceNewest(key: Key, value: V): void {
    const slot = this.#rings.get(key)?.at(-1);
    if (slot !== undefined) slot.value = value;
  }

  remove(key: Key): void {
    for (const slot of this.#rings.get(key) ?? []) this.#unlink(slot);
    this.#rings.delete(key);
  }

  #drop(ring: Slot<V>[]): void {
    const slot = ring.shift();
    if (slot !== undefined) this.#unlink(slot);
  }

  #shrink(): void {
    const most = Math.max(this.#limits.overall, this.#rings.size);
    while (this.#size > most && this.#oldest !== undefined) {
      const ring = this.#rings.get(this.#oldest.key) ?? [];
      if (ring.length > 1) this.#drop(ring);
      // The last one of its key: it has its turn again after all others.
      else this.#oldest = this.#oldest.newer;
    }
  }

  #link(key: Key, value: V): Slot<V> {
    this.#size += 1;
    const oldest = this.#oldest;
    if (oldest === undefined) return (this.#oldest = alone({ key, value }));
    const slot = { key, value, older: oldest.older, newer: oldest };
    slot.older.newer = slot;
    oldest.older = slot;
    return slot;
  }

  #unlink(slot: Slot<V>): void {
    this.#size -= 1;
    slot.older.newer = slot.newer;
    slot.newer.older = slot.older;
    if (this.#oldest === slot) this.#oldest = this.#size === 0 ? undefined : slot.newer;
  }
}

function alone<V>(content: Pick<Slot<V>, 'key' | 'value'>): Slot<V> {
  const slot = content as Slot<V>;
  slot.older = slot.newer = slot;
  return slot;
}
