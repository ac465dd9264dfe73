import { RESOURCES, type Resource } from '../../src/domain/k8s/resources.ts';

/** A kind, with the shape that the tests read of its objects. */
export interface Kind<T extends Live = Live> extends Resource {
  /** Cluster-scoped kinds have no namespace in their paths. */
  readonly cluster?: boolean;
  /** Never there; carries the type. */
  readonly shape?: T;
}

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any object as the API server shows it. Judged by assertion, so most of it stays unknown. */
export interface Live {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly Owner[];
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
    }[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly severity?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Conditioned extends Live {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly observedGeneration?: number };
}

export interface Service extends Conditioned {
  readonly spec: {
    readonly template: { readonly spec: { readonly initContainers?: readonly { readonly name: string }[] } };
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly observedGeneration?: number;
    readonly latestCreatedRevisionName?: string;
    readonly latestReadyRevisionName?: string;
  };
}

export interface PodAutoscaler extends Conditioned {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    readonly reachability?: string;
    readonly protocolType: string;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly observedGeneration?: number;
    readonly serviceName?: string;
    readonly metricsServiceName?: string;
    readonly desiredScale?: number;
    readonly actualScale?: number;
  };
}

export interface Trigger {
  readonly type: string;
  readonly name?: string;
  readonly metricType?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name: string; readonly kind?: string };
}

export interface ScaledObject extends Conditioned {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string; readonly kind?: string; readonly apiVersion?: string };
    readonly minReplicaCount?: number;
    readonly maxReplicaCount?: number;
    readonly triggers: readonly Trigger[];
    readonly advanced?: unknown;
    readonly fallback?: unknown;
  };
}

export interface HorizontalPodAutoscaler extends Conditioned {
  readonly spec: {
    readonly scaleTargetRef: unknown;
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly unknown[];
    readonly behavior?: unknown;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly currentReplicas?: number;
    readonly lastScaleTime?: string;
    readonly desiredReplicas?: number;
  };
}

export interface EndpointSlice extends Live {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
}

export interface ServerlessService extends Conditioned {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly observedGeneration?: number;
    readonly serviceName?: string;
    readonly privateServiceName?: string;
  };
}

export interface Event extends Live {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

export interface Lease extends Live {
  readonly spec: { readonly holderIdentity?: string; readonly acquireTime?: string };
}

export interface ConfigMap extends Live {
  readonly data?: Readonly<Record<string, string>>;
}

export interface Deployment extends Live {
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
        }[];
      };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
  };
}

export interface ApiService extends Conditioned {
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly service?: { readonly namespace: string; readonly name: string };
    readonly caBundle?: string;
  };
}

export interface Pod extends Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly podIP?: string };
}

const of = <T extends Live>(resource: Resource): Kind<T> => resource;

/** Core Endpoints. */
export interface Endpoints extends Live {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string }[];
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  }[];
}

/** The addresses that are ready, in order. */
export const addressesIn = ({ subsets = [] }: Endpoints): readonly string[] =>
  subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)).sort();

export interface CoreService extends Live {
  readonly spec: {
    readonly clusterIP: string;
    readonly selector?: unknown;
    readonly ports: readonly { readonly port: number }[];
  };
}

/** A way of requests, and the headers that the ingress adds to them. */
export interface Split {
  readonly serviceNamespace: string;
  readonly serviceName: string;
  readonly servicePort: number;
  readonly percent: number;
  readonly appendHeaders: Readonly<Record<string, string>>;
}

export interface Ingress extends Live {
  readonly spec: {
    readonly rules: readonly {
      readonly hosts: readonly string[];
      readonly http: { readonly paths: readonly { readonly splits: readonly Split[] }[] };
    }[];
  };
}

/** Every kind that the cases look at. */
export const KINDS = {
  service: of<Service>({ group: 'serving.knative.dev', version: 'v1', plural: 'services', kind: 'Service' }),
  ingress: of<Ingress>({
    group: 'networking.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'ingresses',
    kind: 'Ingress',
  }),
  revision: of<Conditioned>(RESOURCES.Revision),
  podAutoscaler: of<PodAutoscaler>(RESOURCES.PodAutoscaler),
  scaledObject: of<ScaledObject>(RESOURCES.ScaledObject),
  hpa: of<HorizontalPodAutoscaler>(RESOURCES.HorizontalPodAutoscaler),
  sks: of<ServerlessService>(RESOURCES.ServerlessService),
  deployment: of<Deployment>(RESOURCES.Deployment),
  pod: of<Pod>(RESOURCES.Pod),
  endpointSlice: of<EndpointSlice>(RESOURCES.EndpointSlice),
  configMap: of<ConfigMap>(RESOURCES.ConfigMap),
  event: of<Event>(RESOURCES.Event),
  lease: of<Lease>(RESOURCES.Lease),
  /** The same shape, with base64 in it. */
  secret: of<ConfigMap>(RESOURCES.Secret),
  triggerAuthentication: of<Live>({
    group: 'keda.sh',
    version: 'v1alpha1',
    plural: 'triggerauthentications',
    kind: 'TriggerAuthentication',
  }),
  clusterTriggerAuthentication: {
    group: 'keda.sh',
    version: 'v1alpha1',
    plural: 'clustertriggerauthentications',
    kind: 'ClusterTriggerAuthentication',
    cluster: true,
  },
  coreService: of<CoreService>({ group: '', version: 'v1', plural: 'services', kind: 'Service' }),
  endpoints: of<Endpoints>({ group: '', version: 'v1', plural: 'endpoints', kind: 'Endpoints' }),
  roleBinding: of<Live>({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: 'rolebindings',
    kind: 'RoleBinding',
  }),
  role: of<Live>({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles', kind: 'Role' }),
  serviceAccount: of<Live>({ group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount' }),
  apiService: { ...RESOURCES.APIService, cluster: true } satisfies Kind as Kind<ApiService>,
  node: { group: '', version: 'v1', plural: 'nodes', kind: 'Node', cluster: true },
  namespace: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', cluster: true },
  crd: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    cluster: true,
  } satisfies Kind as Kind<Conditioned>,
} as const;
