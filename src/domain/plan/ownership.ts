import { sameJson } from '../json.ts';
import { controllerOf, isControlledBy, type OwnerReference } from '../k8s/meta.ts';
import { RESOURCES } from '../k8s/resources.ts';
import type { ScaledObject } from '../k8s/read/children.ts';
import type { ChildKind, World } from './world.ts';

/** `ours`: controlled by this very PodAutoscaler. `foreign`: never touched. */
export type Ownership = 'absent' | 'ours' | 'foreign';

/**
 * Whose the HPA of the PodAutoscaler's name is. Beside the plain answers: `keda`, made by KEDA for the ScaledObject of the same name;
 * `orphan`, made by KEDA and left without an owner when that ScaledObject was removed.
 */
export type HpaOwnership = Ownership | 'keda' | 'orphan';

export function ownershipOf(world: World, kind: 'ScaledObject' | 'ServerlessService'): Ownership {
  const child = kind === 'ScaledObject' ? knownScaledObject(world) : world.sks;
  if (child === undefined) return 'absent';
  return isControlledBy(child.metadata, world.pa.metadata.uid) ? 'ours' : 'foreign';
}

/** The ScaledObject, unless its kind is not served any more: then the cache may still hold what nobody can read. */
export const knownScaledObject = (world: World): ScaledObject | undefined =>
  world.kedaServed ? world.scaledObject : undefined;

const isScaledObjectOf = (owner: OwnerReference, name: string): boolean =>
  owner.apiVersion.startsWith(`${RESOURCES.ScaledObject.group}/`) &&
  owner.kind === RESOURCES.ScaledObject.kind &&
  owner.name === name;

export function hpaOwnership(world: World): HpaOwnership {
  const { hpa, pa } = world;
  if (hpa === undefined) return 'absent';
  if (isControlledBy(hpa.metadata, pa.metadata.uid)) return 'ours';
  const owner = controllerOf(hpa.metadata);
  const { labels } = hpa.metadata;
  const fromKeda =
    owner === undefined
      ? labels['app.kubernetes.io/managed-by'] === 'keda-operator' &&
        labels['app.kubernetes.io/part-of'] === pa.metadata.name
      : isScaledObjectOf(owner, pa.metadata.name);
  if (!fromKeda) return 'foreign';
  if (owner !== undefined) return 'keda';
  return sameJson(hpa.spec.scaleTargetRef, { ...pa.spec.scaleTargetRef }) ? 'orphan' : 'foreign';
}

/** True when KEDA's HPA has nobody left who keeps it: orphaned, or its ScaledObject is gone and it scales our Deployment. */
export function isLeftByKeda(world: World): boolean {
  const ownership = hpaOwnership(world);
  if (ownership === 'orphan') return true;
  return (
    ownership === 'keda' &&
    knownScaledObject(world) === undefined &&
    sameJson(world.hpa?.spec.scaleTargetRef, { ...world.pa.spec.scaleTargetRef })
  );
}

/** In Knative's words (serving: pkg/apis/autoscaling/v1alpha1/pa_lifecycle.go). */
export const notOwnedMessage = (kind: ChildKind, name: string): string =>
  `There is an existing ${kind} "${name}" that we do not own.`;
