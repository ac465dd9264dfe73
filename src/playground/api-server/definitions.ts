import type { Json } from '../../domain/json.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import type { WatchHub } from './http/watch-hub.ts';
import { CORE_KINDS } from './kinds/core.ts';
import { kindId } from './kinds/kind.ts';
import { kindOfDefinition, type KindRegistry } from './kinds/registry.ts';
import type { Change, Store } from './storage/store.ts';
import { objectIn, objectsIn } from './fields.ts';

const DEFINITIONS = CORE_KINDS.CustomResourceDefinition;

/**
 * Serves what CustomResourceDefinitions describe: a kind comes with its definition and goes with it, together with its objects.
 * Returns a function that ends it.
 */
export function serveDefinitions(
  store: Store,
  kinds: KindRegistry,
  hub: WatchHub,
  now: () => number,
): () => void {
  return store.subscribe((change: Change) => {
    const { after, removed } = change;
    if (after !== undefined && kindId(after.kind) === kindId(DEFINITIONS))
      establish(store, kinds, after.object, now);
    if (removed !== undefined && kindId(removed.kind) === kindId(DEFINITIONS)) {
      const kind = kindOfDefinition(removed.object);
      if (kind === undefined) return;
      for (const stored of store.now(kind).items) store.remove(stored);
      kinds.forget(kindId(kind));
      hub.closeAll(kindId(kind));
    }
  });
}

function establish(store: Store, kinds: KindRegistry, definition: KubeObject, now: () => number): void {
  kinds.define(definition);
  if (isEstablished(definition)) return;
  const lastTransitionTime = `${new Date(now()).toISOString().slice(0, 19)}Z`;
  const said = (type: string, reason: string): Json => ({
    type,
    status: 'True',
    lastTransitionTime,
    reason,
    message: '',
  });
  const spec = objectIn(definition, 'spec');
  store.put(DEFINITIONS, {
    ...definition,
    status: {
      ...objectIn(definition, 'status'),
      conditions: [said('NamesAccepted', 'NoConflicts'), said('Established', 'InitialNamesAccepted')],
      acceptedNames: spec['names'],
      storedVersions: [kindOfDefinition(definition)?.version ?? ''],
    },
  });
}

const isEstablished = (definition: KubeObject): boolean => {
  const conditions = objectsIn(objectIn(definition, 'status'), 'conditions');
  return conditions.some((each) => each['type'] === 'Established');
};
