import { covers } from '../json.ts';
import { isControlledBy, keyOfMeta, type HasMeta, type KubeObject } from '../k8s/meta.ts';
import { isAsApplied } from '../k8s/same-child.ts';
import { sameSubsets } from '../k8s/subsets.ts';
import type { Subset } from '../k8s/read/endpoints.ts';
import type { Service } from '../k8s/read/service.ts';
import { stamped } from '../k8s/write/applied-hash.ts';
import {
  privateService,
  publicEndpoints,
  publicService,
  type RevisionServicesParts,
} from '../k8s/write/revision-services.ts';
import { keepSlices, type SliceSteps } from '../zero/beyond.ts';
import type { Path } from '../zero/path.ts';
import { isOrphanOf } from '../zero/keeper.ts';
import type { ChildKind, Step, World } from './world.ts';

/** What has to happen to the Services and Endpoints that we keep, or whose object is in the way. */
export type ServicesMove =
  { readonly blockedBy: ChildKind } | { readonly blockedBy?: undefined; readonly steps: readonly Step[] };

/**
 * Makes the Services of a revision, and its Endpoints say what they should. The public Service comes after the private one, and is the one
 * that is waited for. `path`: undefined leaves what stands there.
 */
export function keepServices(
  world: World,
  parts: RevisionServicesParts,
  path: Path | undefined,
): ServicesMove {
  const { services, deployment } = world;
  const children = [
    ['Service', services.privateService],
    ['Service', services.publicService],
    ['Endpoints', services.publicEndpoints],
  ] as const;
  const foreign = children.find(([, child]) => child !== undefined && whoseIs(world, child) === 'foreign');
  if (foreign !== undefined) return { blockedBy: foreign[0] };
  // Without the Deployment it is not known which pods are meant; Knative makes it first.
  if (deployment === undefined) return { steps: [] };
  const slices: SliceSteps = path === undefined ? { before: [], after: [] } : keepSlices(world, path.beyond);
  return {
    steps: [
      ...keepService(
        world,
        services.privateService,
        privateService(parts, deployment.spec.selector.matchLabels),
      ),
      ...keepService(world, services.publicService, publicService(parts)),
      ...withoutSelector(services.publicService),
      ...slices.before,
      ...keepEndpoints(world, parts, path?.subsets),
      ...slices.after,
    ],
  };
}

/** `passing`: its owner is just being removed without it. */
function whoseIs({ pa, sks }: World, { metadata }: HasMeta): 'ours' | 'orphan' | 'passing' | 'foreign' {
  if (isControlledBy(metadata, pa.metadata.uid)) return 'ours';
  if (!isOrphanOf({ metadata }, pa.metadata.name)) return 'foreign';
  if (metadata.ownerReferences.every(({ controller }) => controller !== true)) return 'orphan';
  return sks === undefined ? 'passing' : 'foreign';
}

function keepService(world: World, actual: Service | undefined, wanted: KubeObject): readonly Step[] {
  const object = stamped(wanted);
  if (actual === undefined) return [{ do: 'create', kind: 'Service', object }];
  if (actual.metadata.deletionTimestamp !== undefined || whoseIs(world, actual) === 'passing') return [];
  // The address and much else of a Service is filled in by Kubernetes: nothing beyond our own fields is ever removed.
  return isAsApplied(actual, object) ? [] : [{ do: 'apply', kind: 'Service', object }];
}

/** With a selector Kubernetes would write addresses of its own beside ours. */
const withoutSelector = (service: Service | undefined): readonly Step[] =>
  service?.spec.selector === undefined || service.spec.selector === null
    ? []
    : [
        {
          do: 'merge',
          kind: 'Service',
          key: keyOfMeta(service.metadata),
          body: {
            metadata: { resourceVersion: service.metadata.resourceVersion },
            spec: { selector: null },
          },
        },
      ];

function keepEndpoints(
  world: World,
  parts: RevisionServicesParts,
  subsets: readonly Subset[] | undefined,
): readonly Step[] {
  const actual = world.services.publicEndpoints;
  if (actual === undefined)
    return subsets === undefined
      ? []
      : [{ do: 'create', kind: 'Endpoints', object: publicEndpoints(parts, subsets, undefined) }];
  const { metadata } = actual;
  if (metadata.deletionTimestamp !== undefined || whoseIs(world, actual) === 'passing') return [];
  const object = publicEndpoints(parts, subsets ?? actual.subsets, metadata.resourceVersion);
  const { labels, annotations } = object.metadata;
  const same =
    sameSubsets(actual.subsets, subsets ?? actual.subsets) &&
    covers(metadata.labels, labels) &&
    covers(metadata.annotations, annotations) &&
    whoseIs(world, actual) === 'ours';
  return same ? [] : [{ do: 'apply', kind: 'Endpoints', object }];
}
