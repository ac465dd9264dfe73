import { kindId, type ServedKind } from '../kinds/kind.ts';
import type { Matches } from '../storage/selectors.ts';
import type { Change, Store } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';

/** What a watch is about and where its frames go. */
export interface Watcher {
  readonly kind: ServedKind;
  readonly matches: Matches;
  readonly metadataOnly: boolean;
  readonly bookmarks: boolean;
  /** Takes one line of the stream, newline included. */
  send(frame: string): void;
  /** The kind is gone or the server stops. */
  close(): void;
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export const eventFrame = (type: EventType | 'BOOKMARK' | 'ERROR', object: string): string =>
  `{"type":"${type}","object":${object}}\n`;

export const storedFrame = (type: EventType, stored: Stored, metadataOnly: boolean): string =>
  eventFrame(type, metadataOnly ? stored.partialJson : stored.json);

export const bookmarkFrame = (kind: ServedKind, version: number, initialEnd = false): string =>
  eventFrame(
    'BOOKMARK',
    JSON.stringify({
      kind: kind.kind,
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      metadata: {
        resourceVersion: String(version),
        ...(initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    }),
  );

/** The frame of a change for those who select by `matches`: an object that stops matching is DELETED, one that starts is ADDED. */
export function frameFor(
  { before, after, removed }: Change,
  matches: Matches,
  frame: FrameOf,
): string | undefined {
  const was = before !== undefined && matches(before);
  const is = after !== undefined && matches(after);
  if (after !== undefined && is) return frame(was ? 'MODIFIED' : 'ADDED', after);
  if (!was) return undefined;
  // Leaving a selection carries the new state, as a deletion carries the last one.
  return frame('DELETED', removed ?? after ?? before);
}

export type FrameOf = (type: EventType, stored: Stored) => string;

/** Sends every change to whom it concerns. A frame is made once, however many watch. */
export class WatchHub {
  readonly #store: Store;
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #end: () => void;
  readonly #bookmarks: NodeJS.Timeout;

  /** `bookmarkEvery` in milliseconds. */
  constructor(store: Store, bookmarkEvery: number) {
    this.#store = store;
    this.#end = store.subscribe((change) => this.#spread(change));
    this.#bookmarks = setInterval(() => this.sendBookmarks(), bookmarkEvery);
    this.#bookmarks.unref();
  }

  /** Adds a watcher; the returned function removes it. */
  add(watcher: Watcher): () => void {
    const id = kindId(watcher.kind);
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers);
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  get count(): number {
    return [...this.#watchers.values()].reduce((sum, watchers) => sum + watchers.size, 0);
  }

  sendBookmarks(): void {
    for (const watchers of this.#watchers.values())
      for (const watcher of watchers)
        if (watcher.bookmarks) watcher.send(bookmarkFrame(watcher.kind, this.#store.version));
  }

  /** Ends all streams, or those of one kind. */
  closeAll(id?: string): void {
    const closing =
      id === undefined ? [...this.#watchers.values()] : [this.#watchers.get(id) ?? new Set<Watcher>()];
    for (const watchers of closing) for (const watcher of [...watchers]) watcher.close();
  }

  stop(): void {
    this.#end();
    clearInterval(this.#bookmarks);
    this.closeAll();
  }

  #spread(change: Change): void {
    const stored = change.after ?? change.removed;
    const watchers = stored === undefined ? undefined : this.#watchers.get(kindId(stored.kind));
    if (watchers === undefined || watchers.size === 0) return;
    const whole = once(false);
    const partial = once(true);
    for (const watcher of [...watchers]) {
      const frame = frameFor(change, watcher.matches, watcher.metadataOnly ? partial : whole);
      if (frame !== undefined) watcher.send(frame);
    }
  }
}

/** Makes each kind of frame of one change once. */
const once = (metadataOnly: boolean): FrameOf => {
  const made = new Map<EventType, string>();
  return (type, stored) => {
    const frame = made.get(type) ?? storedFrame(type, stored, metadataOnly);
    made.set(type, frame);
    return frame;
  };
};
