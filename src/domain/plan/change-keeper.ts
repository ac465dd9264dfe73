import { SERVICES_OF } from '../k8s/knative-services.ts';
import { controllerOf, isControlledBy, keyOfMeta, type HasMeta, type KubeObject } from '../k8s/meta.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import type { JsonObject } from '../json.ts';
import { keepSlices } from '../zero/beyond.ts';
import { keep, mergeStep } from './keep.ts';
import type { ServicesMove } from './revision-services.ts';
import type { ServiceKind, Step, World } from './world.ts';

/**
 * The first step of taking the Services over from a ServerlessService: it is removed, and its children stay, for us to take. Undefined when
 * there is none, or none any more. A crash at any moment leaves what the next plan goes on from.
 */
export function adoption({ sks, pa }: World): ServicesMove | undefined {
  if (sks === undefined || !isControlledBy(sks.metadata, pa.metadata.uid)) return undefined;
  const { metadata } = sks;
  // Until it is gone, its controller may still write.
  if (metadata.deletionTimestamp !== undefined) return { steps: [] };
  const { uid, resourceVersion } = metadata;
  const expected = { uid, resourceVersion, propagation: 'Orphan' } as const;
  return { steps: [{ do: 'remove', kind: 'ServerlessService', key: keyOfMeta(metadata), expected }] };
}

/** The way back: a ServerlessService first, then each of the three objects gets it for its owner. The public Service, by which we know whose they are, comes last. */
export function handBack(world: World, serverlessService: KubeObject): readonly Step[] {
  const { sks, leaving } = world;
  // Whoever scales the revision now says what stands in it.
  const made = leaving && sks !== undefined ? [] : keep('ServerlessService', sks, serverlessService);
  if (sks === undefined || sks.metadata.deletionTimestamp !== undefined) return made;
  const owner = referenceTo(sks.metadata);
  return [
    ...made,
    // The controller of a ServerlessService writes 1,000 addresses, and would leave ours behind.
    ...keepSlices(world, []).after,
    ...heldByUs(world).map(([kind, child]) =>
      mergeStep(kind, { ...child, spec: {} }, { metadata: { ownerReferences: [owner] } }),
    ),
  ];
}

/** Whether anything is left to hand back: ours, or without an owner. */
export const isHandingBack = (world: World): boolean => heldByUs(world).length > 0;

function heldByUs({ pa, services }: World): readonly (readonly [ServiceKind, HasMeta])[] {
  const children = [
    ['Service', services.privateService],
    ['Endpoints', services.publicEndpoints],
    ['Service', services.publicService],
  ] as const;
  return children.flatMap(([kind, child]) => {
    if (child?.metadata.labels[SERVICES_OF] !== pa.metadata.name) return [];
    const owner = controllerOf(child.metadata);
    return owner === undefined || owner.uid === pa.metadata.uid ? [[kind, child] as const] : [];
  });
}

const referenceTo = ({ name, uid }: { readonly name: string; readonly uid: string }): JsonObject => ({
  apiVersion: apiVersionOf(RESOURCES.ServerlessService),
  kind: RESOURCES.ServerlessService.kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
