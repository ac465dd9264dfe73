import type { KubeObject } from '../meta.ts';
import type { PodAutoscaler } from '../read/pod-autoscaler.ts';
import { apiVersionOf, RESOURCES } from '../resources.ts';
import { childMetadata } from './owned-by.ts';

export interface ServerlessServiceParts {
  readonly pa: PodAutoscaler;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A ServerlessService that always points at the revision's pods (serving: pkg/reconciler/autoscaling/resources/sks.go). */
export const serverlessService = ({ pa, labels, annotations }: ServerlessServiceParts): KubeObject => ({
  apiVersion: apiVersionOf(RESOURCES.ServerlessService),
  kind: RESOURCES.ServerlessService.kind,
  metadata: childMetadata({ pa, labels, annotations }),
  spec: {
    mode: 'Serve',
    objectRef: { ...pa.spec.scaleTargetRef },
    protocolType: pa.spec.protocolType,
    numActivators: 0,
  },
});
