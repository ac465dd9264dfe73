import { z } from 'zod';
import { metaView } from '../meta.ts';
import { conditionsView } from './condition.ts';

/** Of a Deployment we read how many pods it is told to have; absent means one. */
export const deploymentView = z.object({
  metadata: metaView,
  spec: z.object({ replicas: z.number().default(1) }).default({ replicas: 1 }),
});
export type Deployment = z.output<typeof deploymentView>;

export const REVISION_LABEL = 'serving.knative.dev/revision';

/** Of a pod we read whether it serves. */
export const podView = z.object({
  metadata: metaView,
  status: z
    .object({ phase: z.string().default(''), conditions: conditionsView })
    .default({ phase: '', conditions: [] }),
});
export type Pod = z.output<typeof podView>;

/** Running, not on its way out, and Ready: the pods that `actualScale` counts (serving: pkg/resources/pods.go). */
export const isServing = (pod: Pod): boolean =>
  pod.status.phase === 'Running' &&
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
