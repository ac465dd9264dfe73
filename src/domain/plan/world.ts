import type { LiveConfig } from '../config/live.ts';
import type { BridgeEvent } from '../event.ts';
import type { Claim } from '../external-metrics/claim.ts';
import type { JsonObject } from '../json.ts';
import type { Key } from '../key.ts';
import type { KubeObject } from '../k8s/meta.ts';
import type { HorizontalPodAutoscaler, ScaledObject, ServerlessService } from '../k8s/read/children.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import type { Revision } from '../k8s/read/revision.ts';
import type { Deployment } from '../k8s/read/workload.ts';
import type { PodStanding } from '../scale/standing.ts';
import type { Decision } from '../signal/ladder.ts';
import type { Instant, Ms } from '../time.ts';
import {
  NOTHING_SEEN,
  type Activators,
  type Evidence,
  type QueryActivity,
  type RequestsSeen,
  type RevisionServices,
} from '../zero/seen.ts';
import type { Keeper } from '../k8s/knative-services.ts';
import type { Cancel, LifeState } from '../zero/words.ts';

/** One consistent picture of a revision and what it owns: all that a plan may know. */
export interface World {
  readonly key: Key;
  /** When the picture was taken; wall clock. */
  readonly at: Instant;
  readonly pa: PodAutoscaler;
  /** The PA's controller owner, when it is in the cache. Without one, the PA is read as it is. */
  readonly revision: Revision | undefined;
  readonly config: LiveConfig;
  /** Whether the API server serves KEDA's ScaledObject now. */
  readonly kedaServed: boolean;
  /** The objects that bear the PA's name, whoever owns them. */
  readonly scaledObject: ScaledObject | undefined;
  readonly hpa: HorizontalPodAutoscaler | undefined;
  readonly sks: ServerlessService | undefined;
  /** The Deployment that is scaled; undefined while it is unknown. */
  readonly deployment: Deployment | undefined;
  /** Pods of the revision that are Running, Ready and not on their way out. */
  readonly readyPods: number;
  /** Who serves external.metrics.k8s.io, by which an HPA asks for the value of a query. */
  readonly externalMetrics: Claim;
  /** How it stands with the query that we ask for the revision; undefined while we ask none. */
  readonly measured: Decision | undefined;
  /** What its pods carry and what was decided from it; undefined while they are not asked. */
  readonly pods: PodStanding | undefined;
  readonly services: RevisionServices;
  /** The class is not ours any more, but the Services are: they have to be handed back. */
  readonly leaving: boolean;
  readonly activators: Activators;
  /** What is known of its requests; undefined while nobody looks. */
  readonly requests: RequestsSeen | undefined;
  /** Undefined while we ask no query for the revision, or have no answer. */
  readonly queryActivity: QueryActivity | undefined;
  /** What was found out last before its last pods were to go. */
  readonly evidence: Evidence | undefined;
}

/** What stands between routes and pods where we keep it. */
export type ServiceKind = 'Service' | 'Endpoints';

/** What a picture has beside the revision itself while nothing is there yet, and nobody has looked. */
export const NOTHING_AROUND = {
  scaledObject: undefined,
  hpa: undefined,
  sks: undefined,
  deployment: undefined,
  readyPods: 0,
  externalMetrics: { state: 'ours' },
  measured: undefined,
  pods: undefined,
  ...NOTHING_SEEN,
} as const satisfies Partial<World>;

/** The kinds that the planner makes and removes. */
export type ChildKind =
  'ScaledObject' | 'HorizontalPodAutoscaler' | 'ServerlessService' | 'EndpointSlice' | ServiceKind;

/** One write, or one thing to say. Steps are carried out in order; the first write that fails stops the rest. */
export type Step =
  /** Server-side apply, taking our fields over from whoever holds them. */
  | { readonly do: 'apply'; readonly kind: ChildKind; readonly object: KubeObject }
  /** A new object. Caches hold all that may be ours: one of the name that is there already is somebody else's. */
  | { readonly do: 'create'; readonly kind: ServiceKind; readonly object: KubeObject }
  /** A merge patch on a child, locked by `metadata.resourceVersion` in the body: for moving ownership. */
  | { readonly do: 'merge'; readonly kind: ChildKind; readonly key: Key; readonly body: JsonObject }
  | {
      readonly do: 'remove';
      readonly kind: ChildKind;
      readonly key: Key;
      readonly expected: {
        readonly uid: string;
        readonly resourceVersion: string;
        readonly propagation: 'Background' | 'Orphan';
      };
    }
  /** A merge patch of the Deployment's scale, locked by its resource version: never undoes what somebody else has just done. */
  | {
      readonly do: 'scale';
      readonly key: Key;
      readonly replicas: number;
      readonly resourceVersion: string;
    }
  /** A merge patch of the PA's status, locked by `metadata.resourceVersion` in the body. */
  | { readonly do: 'status'; readonly key: Key; readonly body: JsonObject }
  | { readonly do: 'event'; readonly event: BridgeEvent };

/** What a revision scales by and who scales it, in the words of the metric `hpa_bridge_revisions`. */
export interface Scaling {
  readonly signal: 'query' | 'cpu' | 'memory' | 'triggers' | 'concurrency' | 'rps' | 'invalid';
  readonly backend: 'keda' | 'hpa' | 'none';
}

/** What others than the plan need to know of the life of a revision. */
export interface LifeTold {
  readonly state: LifeState;
  /** Whether requests go to activators. */
  readonly isHeld: boolean;
  readonly cancelled?: Cancel | undefined;
  /** To be found out, and planned anew with the answer: whether the last pods may go. */
  readonly inquiry?: Inquiry | undefined;
}

/** What is asked before the last pods go. */
export interface Inquiry {
  /** The version of the public Endpoints that it is about. */
  readonly endpoints: string;
  /** The address of the public Service. */
  readonly clusterIP: string;
  readonly port: number;
  /** Whose activators have to answer. */
  readonly of: Keeper;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Undefined while there is nothing to say about it: the revision is on its way out, or not known yet. */
  readonly scaling?: Scaling;
  /** When time alone will change the plan. */
  readonly requeueAfter?: Ms;
  /** Where a revision stands whose Services we keep. */
  readonly life?: LifeTold;
}
