import { isJsonObject, type Json } from '../json.ts';
import { conditionOf } from '../k8s/read/condition.ts';
import type { Intended } from '../plan/intent-of.ts';
import { ownershipOf } from '../plan/ownership.ts';
import type { World } from '../plan/world.ts';

/**
 * Whether KEDA takes the revision for active whatever it measures, which it does by cpu and memory alone (keda: pkg/scaling/scale_handler.go): it
 * then takes no minimum of 0, and brings pods back at once. Only a pause keeps it from that.
 */
export const isAlwaysActive = (triggers: Json | undefined): boolean =>
  Array.isArray(triggers) &&
  triggers.length > 0 &&
  triggers.every(
    (trigger: Json) => isJsonObject(trigger) && (trigger['type'] === 'cpu' || trigger['type'] === 'memory'),
  );

/** Whether the ScaledObject that stands there is such a one. */
export const kedaNeverRests = (world: World, { backend }: Pick<Intended, 'backend'>): boolean =>
  backend === 'keda' &&
  ownershipOf(world, 'ScaledObject') === 'ours' &&
  isAlwaysActive(world.scaledObject?.spec['triggers']);

/** Whether KEDA leaves a Deployment without pods alone: it says that it is paused before it stops, and when it has stopped its HPA is gone. */
export function kedaLetsGo(world: World, intended: Pick<Intended, 'backend'>): boolean {
  if (!kedaNeverRests(world, intended)) return true;
  const paused = conditionOf(world.scaledObject?.status.conditions ?? [], 'Paused')?.status === 'True';
  return paused && world.hpa === undefined;
}
