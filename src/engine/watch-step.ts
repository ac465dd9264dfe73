import type { Saw, StoreOp, WatchState } from './watch-state.ts';

/**
 * Streams in a row that may break at one version before the list is read anew. A version can be unusable without the server saying so:
 * after a restore from a backup it may lie ahead of the server's history.
 */
const PATIENCE = 4;

type Next<T> = readonly [WatchState<T>, StoreOp<T>?];

/** One step of list-then-watch. The driver does the I/O that `state.at` calls for and reports what it saw. */
export function step<T>(state: WatchState<T>, input: Saw<T>): Next<T> {
  if (input.saw === 'gone') return [{ at: 'empty' }];
  if (input.saw === 'unserved') return [{ at: 'empty' }, { op: 'clear' }];
  switch (state.at) {
    case 'empty':
      return input.saw === 'page' ? page([], input) : [state];
    case 'listing':
      return input.saw === 'page' ? page(state.pages, input) : [state];
    case 'listed':
      if (input.saw === 'opened') return [{ ...state, at: 'watching' }];
      return input.saw === 'failed' ? broken(state) : [state];
    case 'watching':
      return frame(state, input);
  }
}

/** Readers see a list when it is complete: what a half-read list lacks may well exist. */
function page<T>(
  before: Extract<WatchState<T>, { at: 'listing' }>['pages'],
  { items, version, next }: Extract<Saw<T>, { saw: 'page' }>,
): Next<T> {
  const pages = [...before, items];
  if (next !== undefined) return [{ at: 'listing', pages, next }];
  return [
    { at: 'listed', version, failures: 0 },
    { op: 'replace', items: pages.flat() },
  ];
}

function frame<T>(state: Extract<WatchState<T>, { at: 'watching' }>, input: Saw<T>): Next<T> {
  switch (input.saw) {
    case 'bookmark':
      return [moved(state, input.version)];
    case 'upsert':
      return [moved(state, input.version), { op: 'upsert', item: input.item }];
    case 'remove':
      return [moved(state, input.version), { op: 'remove', key: input.key }];
    case 'closed':
      return [{ at: 'listed', version: state.version, failures: 0 }];
    case 'failed':
      return broken(state);
    default:
      return [state];
  }
}

/** A frame without a version says nothing about where we are. */
const moved = <T>(state: { readonly version: string }, version: string): WatchState<T> => ({
  at: 'watching',
  version: version === '' ? state.version : version,
  failures: 0,
});

/** Resume from where we are, unless that did not work several times. */
function broken<T>({ version, failures }: { readonly version: string; readonly failures: number }): Next<T> {
  return failures + 1 >= PATIENCE ? [{ at: 'empty' }] : [{ at: 'listed', version, failures: failures + 1 }];
}
