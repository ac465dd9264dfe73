import type { JsonObject } from '../../../src/domain/json.ts';
import { RESOURCES, type Resource } from '../../../src/domain/k8s/resources.ts';

/** Kinds that the contract needs beyond those that hpa-bridge reads. */
export const OTHERS = {
  Namespace: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' },
  Endpoints: { group: '', version: 'v1', plural: 'endpoints', kind: 'Endpoints' },
  Secret: { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
  Service: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  CustomResourceDefinition: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
  },
} as const satisfies Record<string, Resource>;

export const K = { ...RESOURCES, ...OTHERS } as const;

export const configMap = (name: string, data: JsonObject = { color: 'red' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const podAutoscaler = (name: string, annotations: JsonObject = {}): JsonObject => ({
  apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
  kind: 'PodAutoscaler',
  metadata: { name, annotations },
  spec: {
    protocolType: 'http1',
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-deployment` },
  },
});

export const scaledObject = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name },
  spec: {
    scaleTargetRef: { name },
    triggers: [{ type: 'prometheus', metadata: { query: 'sum(up)', threshold: '5' } }],
    ...spec,
  },
});

export const autoscaler = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    maxReplicas: 5,
    ...spec,
  },
});

export const deployment = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'example/app:1' }] },
    },
    ...spec,
  },
});

export const lease = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: {
    holderIdentity: 'one',
    leaseDurationSeconds: 15,
    renewTime: '2026-01-02T03:04:05.678901Z',
    ...spec,
  },
});

/** A definition of a kind that no server knows beforehand. */
export const widgetDefinition = (group: string): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    names: { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer', minimum: 0 },
                  size: { type: 'string', default: 'small' },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, count: { type: 'integer' } },
                    },
                  },
                },
              },
              status: { type: 'object', properties: { replicas: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
});

export const widget = (group: string, name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: `${group}/v1`,
  kind: 'Widget',
  metadata: { name },
  spec,
});
