import type { HasMeta } from '../../domain/k8s/meta.ts';
import { keyOfMeta } from '../../domain/k8s/meta.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { sameJson } from '../../domain/json.ts';
import { SERVICES_OF } from '../../domain/k8s/knative-services.ts';
import { readyAddresses, type Endpoints } from '../../domain/k8s/read/endpoints.ts';
import { revisionOfSlice } from '../../domain/k8s/read/endpoint-slice.ts';
import { isOfActivators } from './zero/activators.ts';
import type { Deployment } from '../../domain/k8s/read/workload.ts';
import { ms, type Ms } from '../../domain/time.ts';
import type { Listener } from '../../engine/store.ts';
import { revisionOf } from '../../domain/k8s/read/workload.ts';
import type { Caches } from './caches.ts';

export interface Enqueue {
  readonly caches: Caches;
  /** Whether a PodAutoscaler of this key is one of ours. */
  readonly isOurs: (key: Key) => boolean;
  readonly add: (key: Key, after?: Ms) => void;
  /** Told of ConfigMaps of the system namespace. */
  readonly onConfigMap: (name: string) => void;
  /** Told when others hold requests than before. */
  readonly onActivators: () => void;
}

/** Children and the Revision bear the PodAutoscaler's name; pods and the Deployment a label with it. */
const sameName = ({ metadata }: HasMeta): readonly Key[] => [keyOfMeta(metadata)];

/** Services and Endpoints name the revision that they belong to in a label of their own. */
const revisionServed = ({ metadata }: HasMeta): readonly Key[] => {
  const revision = metadata.labels[SERVICES_OF];
  return revision === undefined ? [] : [keyOf(metadata.namespace, revision)];
};

/** Leases that are kept in Endpoints change them every few seconds without any address. */
const addressesIn = (endpoints: Endpoints | undefined): readonly string[] =>
  readyAddresses(endpoints)
    .map(({ ip }) => ip)
    .sort();

/** Which change concerns which PodAutoscalers. */
export function subscribeAll({ caches, isOurs, add, onConfigMap, onActivators }: Enqueue): void {
  const concerns =
    (keysOf: (object: HasMeta) => readonly Key[]) =>
    (_key: Key, before: HasMeta | undefined, after: HasMeta | undefined): void => {
      const keys = new Set([
        ...(before === undefined ? [] : keysOf(before)),
        ...(after === undefined ? [] : keysOf(after)),
      ]);
      for (const key of keys) if (isOurs(key)) add(key);
    };
  caches.podAutoscalers.store.subscribe(concerns(sameName));
  caches.revisions.store.subscribe(concerns(sameName));
  caches.scaledObjects.store.subscribe(concerns(sameName));
  caches.horizontalPodAutoscalers.store.subscribe(concerns(sameName));
  caches.serverlessServices.store.subscribe(concerns(sameName));
  caches.deployments.store.subscribe(concerns(revisionOf));
  caches.pods.store.subscribe(concerns(revisionOf));
  caches.services.store.subscribe(concerns(revisionServed));
  caches.endpoints.store.subscribe(concerns(revisionServed));
  caches.endpointSlices.store.subscribe(concerns(revisionOfSlice));
  caches.activators.store.subscribe((_key, before, after) => {
    const name = (after ?? before)?.metadata.name ?? '';
    if (isOfActivators(name) && !sameJson(addressesIn(before), addressesIn(after))) onActivators();
  });
  caches.configMaps.store.subscribe((_key, before, after) => {
    const name = (after ?? before)?.metadata.name;
    if (name !== undefined) onConfigMap(name);
  });
}

/** Which change concerns what is measured, and which only what is told of it. */
export function subscribeMeasuring(
  caches: Caches,
  { add, review }: { readonly add: (key: Key) => void; readonly review: (key: Key) => void },
): void {
  const each = (keysOf: (object: HasMeta) => readonly Key[], tell: (key: Key) => void): Listener<HasMeta> => {
    return (_key, before, after) => {
      const object = after ?? before;
      if (object !== undefined) keysOf(object).forEach(tell);
    };
  };
  caches.podAutoscalers.store.subscribe(each(sameName, add));
  caches.revisions.store.subscribe(each(sameName, add));
  caches.deployments.store.subscribe(each(revisionOf, review));
  // Without pods a revision is asked for more often.
  caches.deployments.store.subscribe((key, before, after) => {
    if (isAtZero(before) !== isAtZero(after)) each(revisionOf, add)(key, before, after);
  });
  caches.horizontalPodAutoscalers.store.subscribe(each(sameName, review));
}

const isAtZero = (deployment: Deployment | undefined): boolean => deployment?.spec.replicas === 0;

/** Milliseconds of spread for each key, so that replanning all of them is not a burst; at most half a minute in all. */
const SPREAD_PER_KEY = 5;
const SPREAD_AT_MOST = 30_000;

/** Asks for every PodAutoscaler of ours, each at a random time of a spread that grows with their number. */
export function addAll(
  { caches, isOurs, add }: Pick<Enqueue, 'caches' | 'isOurs' | 'add'>,
  random: () => number,
): void {
  const store = caches.podAutoscalers.store;
  const spread = Math.min(SPREAD_AT_MOST, store.size * SPREAD_PER_KEY);
  for (const { metadata } of store.all()) {
    const key = keyOfMeta(metadata);
    if (isOurs(key)) add(key, ms(random() * spread));
  }
}
