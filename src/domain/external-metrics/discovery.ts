import type { JsonObject } from '../json.ts';

/** The group and version of the metrics API that HPAs ask. */
export const GROUP = 'external.metrics.k8s.io';
export const VERSION = 'v1beta1';
export const GROUP_VERSION = `${GROUP}/${VERSION}`;
/** The object that says which Service answers for the group; one in a cluster. */
export const API_SERVICE = `${VERSION}.${GROUP}`;

const version = { groupVersion: GROUP_VERSION, version: VERSION };
const group = { name: GROUP, versions: [version], preferredVersion: version };

/** `/apis` */
export const GROUP_LIST: JsonObject = { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] };

/** `/apis/external.metrics.k8s.io` */
export const API_GROUP: JsonObject = { kind: 'APIGroup', apiVersion: 'v1', ...group };

const LIST_KIND = 'ExternalMetricValueList';

/** `/apis/external.metrics.k8s.io/v1beta1`: the one entry that custom-metrics-apiserver tells by default; no HPA looks at it. */
export const RESOURCE_LIST: JsonObject = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'externalmetrics', singularName: '', namespaced: true, kind: LIST_KIND, verbs: ['get'] },
  ],
};

/** `/apis` for whoever asks for the aggregated kind, which saves the aggregator a second request. */
export const GROUP_DISCOVERY_LIST: JsonObject = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [
    {
      metadata: { name: GROUP },
      versions: [
        {
          version: VERSION,
          resources: [
            {
              resource: 'externalmetrics',
              responseKind: { group: GROUP, version: VERSION, kind: LIST_KIND },
              scope: 'Namespaced',
              singularResource: '',
              verbs: ['get'],
            },
          ],
          freshness: 'Current',
        },
      ],
    },
  ],
};

const PLAIN = 'application/json';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Whether an Accept header asks for the aggregated kind of discovery, in the version that we speak. */
const wantsAggregated = (accept: string): boolean =>
  accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    return (
      type === PLAIN &&
      AGGREGATED.split(';')
        .slice(1)
        .every((each) => parameters.includes(each))
    );
  });

/** A document, and the content type that says which it is. */
export interface Document {
  readonly contentType: string;
  readonly body: JsonObject;
}

const plain = (body: JsonObject): Document => ({ contentType: PLAIN, body });

const DOCUMENTS: Readonly<Record<string, (accept: string) => Document>> = {
  '/apis': (accept) =>
    wantsAggregated(accept) ? { contentType: AGGREGATED, body: GROUP_DISCOVERY_LIST } : plain(GROUP_LIST),
  [`/apis/${GROUP}`]: () => plain(API_GROUP),
  [`/apis/${GROUP_VERSION}`]: () => plain(RESOURCE_LIST),
};

/** The discovery document at this path, if there is one. */
export const documentAt = (path: string, accept: string): Document | undefined =>
  Object.hasOwn(DOCUMENTS, path) ? DOCUMENTS[path]?.(accept) : undefined;
