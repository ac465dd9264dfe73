/** A kind as the API server serves it. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

/** Every kind that we read or write, once. */
export const RESOURCES = {
  PodAutoscaler: {
    group: 'autoscaling.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'podautoscalers',
    kind: 'PodAutoscaler',
  },
  ServerlessService: {
    group: 'networking.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'serverlessservices',
    kind: 'ServerlessService',
  },
  Revision: { group: 'serving.knative.dev', version: 'v1', plural: 'revisions', kind: 'Revision' },
  ScaledObject: { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects', kind: 'ScaledObject' },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    version: 'v2',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
  },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  Pod: { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  Service: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  Endpoints: { group: '', version: 'v1', plural: 'endpoints', kind: 'Endpoints' },
  EndpointSlice: {
    group: 'discovery.k8s.io',
    version: 'v1',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
  },
  ConfigMap: { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' },
  /** Read by name only: where a server of Prometheus is configured with one, and the one with our own certificate. */
  Secret: { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
  Event: { group: '', version: 'v1', plural: 'events', kind: 'Event' },
  Lease: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
  APIService: { group: 'apiregistration.k8s.io', version: 'v1', plural: 'apiservices', kind: 'APIService' },
  ValidatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
  },
  MutatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
  },
  /** Created only: the answer is in what comes back, and nothing is stored. */
  TokenReview: { group: 'authentication.k8s.io', version: 'v1', plural: 'tokenreviews', kind: 'TokenReview' },
  SubjectAccessReview: {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'subjectaccessreviews',
    kind: 'SubjectAccessReview',
  },
} as const satisfies Record<string, Resource>;

export type Kind = keyof typeof RESOURCES;

/** `apps/v1`, or `v1` for the core group. */
export const apiVersionOf = (resource: Resource): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
