import { describe, expect, test } from '@jest/globals';
import { keyOf } from '../../../src/domain/key.ts';
import type { Saw, Seen, StoreOp, WatchState } from '../../../src/engine/watch-state.ts';
import { step } from '../../../src/engine/watch-step.ts';

const a: Seen<string> = { key: keyOf('ns', 'a'), uid: '1', item: 'a' };
const b: Seen<string> = { key: keyOf('ns', 'b'), uid: '2', item: 'b' };
const empty = { at: 'empty' } as const;
const listing = { at: 'listing', pages: [[a]], next: 'token' } as const;
const listed = { at: 'listed', version: '7', failures: 0 } as const;
const watching = { at: 'watching', version: '7', failures: 0 } as const;

type Row = readonly [WatchState<string>, Saw<string>, WatchState<string>, StoreOp<string>?];
const rows: Record<string, Row> = {
  'a list of one page fills the store': [
    empty,
    { saw: 'page', items: [a], version: '7' },
    listed,
    { op: 'replace', items: [a] },
  ],
  'a first page of several is kept from readers': [
    empty,
    { saw: 'page', items: [a], version: '7', next: 'token' },
    listing,
  ],
  'the last page completes the list': [
    listing,
    { saw: 'page', items: [b], version: '7' },
    listed,
    { op: 'replace', items: [a, b] },
  ],
  'a page that failed is asked for again': [listing, { saw: 'failed' }, listing],
  'a token that expired restarts the list': [listing, { saw: 'gone' }, empty],
  'a stream opens': [listed, { saw: 'opened' }, watching],
  'an object that is new or changed': [
    watching,
    { saw: 'upsert', item: b, version: '8' },
    { ...watching, version: '8' },
    { op: 'upsert', item: b },
  ],
  'an object that is gone': [
    watching,
    { saw: 'remove', key: a.key, version: '8' },
    { ...watching, version: '8' },
    { op: 'remove', key: a.key },
  ],
  'a bookmark moves the version only': [
    watching,
    { saw: 'bookmark', version: '9' },
    { ...watching, version: '9' },
  ],
  'a frame without a version moves nothing': [
    watching,
    { saw: 'upsert', item: b, version: '' },
    watching,
    { op: 'upsert', item: b },
  ],
  'a stream that ends is resumed': [watching, { saw: 'closed' }, listed],
  'a stream that breaks is resumed': [watching, { saw: 'failed' }, { ...listed, failures: 1 }],
  'a frame forgives the failures before it': [
    { ...watching, failures: 3 },
    { saw: 'bookmark', version: '8' },
    { ...watching, version: '8' },
  ],
  'a version that never works is given up': [{ ...watching, failures: 3 }, { saw: 'failed' }, empty],
  'a version that is history is given up': [watching, { saw: 'gone' }, empty],
  'a late frame of a stream that was left': [empty, { saw: 'upsert', item: b, version: '8' }, empty],
  'a late frame before the next stream': [listed, { saw: 'remove', key: a.key, version: '8' }, listed],
  'a kind that is gone empties the store': [watching, { saw: 'unserved' }, empty, { op: 'clear' }],
};

describe('list-then-watch', () => {
  for (const [name, [state, input, next, op]] of Object.entries(rows))
    test(name, () => {
      const [after, asked] = step(state, input);
      expect({ after, asked }).toEqual({ after: next, asked: op });
    });
});
