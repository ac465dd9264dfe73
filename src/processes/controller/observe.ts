import { isOurs } from '../../domain/annotation/ours.ts';
import type { LiveConfig } from '../../domain/config/live.ts';
import type { Claim } from '../../domain/external-metrics/claim.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { controllerOf } from '../../domain/k8s/meta.ts';
import type {
  HorizontalPodAutoscaler,
  ScaledObject,
  ServerlessService,
} from '../../domain/k8s/read/children.ts';
import type { EndpointSlice } from '../../domain/k8s/read/endpoint-slice.ts';
import { podsBeyond } from '../../domain/zero/beyond.ts';
import type { Endpoints } from '../../domain/k8s/read/endpoints.ts';
import type { PodAutoscaler } from '../../domain/k8s/read/pod-autoscaler.ts';
import type { Revision } from '../../domain/k8s/read/revision.ts';
import type { Service } from '../../domain/k8s/read/service.ts';
import { isServing, type Deployment, type Pod } from '../../domain/k8s/read/workload.ts';
import type { World } from '../../domain/plan/world.ts';
import { isKeptByBridge } from '../../domain/zero/keeper.ts';
import { privateServiceNameOf } from '../../domain/k8s/write/revision-services.ts';
import type {
  Activators,
  Evidence,
  QueryActivity,
  RequestsSeen,
  RevisionServices,
} from '../../domain/zero/seen.ts';
import type { ReadyPod } from '../../domain/scale/pod-sample.ts';
import type { PodStanding } from '../../domain/scale/standing.ts';
import type { Decision } from '../../domain/signal/ladder.ts';
import { isInitialised } from '../../domain/plan/start.ts';
import { targetInForce } from '../../domain/plan/target-in-force.ts';
import type { SeenScale } from './measure/signals.ts';
import type { Clock } from '../../ports/clock.ts';

/** The reading side of a cache. */
export interface Cache<View> {
  get(key: Key): View | undefined;
}

/** Everything that a picture of one revision is put together from. */
export interface Sources {
  readonly podAutoscalers: Cache<PodAutoscaler>;
  readonly revisions: Cache<Revision>;
  readonly scaledObjects: Cache<ScaledObject>;
  readonly horizontalPodAutoscalers: Cache<HorizontalPodAutoscaler>;
  readonly serverlessServices: Cache<ServerlessService>;
  readonly deployments: Cache<Deployment>;
  /** Those of revisions. */
  readonly services: Cache<Service>;
  readonly endpoints: Cache<Endpoints>;
  readonly slicesOf: (revision: Key) => Iterable<EndpointSlice>;
  readonly activators: () => Activators;
  /** Pods that bear the revision label `namespace/revision`. */
  readonly podsOf: (revision: Key) => Iterable<Pod>;
  readonly config: () => LiveConfig;
  readonly kedaServed: () => boolean;
  readonly externalMetrics: () => Claim;
  /** How it stands with the query that is asked for the revision. */
  readonly measured: (key: Key) => Decision | undefined;
  /** How it stands with what the pods of the revision carry, where it is scaled by that. */
  readonly pods: (key: Key) => PodStanding | undefined;
  /** What is known of the requests of the revision. */
  readonly requests: (key: Key) => RequestsSeen | undefined;
  /** Whether its query says that there is something to do. */
  readonly queryActivity: (key: Key) => QueryActivity | undefined;
  /** What was found out before its last pods were to go. */
  readonly evidence: (key: Key) => Evidence | undefined;
  /** The classes whose PodAutoscalers are ours. */
  readonly classes: ReadonlySet<string>;
  readonly clock: Clock;
}

/** One consistent picture of the revision, or undefined when there is none of our classes, nor one that we still keep the Services of. Caches do not move while this runs: it never awaits. */
export function observe(from: Sources, key: Key): World | undefined {
  const pa = from.podAutoscalers.get(key);
  if (pa === undefined) return undefined;
  const services = servicesOf(from, pa, key);
  const leaving = !isOurs(pa, from.classes);
  if (leaving && !isKeptByBridge({ pa, services })) return undefined;
  return {
    leaving,
    key,
    at: from.clock.now(),
    pa,
    revision: owningRevision(pa, from.revisions.get(key)),
    config: from.config(),
    kedaServed: from.kedaServed(),
    scaledObject: from.scaledObjects.get(key),
    hpa: from.horizontalPodAutoscalers.get(key),
    sks: from.serverlessServices.get(key),
    deployment: deploymentOf(from, pa),
    readyPods: countServing(from.podsOf(key)),
    externalMetrics: from.externalMetrics(),
    measured: from.measured(key),
    pods: from.pods(key),
    services,
    activators: from.activators(),
    requests: from.requests(key),
    queryActivity: from.queryActivity(key),
    evidence: from.evidence(key),
  };
}

type Workload = Pick<Sources, 'podAutoscalers' | 'deployments' | 'podsOf' | 'horizontalPodAutoscalers'>;

/** How many pods the revision has, and what its HPA compares its value with, as far as there is one. */
export function scaleOf(from: Workload, key: Key): SeenScale {
  const pa = from.podAutoscalers.get(key);
  const deployment = pa === undefined ? undefined : deploymentOf(from, pa);
  return {
    replicas: deployment?.spec.replicas,
    readyPods: countServing(from.podsOf(key)),
    inForce: targetInForce(from.horizontalPodAutoscalers.get(key)),
  };
}

/** The pods that serve, as they can be asked. */
export const readyPodsOf = ({ podsOf }: Pick<Sources, 'podsOf'>, key: Key): readonly ReadyPod[] =>
  [...podsOf(key)].filter(isServing).map(({ status: { podIP, startTime } }) => ({
    address: podIP,
    startedAt: startTime,
  }));

/** Pods that a revision has; of one that has started, at least those that it is meant to have. */
export function podsFound(from: Workload, key: Key): number {
  const { replicas = 0, readyPods } = scaleOf(from, key);
  const pa = from.podAutoscalers.get(key);
  return pa !== undefined && isInitialised({ pa }) ? Math.max(readyPods, replicas) : readyPods;
}

function servicesOf(
  { services, endpoints, slicesOf, podsOf }: Sources,
  { metadata: { namespace, name } }: PodAutoscaler,
  key: Key,
): RevisionServices {
  const behind = keyOf(namespace, privateServiceNameOf(name));
  return {
    publicService: services.get(key),
    privateService: services.get(behind),
    publicEndpoints: endpoints.get(key),
    privateEndpoints: endpoints.get(behind),
    beyond: podsBeyond(endpoints.get(behind), podsOf(key)),
    slices: [...slicesOf(key)],
  };
}

const deploymentOf = (
  { deployments }: Pick<Sources, 'deployments'>,
  { metadata, spec }: PodAutoscaler,
): Deployment | undefined => deployments.get(keyOf(metadata.namespace, spec.scaleTargetRef.name));

/** A revision that was deleted and made again bears the same name: only the uid tells whose annotations these are. */
function owningRevision(pa: PodAutoscaler, revision: Revision | undefined): Revision | undefined {
  return revision !== undefined && controllerOf(pa.metadata)?.uid === revision.metadata.uid
    ? revision
    : undefined;
}

function countServing(pods: Iterable<Pod>): number {
  let serving = 0;
  for (const pod of pods) if (isServing(pod)) serving += 1;
  return serving;
}
