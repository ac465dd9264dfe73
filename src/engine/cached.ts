import type { HasMeta } from '../domain/k8s/meta.ts';
import { RESOURCES, type Kind } from '../domain/k8s/resources.ts';
import type { Selection } from '../ports/kube.ts';
import { Reflector, type ReflectorParts } from './reflector.ts';
import { Store, type StoreReader } from './store.ts';

/** What every reflector is made of, whatever it reflects. */
export type ReflectorShared = Pick<
  ReflectorParts<HasMeta, never>,
  'reader' | 'clock' | 'random' | 'telemetry' | 'log' | 'timing'
>;

/** A store that a reflector keeps, and the kind in it. */
export interface Cached<T extends HasMeta, I extends string = never> {
  readonly kind: Kind;
  readonly store: StoreReader<T, I>;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What is particular to one cache. */
export type CachedOwn<T extends HasMeta, I extends string> = Pick<
  ReflectorParts<T, I>,
  'parse' | 'optional' | 'onServed' | 'label'
> & {
  readonly indexes: Readonly<Record<I, (item: T) => readonly string[]>>;
};

/** Makes caches: of a kind, or of the objects of it that are selected. */
export const cacheMaker =
  (shared: ReflectorShared) =>
  <T extends HasMeta, I extends string = never>(
    kind: Kind,
    own: CachedOwn<T, I>,
    select: Omit<Selection, 'resource'> = {},
  ): Cached<T, I> => {
    const { indexes, ...parts } = own;
    const onBrokenListener = (cause: unknown): void =>
      shared.log.error('a listener of the cache broke', { kind, cause });
    const store = new Store<T, I>({ indexes, onBrokenListener, clock: shared.clock });
    const selection = { resource: RESOURCES[kind], ...select };
    const reflector = new Reflector<T, I>({ ...shared, ...parts, selection, store });
    return { kind, store, run: (signal) => reflector.run(signal) };
  };

/** The plural of kinds of which the first complete list is not in its cache yet. */
export const unsynced = (
  caches: Iterable<{ readonly kind: Kind; readonly store: { readonly synced: boolean } }>,
): readonly string[] =>
  [...caches]
    .filter(({ store }) => !store.synced)
    .map(({ kind }) => (kind.endsWith('s') ? kind : `${kind}s`));
