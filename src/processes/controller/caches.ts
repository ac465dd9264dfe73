import type { HasMeta } from '../../domain/k8s/meta.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../../domain/k8s/read/children.ts';
import { endpointsView } from '../../domain/k8s/read/endpoints.ts';
import { serviceView } from '../../domain/k8s/read/service.ts';
import { SERVICE_TYPE } from '../../domain/k8s/knative-services.ts';
import { configMapView } from '../../domain/k8s/read/config-map.ts';
import { podAutoscalerView } from '../../domain/k8s/read/pod-autoscaler.ts';
import { revisionView } from '../../domain/k8s/read/revision.ts';
import { readThrough } from '../../domain/k8s/read/view.ts';
import { deploymentView, podView, REVISION_LABEL } from '../../domain/k8s/read/workload.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import { Reflector, type ReflectorParts } from '../../engine/reflector.ts';
import { Store, type StoreReader } from '../../engine/store.ts';
import type { Selection } from '../../ports/kube.ts';

/** What every reflector is made of, whatever it reflects. */
export type Shared = Pick<
  ReflectorParts<HasMeta, never>,
  'reader' | 'clock' | 'random' | 'telemetry' | 'log'
>;

/** A store that a reflector keeps, and the kind in it. */
interface Cached<T extends HasMeta, I extends string = never> {
  readonly kind: Kind;
  readonly store: StoreReader<T, I>;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** `namespace/revision` of a labelled object; nothing for one without the label. */
export const revisionOf = ({ metadata }: HasMeta): readonly Key[] => {
  const revision = metadata.labels[REVISION_LABEL];
  return revision === undefined ? [] : [keyOf(metadata.namespace, revision)];
};

/** Every kind that we watch, each with what we select of it and what we read of an object. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is the table itself
export function buildCaches(
  shared: Shared,
  options: { readonly systemNamespace: string; readonly onKedaServed: (served: boolean) => void },
) {
  const cached = <T extends HasMeta, I extends string = never>(
    kind: Kind,
    own: Pick<ReflectorParts<T, I>, 'parse' | 'optional' | 'onServed' | 'label'> & {
      readonly indexes: Readonly<Record<I, (item: T) => readonly string[]>>;
    },
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
    activators: cached(
      'Endpoints',
      { ...none, parse: readThrough(endpointsView), label: 'activator-endpoints' },
      { namespace: options.systemNamespace },
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

/** The plural of kinds of which the first complete list is not in the cache yet. */
export const unsynced = (caches: Caches): readonly string[] =>
  cachesIn(caches)
    .filter(({ store }) => !store.synced)
    .map(({ kind }) => (kind.endsWith('s') ? kind : `${kind}s`));
