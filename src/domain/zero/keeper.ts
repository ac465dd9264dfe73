import { scaleBounds } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import { controllerOf, isControlledBy, type HasMeta } from '../k8s/meta.ts';
import { RESOURCES } from '../k8s/resources.ts';
import { SERVICES_OF } from '../k8s/knative-services.ts';
import type { Backend, Signal } from '../plan/intent.ts';
import type { World } from '../plan/world.ts';

/** Who keeps the Services and Endpoints of a revision: the bridge itself, or Knative by way of a ServerlessService. */
export type Keeper = 'bridge' | 'knative';

/** A revision that its settings let go to zero, scaled by something that can be brought back from there. */
export const isZeroCapable = (
  { config, pa }: Pick<World, 'config' | 'pa'>,
  settings: Settings,
  { signal, backend }: { readonly signal: Signal; readonly backend: Backend },
): boolean =>
  config.autoscaler.enableScaleToZero &&
  scaleBounds(settings, config.autoscaler, pa.spec.reachability).min === 0 &&
  comesBack(settings, signal, backend);

/** KEDA takes no minimum of zero for cpu and memory alone, and what an override or the user's own object says is theirs. */
function comesBack(settings: Settings, { from }: Signal, backend: Backend): boolean {
  if (backend === 'hpa') return true;
  if (backend === 'none') return from === 'concurrency' || from === 'rps';
  return settings.scaledObjectOverride === undefined && from !== 'resource';
}

/**
 * Who keeps the Services. What the bridge has once kept it keeps; what belongs to a ServerlessService is left to it; a new revision is kept
 * by the bridge if it can go to zero and somebody can wake it.
 */
export function keeperOf({ pa, sks, services, activators }: World, zeroCapable: boolean): Keeper {
  const { publicService } = services;
  if (publicService !== undefined && isControlledBy(publicService.metadata, pa.metadata.uid)) return 'bridge';
  if (sks !== undefined) return 'knative';
  if (publicService !== undefined) return isOrphanOf(publicService, pa.metadata.name) ? 'bridge' : 'knative';
  return zeroCapable && activators.installed ? 'bridge' : 'knative';
}

/** What a ServerlessService leaves behind that is removed without its children; for a moment they may still name it. */
export function isOrphanOf({ metadata }: HasMeta, revision: string): boolean {
  if (metadata.labels[SERVICES_OF] !== revision) return false;
  const owner = controllerOf(metadata);
  return owner === undefined || (owner.kind === RESOURCES.ServerlessService.kind && owner.name === revision);
}

/** True when the bridge keeps the Services, whatever the annotations say now. */
export const isKeptByBridge = ({
  pa,
  services: { publicService },
}: Pick<World, 'pa' | 'services'>): boolean =>
  publicService !== undefined && isControlledBy(publicService.metadata, pa.metadata.uid);
