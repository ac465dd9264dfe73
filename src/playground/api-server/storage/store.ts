import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { kindId, type ServedKind } from '../kinds/kind.ts';
import { storeKey, Stored } from './stored.ts';

/** One write: what an object was before and is after. A creation has no before, a deletion no after. */
export interface Change {
  readonly version: number;
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
  /** The last state of a deleted object, under the version of its deletion. */
  readonly removed: Stored | undefined;
}

export interface Snapshot {
  readonly version: number;
  /** In the order of their keys. */
  readonly items: readonly Stored[];
}

interface Shelf {
  readonly objects: Map<string, Stored>;
  changes: Change[];
  /** Changes up to this version are forgotten. */
  floor: number;
  sorted: readonly Stored[] | undefined;
}

// A server that has just started has a past that nobody can ask for, as a real one has.
const FIRST_VERSION = 1000;

/**
 * Objects under one growing version number, with the recent past: enough to list the state at an older version and to resume a watch.
 * It knows nothing of what an object may look like.
 */
export class Store {
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #historyLimit: number;
  #version = FIRST_VERSION;
  /** The floor of shelves that are still to come. */
  #floor = FIRST_VERSION;

  /** `historyLimit` is how many changes of each kind are remembered. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  get(kind: ServedKind, namespace: string | undefined, name: string): Stored | undefined {
    return this.#shelves.get(kindId(kind))?.objects.get(storeKey(namespace, name));
  }

  put(kind: ServedKind, object: KubeObject): Stored {
    const shelf = this.#shelf(kind);
    const version = ++this.#version;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const after = new Stored(kind, { ...object, metadata }, version);
    const before = shelf.objects.get(after.key);
    shelf.objects.set(after.key, after);
    this.#record(shelf, { version, before, after, removed: undefined });
    return after;
  }

  remove(stored: Stored): Stored {
    const shelf = this.#shelf(stored.kind);
    const version = ++this.#version;
    const metadata = { ...stored.object.metadata, resourceVersion: String(version) };
    const removed = new Stored(stored.kind, { ...stored.object, metadata }, version);
    shelf.objects.delete(stored.key);
    this.#record(shelf, { version, before: stored, after: undefined, removed });
    return removed;
  }

  /** The objects now, in the order of their keys. */
  now(kind: ServedKind): Snapshot {
    const shelf = this.#shelf(kind);
    shelf.sorted ??= [...shelf.objects.values()].sort(byKey);
    return { version: this.#version, items: shelf.sorted };
  }

  /** The objects as they were at a version, or `undefined` when that is forgotten. */
  at(kind: ServedKind, version: number): Snapshot | undefined {
    const undo = this.since(kind, version);
    if (undo === undefined) return undefined;
    if (undo.length === 0) return { version, items: this.now(kind).items };
    const objects = new Map(this.#shelf(kind).objects);
    for (const { before, after } of [...undo].reverse()) {
      if (before !== undefined) objects.set(before.key, before);
      else if (after !== undefined) objects.delete(after.key);
    }
    return { version, items: [...objects.values()].sort(byKey) };
  }

  /** The changes after a version, or `undefined` when some of them are forgotten. */
  since(kind: ServedKind, version: number): readonly Change[] | undefined {
    const { changes, floor } = this.#shelf(kind);
    if (version < floor) return undefined;
    let first = changes.length;
    while (first > 0 && (changes[first - 1]?.version ?? 0) > version) first--;
    return changes.slice(first);
  }

  /** Forgets the past: every older version is answered with 410 from now on. */
  forgetPast(): void {
    this.#floor = this.#version;
    for (const shelf of this.#shelves.values()) {
      shelf.changes = [];
      shelf.floor = this.#version;
    }
  }

  /** Calls `listener` after each write, in order; the returned function ends that. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #shelf(kind: ServedKind): Shelf {
    const id = kindId(kind);
    const known = this.#shelves.get(id);
    if (known !== undefined) return known;
    const shelf: Shelf = { objects: new Map(), changes: [], floor: this.#floor, sorted: undefined };
    this.#shelves.set(id, shelf);
    return shelf;
  }

  #record(shelf: Shelf, change: Change): void {
    shelf.sorted = undefined;
    shelf.changes.push(change);
    // Trimmed in halves: dropping the first of a long array on every write would cost more than the write.
    if (shelf.changes.length > this.#historyLimit * 2) {
      const dropped = shelf.changes.length - this.#historyLimit;
      shelf.floor = shelf.changes[dropped - 1]?.version ?? shelf.floor;
      shelf.changes = shelf.changes.slice(dropped);
    }
    for (const listener of this.#listeners) listener(change);
  }
}

const byKey = (a: Stored, b: Stored): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
