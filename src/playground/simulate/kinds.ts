import { RESOURCES, type Resource } from '../../domain/k8s/resources.ts';

/** The kinds that the simulation plays with: those that hpa-bridge meets, and those around them. */
export const R = {
  ...RESOURCES,
  KnativeService: { group: 'serving.knative.dev', version: 'v1', plural: 'services', kind: 'Service' },
  Service: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  Endpoints: { group: '', version: 'v1', plural: 'endpoints', kind: 'Endpoints' },
  Namespace: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' },
} as const satisfies Record<string, Resource>;

export const REVISION = 'serving.knative.dev/revision';
export const SERVICE = 'serving.knative.dev/service';
