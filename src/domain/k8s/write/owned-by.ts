import type { JsonObject } from '../../json.ts';
import { apiVersionOf, RESOURCES } from '../resources.ts';
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
