import type { KubeObject } from '../meta.ts';
import type { PodAutoscaler } from '../read/pod-autoscaler.ts';
import { apiVersionOf, RESOURCES } from '../resources.ts';
import { childMetadata } from './owned-by.ts';

export interface ServerlessServiceParts {
  readonly pa: PodAutoscaler;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** How many activators of Knative requests are to go through; absent: none, while there are pods. */
  readonly proxiedBy?: number;
}

/** A ServerlessService that points at the revision's pods, or at activators (serving: pkg/reconciler/autoscaling/resources/sks.go). */
export const serverlessService = ({
  pa,
  labels,
  annotations,
  proxiedBy,
}: ServerlessServiceParts): KubeObject => ({
  apiVersion: apiVersionOf(RESOURCES.ServerlessService),
  kind: RESOURCES.ServerlessService.kind,
  metadata: childMetadata({ pa, labels, annotations }),
  spec: {
    mode: proxiedBy === undefined ? 'Serve' : 'Proxy',
    objectRef: { ...pa.spec.scaleTargetRef },
    protocolType: pa.spec.protocolType,
    numActivators: proxiedBy ?? 0,
  },
});
