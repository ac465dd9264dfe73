import { isJsonObject, sameJson } from '../json.ts';
import { keyOfMeta, type KubeObject } from '../k8s/meta.ts';
import { controllerReferenceTo } from '../k8s/write/owned-by.ts';
import { leftovers, type Child } from '../k8s/same-child.ts';
import { keep, mergeStep } from './keep.ts';
import { hpaOwnership, isLeftByKeda, knownScaledObject, ownershipOf } from './ownership.ts';
import type { ChildKind, Step, World } from './world.ts';

/** What has to happen to the scalers, or whose object is in the way. */
export type ScalerMove =
  { readonly blockedBy: ChildKind } | { readonly blockedBy?: undefined; readonly steps: readonly Step[] };

const steps = (...list: readonly (readonly Step[])[]): ScalerMove => ({ steps: list.flat() });

/** KEDA's webhook lets a ScaledObject take over an HPA that it did not make only with this annotation (keda: scaledobject_webhook.go). */
const TRANSFER = 'scaledobject.keda.sh/transfer-hpa-ownership';

/**
 * KEDA scales. An HPA of ours has the very name that KEDA will use: KEDA finds it, writes its own content over it and becomes its
 * controller in one PUT (keda: controllers/keda/hpa.go), so that there is one HPA at every moment.
 */
export function towardsKeda(world: World, scaledObject: KubeObject): ScalerMove {
  if (ownershipOf(world, 'ScaledObject') === 'foreign') return { blockedBy: 'ScaledObject' };
  const hpa = hpaOwnership(world);
  if (hpa === 'foreign') return { blockedBy: 'HorizontalPodAutoscaler' };
  const handover = hpa === 'ours' || hpa === 'orphan';
  const wanted = handover ? withAnnotation(scaledObject, TRANSFER, 'true') : scaledObject;
  return steps(keep('ScaledObject', knownScaledObject(world), wanted));
}

/**
 * The HPA scales. A ScaledObject of ours is removed in such a way that its HPA outlives it, without an owner; that HPA is then taken over.
 * While KEDA still holds it, there is nothing to do but wait: it goes on scaling.
 */
export function towardsHpa(world: World, wanted: KubeObject): ScalerMove {
  if (isForeignScalerOfOurs(world)) return { blockedBy: 'ScaledObject' };
  const removal = removeScaledObject(world, 'Orphan');
  if (isLeftByKeda(world)) return steps(removal, adoptHpa(world, wanted));
  switch (hpaOwnership(world)) {
    case 'absent':
    case 'ours':
      return steps(removal, keep('HorizontalPodAutoscaler', world.hpa, wanted));
    case 'keda':
      return ownershipOf(world, 'ScaledObject') === 'ours'
        ? steps(removal)
        : { blockedBy: 'HorizontalPodAutoscaler' };
    default:
      return { blockedBy: 'HorizontalPodAutoscaler' };
  }
}

/** Nobody scales: what we made is removed, KEDA's HPA with it. */
export function towardsNone(world: World): ScalerMove {
  const ends = hpaOwnership(world) === 'ours' || isLeftByKeda(world);
  return steps(
    removeScaledObject(world, 'Background'),
    ends ? remove('HorizontalPodAutoscaler', world.hpa) : [],
  );
}

/** A ScaledObject that somebody else made for our Deployment: an HPA beside it would be a second scaler. */
function isForeignScalerOfOurs(world: World): boolean {
  if (ownershipOf(world, 'ScaledObject') !== 'foreign') return false;
  const target = knownScaledObject(world)?.spec.scaleTargetRef;
  return isJsonObject(target) && sameJson(target.name, world.pa.spec.scaleTargetRef.name);
}

const removeScaledObject = (world: World, propagation: 'Background' | 'Orphan'): readonly Step[] =>
  ownershipOf(world, 'ScaledObject') === 'ours'
    ? remove('ScaledObject', knownScaledObject(world), propagation)
    : [];

function remove(
  kind: ChildKind,
  child: Child | undefined,
  propagation: 'Background' | 'Orphan' = 'Background',
): readonly Step[] {
  if (child === undefined || child.metadata.deletionTimestamp !== undefined) return [];
  const { uid, resourceVersion } = child.metadata;
  return [
    { do: 'remove', kind, key: keyOfMeta(child.metadata), expected: { uid, resourceVersion, propagation } },
  ];
}

/** What KEDA writes on its HPAs beside the ScaledObject's own labels and annotations. */
const KEDAS_LABELS = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/version',
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/managed-by',
  'scaledobject.keda.sh/name',
] as const;

/** Takes over an HPA that KEDA left: our ownership instead of its controller's, KEDA's marks removed, then our content. */
function adoptHpa({ hpa, pa }: World, wanted: KubeObject): readonly Step[] {
  if (hpa === undefined || hpa.metadata.deletionTimestamp !== undefined) return [];
  const gone = leftovers(hpa, wanted);
  const goneMetadata = isJsonObject(gone?.metadata) ? gone.metadata : {};
  const keptLabels = isJsonObject(wanted.metadata.labels) ? wanted.metadata.labels : {};
  const labels = {
    ...(isJsonObject(goneMetadata.labels) ? goneMetadata.labels : {}),
    ...Object.fromEntries(
      KEDAS_LABELS.filter(
        (key) => hpa.metadata.labels[key] !== undefined && keptLabels[key] === undefined,
      ).map((key) => [key, null]),
    ),
  };
  const annotations = {
    ...(isJsonObject(goneMetadata.annotations) ? goneMetadata.annotations : {}),
    ...(hpa.metadata.annotations[TRANSFER] === undefined ? {} : { [TRANSFER]: null }),
  };
  const ownerReferences = [
    ...hpa.metadata.ownerReferences
      .filter((owner) => owner.controller !== true)
      .map((owner) => ({ ...owner })),
    controllerReferenceTo(pa),
  ];
  const adoption = mergeStep('HorizontalPodAutoscaler', hpa, {
    ...gone,
    metadata: { labels, annotations, ownerReferences },
  });
  return [adoption, ...keep('HorizontalPodAutoscaler', undefined, wanted)];
}

function withAnnotation(object: KubeObject, key: string, value: string): KubeObject {
  const { annotations } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...(isJsonObject(annotations) ? annotations : {}), [key]: value },
    },
  };
}
