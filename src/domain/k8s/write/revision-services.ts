import { childName } from '../child-name.ts';
import { backendOf, HTTPS, SERVICE_TYPE, SERVICES_OF, type ServiceType } from '../knative-services.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../meta.ts';
import type { PodAutoscaler } from '../read/pod-autoscaler.ts';
import type { Subset } from '../read/endpoints.ts';
import { childMetadata } from './owned-by.ts';

/** What the Services and Endpoints of a revision are made from. Names, ports and labels are those that the ServerlessService controller gives (serving: pkg/reconciler/serverlessservice/resources/services.go); the owner is the PodAutoscaler. */
export interface RevisionServicesParts {
  readonly pa: PodAutoscaler;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The Service in front of the pods. */
export const privateServiceNameOf = (revision: string): string => childName(revision, '-private');

const TCP = 'TCP';
/** Ports of queue-proxy that only the private Service has, by the name that the pod gives them. */
const METRICS_PORTS = [
  { name: 'http-autometric', port: 9090 },
  { name: 'http-usermetric', port: 9091 },
] as const;

function metadata(parts: RevisionServicesParts, type: ServiceType): KubeObject['metadata'] {
  const { name } = parts.pa.metadata;
  return {
    ...childMetadata(parts),
    name: type === 'Public' ? name : privateServiceNameOf(name),
    labels: { ...parts.labels, [SERVICES_OF]: name, [SERVICE_TYPE]: type },
  };
}

const h2cIn = (protocolType: string): JsonObject =>
  protocolType === 'h2c' ? { appProtocol: 'kubernetes.io/h2c' } : {};
const httpsPort: JsonObject = {
  name: HTTPS.name,
  protocol: TCP,
  port: HTTPS.port,
  targetPort: HTTPS.target,
};

/** The Service that routes lead to. It has no selector, ever: what is behind it stands in the Endpoints of its name. */
export function publicService(parts: RevisionServicesParts): KubeObject {
  const { protocolType } = parts.pa.spec;
  const { name, port, target } = backendOf(protocolType);
  const first = { name, protocol: TCP, ...h2cIn(protocolType), port, targetPort: target };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(parts, 'Public'),
    spec: { ports: [first, httpsPort] },
  };
}

/** The Service in front of the pods: Kubernetes keeps their addresses behind it. */
export function privateService(
  parts: RevisionServicesParts,
  selector: Readonly<Record<string, string>>,
): KubeObject {
  const { protocolType } = parts.pa.spec;
  const { name, target } = backendOf(protocolType);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(parts, 'Private'),
    spec: {
      ports: [
        { name, protocol: TCP, ...h2cIn(protocolType), port: 80, targetPort: target },
        httpsPort,
        ...METRICS_PORTS.map((row) => ({ ...row, protocol: TCP, targetPort: row.name })),
        { name: `${name}-istio`, protocol: TCP, port: target, targetPort: target },
      ],
      selector,
    },
  };
}

/** The addresses behind the public Service. `resourceVersion`: of the object that they replace. */
export const publicEndpoints = (
  parts: RevisionServicesParts,
  subsets: readonly Subset[],
  resourceVersion: string | undefined,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: {
    ...metadata(parts, 'Public'),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  },
  subsets: subsets.map(({ addresses, notReadyAddresses, ports }): JsonObject => ({
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ports,
  })),
});
