import type { Key } from '../domain/key.ts';

/** An object as a list or a watch delivered it. */
export interface Seen<T> {
  readonly key: Key;
  readonly uid: string;
  /** Undefined when the object lacks a field that we read. */
  readonly item: T | undefined;
}

/** Where a list-then-watch stands. Each state holds only what it needs. */
export type WatchState<T> =
  /** We know no version: the list has to be read from its start. */
  | { readonly at: 'empty' }
  /** Pages have been read and there are more; nobody sees them before the last one is here. */
  | { readonly at: 'listing'; readonly pages: readonly (readonly Seen<T>[])[]; readonly next: string }
  /** The store is as of `version`; no stream is open. `failures`: streams in a row that broke before they said anything. */
  | { readonly at: 'listed'; readonly version: string; readonly failures: number }
  /** The store is as of `version`, and a stream from there is open. */
  | { readonly at: 'watching'; readonly version: string; readonly failures: number };

/** What was seen on the wire. */
export type Saw<T> =
  | {
      readonly saw: 'page';
      readonly items: readonly Seen<T>[];
      readonly version: string;
      readonly next?: string | undefined;
    }
  | { readonly saw: 'opened' }
  | { readonly saw: 'upsert'; readonly item: Seen<T>; readonly version: string }
  | { readonly saw: 'remove'; readonly key: Key; readonly version: string }
  | { readonly saw: 'bookmark'; readonly version: string }
  /** The server ended the stream in good order. */
  | { readonly saw: 'closed' }
  /** A request or a stream broke. */
  | { readonly saw: 'failed' }
  /** Our version or continue token is older than the server's history (410). */
  | { readonly saw: 'gone' }
  /** The server does not know the kind. */
  | { readonly saw: 'unserved' };

/** What the store has to do about it. */
export type StoreOp<T> =
  | { readonly op: 'replace'; readonly items: readonly Seen<T>[] }
  | { readonly op: 'upsert'; readonly item: Seen<T> }
  | { readonly op: 'remove'; readonly key: Key }
  /** The kind itself is gone, and its objects with it. */
  | { readonly op: 'clear' };
