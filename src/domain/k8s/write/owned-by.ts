import type { JsonObject } from '../../json.ts';
import { apiVersionOf, RESOURCES } from '../resources.ts';
import type { KubeObject } from '../meta.ts';
import type { PodAutoscaler } from '../read/pod-autoscaler.ts';

/** The reference by which a child belongs to its PodAutoscaler, so that deleting the one removes the other. */
export const controllerReferenceTo = (pa: PodAutoscaler): JsonObject => ({
  apiVersion: apiVersionOf(RESOURCES.PodAutoscaler),
  kind: RESOURCES.PodAutoscaler.kind,
  name: pa.metadata.name,
  uid: pa.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** What every child carries besides its spec: the PodAutoscaler's name, the labels and annotations that are meant for children, and its owner. */
export const childMetadata = (of: {
  readonly pa: PodAutoscaler;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}): KubeObject['metadata'] => ({
  name: of.pa.metadata.name,
  namespace: of.pa.metadata.namespace,
  labels: of.labels,
  annotations: of.annotations,
  ownerReferences: [controllerReferenceTo(of.pa)],
});
