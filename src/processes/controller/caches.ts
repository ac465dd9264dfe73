import type { Key } from '../../domain/key.ts';
import { keyOfMeta, type HasMeta } from '../../domain/k8s/meta.ts';
import type { Kind } from '../../domain/k8s/resources.ts';
import { isKeptByBridge } from '../../domain/zero/keeper.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../../domain/k8s/read/children.ts';
import { ACTIVATOR_LABELS } from '../../domain/k8s/read/bridge-pod.ts';
import {
  endpointSliceView,
  OUR_SLICES,
  revisionOfSlice,
  SLICE_MANAGER,
} from '../../domain/k8s/read/endpoint-slice.ts';
import { endpointsView } from '../../domain/k8s/read/endpoints.ts';
import { serviceView } from '../../domain/k8s/read/service.ts';
import { SERVICE_TYPE } from '../../domain/k8s/knative-services.ts';
import { configMapView } from '../../domain/k8s/read/config-map.ts';
import { podAutoscalerView } from '../../domain/k8s/read/pod-autoscaler.ts';
import { revisionView } from '../../domain/k8s/read/revision.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { deploymentView, podView, REVISION_LABEL, revisionOf } from '../../domain/k8s/read/workload.ts';
import { cacheMaker, unsynced, type ReflectorShared } from '../../engine/cached.ts';

/** Every kind that we watch, each with what we select of it and what we read of an object. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is the table itself
export function buildCaches(
  shared: ReflectorShared,
  options: { readonly systemNamespace: string; readonly onKedaServed: (served: boolean) => void },
) {
  const cached = cacheMaker(shared);
  const labelled = { labelSelector: REVISION_LABEL };
  // Those of revisions, whoever keeps them.
  const ofRevisions = { labelSelector: SERVICE_TYPE };
  const none = { indexes: {} };
  return {
    podAutoscalers: cached('PodAutoscaler', { ...none, parse: readThrough(podAutoscalerView) }),
    revisions: cached('Revision', { ...none, parse: readThrough(revisionView) }, { metadataOnly: true }),
    serverlessServices: cached('ServerlessService', { ...none, parse: readThrough(serverlessServiceView) }),
    horizontalPodAutoscalers: cached('HorizontalPodAutoscaler', {
      ...none,
      parse: readThrough(horizontalPodAutoscalerView),
    }),
    scaledObjects: cached('ScaledObject', {
      ...none,
      parse: readThrough(scaledObjectView),
      optional: true,
      onServed: options.onKedaServed,
    }),
    deployments: cached('Deployment', { ...none, parse: readThrough(deploymentView) }, labelled),
    pods: cached('Pod', { parse: readThrough(podView), indexes: { revision: revisionOf } }, labelled),
    services: cached('Service', { ...none, parse: readThrough(serviceView) }, ofRevisions),
    endpoints: cached('Endpoints', { ...none, parse: readThrough(endpointsView) }, ofRevisions),
    endpointSlices: cached(
      'EndpointSlice',
      { parse: readThrough(endpointSliceView), indexes: { revision: revisionOfSlice } },
      { labelSelector: `${SLICE_MANAGER}=${OUR_SLICES}` },
    ),
    activators: cached(
      'Endpoints',
      { ...none, parse: readThrough(endpointsView), label: 'activator-endpoints' },
      { namespace: options.systemNamespace },
    ),
    activatorPods: cached(
      'Pod',
      { ...none, parse: readThrough(podView), label: 'activator-pods' },
      { namespace: options.systemNamespace, labelSelector: ACTIVATOR_LABELS },
    ),
    configMaps: cached(
      'ConfigMap',
      { ...none, parse: readThrough(configMapView) },
      { namespace: options.systemNamespace },
    ),
  };
}

export type Caches = ReturnType<typeof buildCaches>;

export const cachesIn = (caches: Caches): readonly Caches[keyof Caches][] => Object.values(caches);

/** The caches that hold the objects which we write. */
export const written = (
  caches: Caches,
): Readonly<Partial<Record<Kind, { get(key: Key): HasMeta | undefined }>>> => ({
  PodAutoscaler: caches.podAutoscalers.store,
  ScaledObject: caches.scaledObjects.store,
  HorizontalPodAutoscaler: caches.horizontalPodAutoscalers.store,
  ServerlessService: caches.serverlessServices.store,
  Service: caches.services.store,
  Endpoints: caches.endpoints.store,
});

/** Whether the Services of the PodAutoscaler of this key are kept by the bridge, whatever its class is. */
export function keepsServices({ podAutoscalers, services }: Caches, key: Key): boolean {
  const pa = podAutoscalers.store.get(key);
  return pa !== undefined && isKeptByBridge({ pa, services: { publicService: services.store.get(key) } });
}

/** What is not in the caches yet, in words. */
export const missingIn = (caches: Caches): readonly string[] =>
  unsynced(cachesIn(caches)).map((kinds) => `the list of ${kinds}`);

/** Resolves when every cache is filled, or the signal aborts. */
export const untilSynced = (caches: Caches, signal: AbortSignal): Promise<unknown> =>
  Promise.all(cachesIn(caches).map(({ store }) => store.untilSynced(signal)));

/** The keys of all PodAutoscalers. */
export const keysIn = ({ podAutoscalers }: Caches): readonly Key[] =>
  [...podAutoscalers.store.all()].map(({ metadata }) => keyOfMeta(metadata));
