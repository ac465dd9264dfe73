import type { Key } from '../domain/key.ts';
import type { HasMeta } from '../domain/k8s/meta.ts';
import type { Clock } from '../ports/clock.ts';
import { orAborted } from './abort.ts';
import { IndexMap } from './index-map.ts';
import type { Seen } from './watch-state.ts';

/** Told of each change after it is in the store: no `before` is a new object, no `after` a removed one. */
export type Listener<T> = (key: Key, before: T | undefined, after: T | undefined) => void;

/** The reading side of a store. Items are immutable; a changed object is a new item. */
export interface StoreReader<T, I extends string = never> {
  get(key: Key): T | undefined;
  all(): Iterable<T>;
  readonly size: number;
  /** The items that have this value in the index. */
  by(index: I, value: string): Iterable<T>;
  /** True once a complete list has been in the store. */
  readonly synced: boolean;
  /** Resolves when `synced` becomes true, or the signal aborts. */
  untilSynced(signal: AbortSignal): Promise<void>;
  /** Calls the listener on every change from now on; the returned function ends that. */
  subscribe(listener: Listener<T>): () => void;
}

export interface StoreOptions<T, I extends string> {
  /** For each index, the values that an item has in it. */
  readonly indexes: Readonly<Record<I, (item: T) => readonly string[]>>;
  /** A listener that throws does not stop the writer or the other listeners; what it threw comes here. */
  readonly onBrokenListener: (thrown: unknown) => void;
  readonly clock: Pick<Clock, 'giveWay'>;
}

/** The newest known version of each object of a kind. One writer, many readers. */
export class Store<T extends HasMeta, I extends string = never> implements StoreReader<T, I> {
  readonly #items = new Map<Key, T>();
  readonly #indexes: ReadonlyMap<string, IndexMap<T>>;
  readonly #listeners = new Set<Listener<T>>();
  readonly #onBrokenListener: (thrown: unknown) => void;
  readonly #clock: Pick<Clock, 'giveWay'>;
  readonly #sync = Promise.withResolvers<undefined>();
  #synced = false;

  constructor({ indexes, onBrokenListener, clock }: StoreOptions<T, I>) {
    const entries = Object.entries<(item: T) => readonly string[]>(indexes);
    this.#indexes = new Map(entries.map(([name, valuesOf]) => [name, new IndexMap(valuesOf)]));
    this.#onBrokenListener = onBrokenListener;
    this.#clock = clock;
  }

  get(key: Key): T | undefined {
    return this.#items.get(key);
  }
  all(): Iterable<T> {
    return this.#items.values();
  }
  get size(): number {
    return this.#items.size;
  }
  by(index: I, value: string): Iterable<T> {
    return this.#indexes.get(index)?.with(value) ?? [];
  }
  get synced(): boolean {
    return this.#synced;
  }

  async untilSynced(signal: AbortSignal): Promise<void> {
    await orAborted(this.#sync.promise, signal);
  }

  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes an object over. Of one that cannot be read, the last readable version stays, unless that was of another object of the same
   * name (another uid): that one is gone.
   */
  upsert({ key, uid, item }: Seen<T>): void {
    const before = this.#items.get(key);
    if (item !== undefined) {
      const version = item.metadata.resourceVersion;
      if (version === '' || version !== before?.metadata.resourceVersion) this.#change(key, before, item);
    } else if (before !== undefined && before.metadata.uid !== uid) this.remove(key);
  }

  remove(key: Key): void {
    const before = this.#items.get(key);
    if (before !== undefined) this.#change(key, before, undefined);
  }

  /** Makes the store equal to a complete list: what the list lacks is removed. Gives way now and then, so it is not one instant. */
  async replace(items: readonly Seen<T>[]): Promise<void> {
    const listed = new Set<Key>();
    for (const seen of items) {
      listed.add(seen.key);
      this.upsert(seen);
      await this.#clock.giveWay();
    }
    for (const key of [...this.#items.keys()]) if (!listed.has(key)) this.remove(key);
    this.#synced = true;
    this.#sync.resolve(undefined);
  }

  #change(key: Key, before: T | undefined, after: T | undefined): void {
    if (after === undefined) this.#items.delete(key);
    else this.#items.set(key, after);
    for (const index of this.#indexes.values()) index.change(key, before, after);
    for (const listener of this.#listeners)
      try {
        listener(key, before, after);
      } catch (thrown) {
        this.#onBrokenListener(thrown);
      }
  }
}
