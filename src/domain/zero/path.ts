import { activatorSubsets, chosenFor, podSubsets } from '../k8s/subsets.ts';
import { readyAddresses, type Address, type Subset } from '../k8s/read/endpoints.ts';
import type { World } from '../plan/world.ts';
import { activatorsFor } from '../scale/burst.ts';
import { deciderSpec } from '../scale/spec.ts';
import { wakersOf } from './keeper.ts';
import type { Settings } from '../annotation/settings.ts';

/** What is to stand behind a public Service. */
export interface Path {
  readonly subsets: readonly Subset[];
  /** Pods that Endpoints have no room for. */
  readonly beyond: readonly Address[];
}

/**
 * What is to stand behind the public Service (serving: pkg/reconciler/serverlessservice). Pods, where they are asked for and any is ready;
 * else activators: ours, or Knative's while none of ours is ready. Undefined: there is nobody at all, and what stands there stays.
 */
export function pathOf(
  world: World,
  { settings, proxied }: { readonly settings: Settings; readonly proxied: boolean },
): Path | undefined {
  const { pa, services, deployment, activators } = world;
  const { protocolType } = pa.spec;
  const pods = services.privateEndpoints?.subsets ?? [];
  const havePods = deployment?.spec.replicas !== 0 && readyAddresses(services.privateEndpoints).length > 0;
  const holders = activators.ours.length > 0 ? activators.ours : activators.knatives;
  // Those of Knative hold requests for want of better only: they wake nobody, unless they tell what they hold.
  if (havePods && (!proxied || wakersOf(world, 'bridge').length === 0))
    return { subsets: podSubsets(pods, protocolType), beyond: services.beyond };
  if (holders.length === 0) return undefined;
  const chosen = chosenFor(pa.metadata.name, holders, activatorCount(world, settings));
  return { subsets: activatorSubsets(chosen, protocolType), beyond: [] };
}

/** As many as its requests need, as if it were scaled by them. */
export function activatorCount({ pa, config, readyPods }: World, settings: Settings): number {
  const { containerConcurrency, reachability } = pa.spec;
  const source = { config: config.autoscaler, metric: 'concurrency', containerConcurrency, reachability };
  return activatorsFor(deciderSpec({ ...source, settings: { ...settings, target: undefined } }), readyPods);
}

/** True when nothing but these stands behind the public Service, as far as the cache shows. */
export function pointsAt({ services }: World, holders: readonly Address[]): boolean {
  const behind = readyAddresses(services.publicEndpoints);
  const known = new Set(holders.map(({ ip }) => ip));
  return services.slices.length === 0 && behind.length > 0 && behind.every(({ ip }) => known.has(ip));
}
