import type { MeshMode } from '../../domain/scale/scrape-route.ts';
import type { Backend } from '../../domain/throttle/backends.ts';
import type { Share } from '../../domain/throttle/share.ts';

/** What the cluster says about one revision, as far as its requests are concerned. */
export interface Course {
  /** Whether there is such a revision. */
  readonly exists: boolean;
  /** In the order of their addresses. */
  readonly backends: readonly Backend[];
  /** Whether pods may be used before they are ready. */
  readonly early: boolean;
  /** Requests that a pod takes at a time; 0: any number. */
  readonly concurrency: number;
  /** `protocolType` of the PodAutoscaler. */
  readonly protocol: string;
  /** Whether requests go to pods over TLS. */
  readonly tls: boolean;
  /** Which of the activators in the path we are. */
  readonly share: Share | undefined;
  readonly mesh: MeshMode;
  /** What a mesh routes by that lets requests through to one pod; undefined where none is asked for. */
  readonly passthrough: string | undefined;
}
