import { z } from 'zod';
import { parseRfc3339 } from '../../rfc3339.ts';
import { keyOf, type Key } from '../../key.ts';
import { metaView, type HasMeta, type Meta } from '../meta.ts';
import { conditionsView } from './condition.ts';

export const REVISION_LABEL = 'serving.knative.dev/revision';

/** `namespace/revision` of a labelled object; nothing for one without the label. */
export const revisionOf = ({ metadata }: HasMeta): readonly Key[] => {
  const revision = metadata.labels[REVISION_LABEL];
  return revision === undefined ? [] : [keyOf(metadata.namespace, revision)];
};

/** There are as many of them as pods: only the label that says whose they are is kept, and no annotations. */
const workloadMeta = metaView.transform((meta) => {
  const revision = meta.labels[REVISION_LABEL];
  return {
    ...meta,
    labels: revision === undefined ? {} : { [REVISION_LABEL]: revision },
    annotations: {},
    ownerReferences: [],
  };
}) satisfies z.ZodType<Meta>;

/** Of a Deployment we read how many pods it is told to have, absent means one, and which pods are its. */
export const deploymentView = z.object({
  metadata: workloadMeta,
  spec: z
    .object({
      replicas: z.number().default(1),
      selector: z
        .object({ matchLabels: z.record(z.string(), z.string()).default({}) })
        .default({ matchLabels: {} }),
    })
    .default({ replicas: 1, selector: { matchLabels: {} } }),
});
export type Deployment = z.output<typeof deploymentView>;

/** Of a pod we read whether it serves, and where and since when. */
export const podView = z.object({
  metadata: workloadMeta,
  status: z
    .object({
      phase: z.string().default(''),
      podIP: z.string().default(''),
      /** Undefined until the kubelet has seen the pod. */
      startTime: z
        .string()
        .optional()
        .transform((text) => (text === undefined ? undefined : parseRfc3339(text))),
      conditions: conditionsView.transform((list) => list.filter(({ type }) => type === 'Ready')),
    })
    .default({ phase: '', podIP: '', startTime: undefined, conditions: [] }),
});
export type Pod = z.output<typeof podView>;

/** Running, not on its way out, and Ready: the pods that `actualScale` counts (serving: pkg/resources/pods.go). */
export const isServing = (pod: Pod): boolean =>
  pod.status.phase === 'Running' &&
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
