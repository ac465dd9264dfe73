import type { EndpointSlice } from '../k8s/read/endpoint-slice.ts';
import type { Address, Endpoints } from '../k8s/read/endpoints.ts';
import type { Service } from '../k8s/read/service.ts';
import type { Instant } from '../time.ts';

/** The objects between a route and the pods of a revision, whoever keeps them. */
export interface RevisionServices {
  readonly publicService: Service | undefined;
  readonly privateService: Service | undefined;
  readonly publicEndpoints: Endpoints | undefined;
  readonly privateEndpoints: Endpoints | undefined;
  /** Pods that serve and that Endpoints have no room for. */
  readonly beyond: readonly Address[];
  /** Slices of ours behind the public Service. */
  readonly slices: readonly EndpointSlice[];
}

/** Who holds requests for revisions that have no pods. */
export interface Activators {
  /** Whether there are any of ours, ready or not. */
  readonly installed: boolean;
  /** Those of ours that are ready. */
  readonly ours: readonly Address[];
  /** Those of Knative that are ready: they hold requests, but wake nobody of our classes. */
  readonly knatives: readonly Address[];
  /** Whether all of those tell what they hold, so that we see who has to be woken. */
  readonly knativesHeard: boolean;
  /** Whether ours tell the requests that they hold and forward: only then may they stay in the path of a revision that serves. */
  readonly heard: boolean;
}

/** What is known of the requests of a revision, from the reports of its pods and of activators. */
export interface RequestsSeen {
  /** When a request was seen last; undefined: none was. */
  readonly busyAt: Instant | undefined;
  /** When an activator told of one last. */
  readonly heldAt: Instant | undefined;
  /** Since when every second would have been seen; undefined: at present nobody knows. */
  readonly watchedSince: Instant | undefined;
}

/** Whether the query of a revision says that there is something to do, and since when it says so. */
export interface QueryActivity {
  readonly active: boolean;
  readonly since: Instant;
}

/** What was found out before the last pods go. */
export interface Evidence {
  readonly at: Instant;
  /** The version of the public Endpoints when it was begun. */
  readonly endpoints: string;
  /** Whether requests to the public Service, each over a connection of its own, were all answered by activators of ours. */
  readonly inPath: boolean;
  /** Requests in flight at activators and pods together; undefined: somebody did not say. */
  readonly inFlight: number | undefined;
}

/** Nothing of all that: nobody looks, and no activators are installed. */
export const NOTHING_SEEN: {
  readonly leaving: boolean;
  readonly services: RevisionServices;
  readonly activators: Activators;
  readonly requests: RequestsSeen | undefined;
  readonly queryActivity: QueryActivity | undefined;
  readonly evidence: Evidence | undefined;
} = {
  leaving: false,
  services: {
    publicService: undefined,
    privateService: undefined,
    publicEndpoints: undefined,
    privateEndpoints: undefined,
    beyond: [],
    slices: [],
  },
  activators: { installed: false, ours: [], knatives: [], knativesHeard: false, heard: false },
  requests: undefined,
  queryActivity: undefined,
  evidence: undefined,
};
