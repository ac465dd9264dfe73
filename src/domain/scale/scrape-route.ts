import type { ScrapeProblem } from './scrape-problem.ts';

/** How pods can be reached: `mesh-compatibility-mode` of config-network. */
export const MESH_MODES = ['auto', 'enabled', 'disabled'] as const;
export type MeshMode = (typeof MESH_MODES)[number];

export interface Reach {
  readonly mesh: MeshMode;
  /** A load balancer in front of the pods lets requests through to the one that is named. */
  readonly passthrough: boolean;
  /** False once the Service has answered where pods did not. */
  readonly podsAddressable: boolean;
}

/** Whom a round asks first (serving: pkg/autoscaler/metrics/stats_scraper.go). */
export function firstAsked({ mesh, passthrough, podsAddressable }: Reach): 'pods' | 'service' {
  if (mesh === 'auto') return podsAddressable || passthrough ? 'pods' : 'service';
  return mesh === 'enabled' ? 'service' : 'pods';
}

/** Whether the Service is asked, too, after the pods gave this. */
export const asksServiceAfter = ({ mesh, passthrough }: Reach, problem: ScrapeProblem): boolean =>
  mesh === 'auto' && !passthrough && problem.is === 'not-addressable';

/** What is known after the Service has answered: pods are not asked again. */
export const afterService = (reach: Reach): Reach =>
  reach.mesh === 'auto' ? { ...reach, podsAddressable: false } : reach;
