import { expect, test } from '@jest/globals';
import { keyOf } from '../../../src/domain/key.ts';
import { Store } from '../../../src/engine/store.ts';
import type { Seen } from '../../../src/engine/watch-state.ts';
import { ManualClock } from '../../doubles/manual-clock.ts';
import { thing, type Thing } from '../../builders/thing.ts';

const make = () => {
  const thrown: unknown[] = [];
  const store = new Store<Thing, 'color' | 'owner'>({
    indexes: {
      color: (item) => [item.metadata.labels['color'] ?? 'none'],
      owner: (item) => item.metadata.ownerReferences.map((owner) => owner.uid),
    },
    onBrokenListener: (what) => thrown.push(what),
    clock: new ManualClock(),
  });
  return { store, thrown };
};

const seen = (item: Thing): Seen<Thing> => ({
  key: keyOf(item.metadata.namespace, item.metadata.name),
  uid: item.metadata.uid,
  item,
});
const names = (items: Iterable<Thing>): string[] => [...items].map((item) => item.metadata.name).sort();

test('an index follows its items as they come, change and go', () => {
  const { store } = make();
  store.upsert(seen(thing('a', '1', { labels: { color: 'red' } })));
  store.upsert(seen(thing('b', '2', { labels: { color: 'red' } })));
  expect(names(store.by('color', 'red'))).toEqual(['a', 'b']);
  store.upsert(seen(thing('a', '3', { labels: { color: 'blue' } })));
  store.remove(keyOf('ns', 'b'));
  expect([names(store.by('color', 'red')), names(store.by('color', 'blue')), store.size]).toEqual([
    [],
    ['a'],
    1,
  ]);
});

test('listeners are told what was and what is', () => {
  const { store } = make();
  const told: unknown[] = [];
  const end = store.subscribe((key, before, after) =>
    told.push([key, before?.metadata.resourceVersion, after?.metadata.resourceVersion]),
  );
  store.upsert(seen(thing('a', '1')));
  store.upsert(seen(thing('a', '1')));
  store.upsert(seen(thing('a', '2')));
  store.remove(keyOf('ns', 'a'));
  store.remove(keyOf('ns', 'a'));
  end();
  store.upsert(seen(thing('a', '3')));
  expect(told).toEqual([
    ['ns/a', undefined, '1'],
    ['ns/a', '1', '2'],
    ['ns/a', '2', undefined],
  ]);
});

test('a replacement removes what the list lacks, and the store is synced', async () => {
  const { store } = make();
  const removed: string[] = [];
  store.subscribe((key, _before, after) => after ?? removed.push(key));
  store.upsert(seen(thing('a', '1')));
  store.upsert(seen(thing('b', '2')));
  expect(store.synced).toBe(false);
  const waiting = store.untilSynced(new AbortController().signal);
  await store.replace([seen(thing('b', '2')), seen(thing('c', '3'))]);
  await waiting;
  expect([names(store.all()), removed, store.synced]).toEqual([['b', 'c'], ['ns/a'], true]);
});

test('who waits for the first list can give up', async () => {
  const { store } = make();
  const stop = new AbortController();
  const waiting = store.untilSynced(stop.signal);
  stop.abort();
  await waiting;
  expect(store.synced).toBe(false);
});

test('of an object that became unreadable the last good version stays, through lists too', async () => {
  const { store } = make();
  store.upsert(seen(thing('a', '1')));
  const unreadable = { key: keyOf('ns', 'a'), uid: 'uid-a', item: undefined };
  store.upsert(unreadable);
  await store.replace([unreadable]);
  expect(store.get(keyOf('ns', 'a'))?.metadata.resourceVersion).toBe('1');
});

test('an unreadable object of the same name but another uid replaces nothing and leaves nothing', () => {
  const { store } = make();
  store.upsert(seen(thing('a', '1')));
  store.upsert({ key: keyOf('ns', 'a'), uid: 'another', item: undefined });
  expect(store.get(keyOf('ns', 'a'))).toBeUndefined();
});

test('a listener that throws stops neither the writer nor the others', () => {
  const { store, thrown } = make();
  const bug = new Error('bug');
  const told: string[] = [];
  store.subscribe(() => {
    throw bug;
  });
  store.subscribe((key) => told.push(key));
  store.upsert(seen(thing('a', '1')));
  expect([thrown, told, store.size]).toEqual([[bug], ['ns/a'], 1]);
});
