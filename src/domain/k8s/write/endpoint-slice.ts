import { SERVICE_TYPE, SERVICES_OF, backendOf, HTTPS } from '../knative-services.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../meta.ts';
import { OUR_SLICES, SLICE_MANAGER, SLICE_OF } from '../read/endpoint-slice.ts';
import type { Address } from '../read/endpoints.ts';
import type { PodAutoscaler } from '../read/pod-autoscaler.ts';
import { apiVersionOf, RESOURCES } from '../resources.ts';
import { controllerReferenceTo } from './owned-by.ts';

/** Addresses of one family, so many that a slice holds them. */
export interface SliceContent {
  readonly name: string;
  readonly addressType: 'IPv4' | 'IPv6';
  readonly addresses: readonly Address[];
}

/** A slice of ours behind the public Service, with ports like those of its Endpoints. */
export const endpointSlice = (
  pa: PodAutoscaler,
  { name, addressType, addresses }: SliceContent,
): KubeObject => ({
  apiVersion: apiVersionOf(RESOURCES.EndpointSlice),
  kind: RESOURCES.EndpointSlice.kind,
  metadata: {
    name,
    namespace: pa.metadata.namespace,
    labels: {
      ...pa.metadata.labels,
      [SERVICES_OF]: pa.metadata.name,
      [SERVICE_TYPE]: 'Public',
      [SLICE_OF]: pa.metadata.name,
      [SLICE_MANAGER]: OUR_SLICES,
    },
    ownerReferences: [controllerReferenceTo(pa)],
  },
  addressType,
  endpoints: addresses.map(({ ip, targetRef }): JsonObject => ({
    addresses: [ip],
    conditions: { ready: true },
    ...(targetRef === undefined ? {} : { targetRef }),
  })),
  ports: portsOf(pa.spec.protocolType),
});

function portsOf(protocolType: string): readonly JsonObject[] {
  const { name, target } = backendOf(protocolType);
  return [
    { name, port: target, protocol: 'TCP' },
    { name: HTTPS.name, port: HTTPS.target, protocol: 'TCP' },
  ];
}
