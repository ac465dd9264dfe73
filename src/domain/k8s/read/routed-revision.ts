import { z } from 'zod';
import { seconds } from '../../time.ts';
import { metaView } from '../meta.ts';

/** What a revision may take where it does not say (serving: pkg/apis/config/defaults.go). */
const TIMEOUT_SECONDS = 300;

const count = z.number().nullish();
const something = z.object({}).nullish();
const container = z.object({
  ports: z.array(something).nullish(),
  readinessProbe: z.object({ exec: something }).nullish(),
  startupProbe: something,
});
type Container = z.output<typeof container>;

/** The one that requests go to: the only one, or the one that names a port. */
const serving = (containers: readonly Container[]): Container | undefined =>
  containers.find(({ ports }) => (ports ?? []).length > 0) ?? containers[0];

/**
 * Whether a pod may be used as soon as queue-proxy answers for it. Probes that run a command, and probes of the start, are the kubelet's:
 * queue-proxy knows nothing of them (serving: pkg/activator/net/revision_backends.go).
 */
const isJudgedByProxy = (containers: readonly Container[]): boolean =>
  !(serving(containers)?.readinessProbe?.exec ?? undefined) &&
  containers.every(({ startupProbe }) => !startupProbe);

const limit = (given: number | null | undefined): ReturnType<typeof seconds> | undefined =>
  given === undefined || given === null || given <= 0 ? undefined : seconds(given);

/** Of a Revision that requests come for we read how long they may take, and how its pods take them. */
export const routedRevisionView = z
  .object({
    metadata: metaView,
    spec: z.object({
      timeoutSeconds: count,
      responseStartTimeoutSeconds: count,
      idleTimeoutSeconds: count,
      containerConcurrency: count,
      containers: z.array(container).default([]),
    }),
  })
  .transform(({ metadata, spec }) => ({
    metadata: { ...metadata, labels: {}, annotations: {}, ownerReferences: [] },
    timeout: limit(spec.timeoutSeconds) ?? seconds(TIMEOUT_SECONDS),
    responseStartTimeout: limit(spec.responseStartTimeoutSeconds),
    idleTimeout: limit(spec.idleTimeoutSeconds),
    /** Requests that a pod takes at a time; 0: any number. */
    containerConcurrency: Math.max(0, spec.containerConcurrency ?? 0),
    /** Whether a pod may have requests before Kubernetes calls it ready. */
    usableEarly: isJudgedByProxy(spec.containers),
  }));
export type RoutedRevision = z.output<typeof routedRevisionView>;
