import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import { nameOf } from '../../src/domain/key.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../../src/domain/k8s/read/children.ts';
import { endpointSliceView } from '../../src/domain/k8s/read/endpoint-slice.ts';
import { endpointsView } from '../../src/domain/k8s/read/endpoints.ts';
import { podAutoscalerView } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { serviceView } from '../../src/domain/k8s/read/service.ts';
import type { ChildKind as AnyChild, Plan, ServiceKind, Step, World } from '../../src/domain/plan/world.ts';

/** RFC 7386. */
export function mergePatched(target: Json | undefined, patch: Json | undefined): Json | undefined {
  if (!isJsonObject(patch)) return patch;
  const live: JsonObject = isJsonObject(target) ? target : {};
  const patched = Object.entries(patch).map(([field, value]) => [field, mergePatched(live[field], value)]);
  const merged = { ...live, ...Object.fromEntries(patched) } as JsonObject;
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** Server-side apply, near enough: objects are merged, owner references by uid, every other list is replaced. */
function applied(live: Json | undefined, wanted: Json | undefined, field = ''): Json | undefined {
  if (field === 'ownerReferences' && Array.isArray(live) && Array.isArray(wanted)) {
    const [theirs, ours] = [live as readonly JsonObject[], wanted as readonly JsonObject[]];
    const uids = new Set(ours.map((owner) => owner['uid']));
    return [...theirs.filter((owner) => !uids.has(owner['uid'])), ...ours];
  }
  if (!isJsonObject(live) || !isJsonObject(wanted)) return wanted;
  return {
    ...live,
    ...Object.fromEntries(
      Object.entries(wanted).map(([name, value]) => [name, applied(live[name], value, name)]),
    ),
  };
}

type ChildKind = Exclude<AnyChild, ServiceKind | 'EndpointSlice'>;
type Write = Extract<Step, { do: 'apply' | 'create' | 'merge' }>;

const FIELDS = {
  ScaledObject: 'scaledObject',
  HorizontalPodAutoscaler: 'hpa',
  ServerlessService: 'sks',
} as const satisfies Record<ChildKind, keyof World>;

function childKind(kind: AnyChild): ChildKind {
  if (kind === 'Service' || kind === 'Endpoints' || kind === 'EndpointSlice')
    throw new Error(`a ${kind} is neither removed nor left`);
  return kind;
}

/** A view is JSON but for its types. */
export const asJson = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const bumped = (version: string): string => `${version}+`;

function withChild(world: World, kind: ChildKind, object: Json | undefined): World {
  switch (kind) {
    case 'ScaledObject':
      return { ...world, scaledObject: object === undefined ? undefined : scaledObjectView.parse(object) };
    case 'HorizontalPodAutoscaler':
      return { ...world, hpa: object === undefined ? undefined : horizontalPodAutoscalerView.parse(object) };
    case 'ServerlessService':
      return { ...world, sks: object === undefined ? undefined : serverlessServiceView.parse(object) };
  }
}

function afterWrite(world: World, kind: ChildKind, change: (live: JsonObject) => Json | undefined): World {
  const live = world[FIELDS[kind]];
  const fresh: JsonObject = { metadata: { uid: `made-${kind}`, resourceVersion: '1', generation: 1 } };
  const changed = change(live === undefined ? fresh : asJson(live));
  const version = live === undefined ? '1' : bumped(live.metadata.resourceVersion);
  return withChild(world, kind, applied(changed, { metadata: { resourceVersion: version } }));
}

function serviceWriteIn(step: Step): Write | undefined {
  if (step.do !== 'apply' && step.do !== 'merge' && step.do !== 'create') return undefined;
  return step.kind === 'Service' || step.kind === 'Endpoints' ? step : undefined;
}

/** The Services and Endpoints; which Service it is, its name says. */
function afterServiceWrite(world: World, step: Write): World {
  const name = step.do === 'merge' ? nameOf(step.key) : step.object.metadata.name;
  const isPublic = name === world.pa.metadata.name;
  const field = step.kind === 'Endpoints' ? 'publicEndpoints' : isPublic ? 'publicService' : 'privateService';
  const live = world.services[field];
  if ((step.do === 'create') !== (live === undefined)) throw new Error(`${step.do} of ${name} in vain`);
  const fresh: JsonObject = {
    metadata: { uid: `made-${field}`, resourceVersion: '1' },
    spec: { clusterIP: '10.0.0.1' },
  };
  const before = live === undefined ? fresh : asJson(live);
  const changed = step.do === 'merge' ? mergePatched(before, step.body) : applied(before, step.object);
  const resourceVersion = live === undefined ? '1' : bumped(live.metadata.resourceVersion);
  const object = applied(changed, { metadata: { resourceVersion } });
  const read = step.kind === 'Endpoints' ? endpointsView.parse(object) : serviceView.parse(object);
  return { ...world, services: { ...world.services, [field]: read } };
}

const afterStep = (world: World, step: Step): World =>
  isSliceStep(step) ? afterSliceStep(world, step) : afterOther(world, step);

function afterOther(world: World, step: Step): World {
  const write = serviceWriteIn(step);
  if (write !== undefined) return afterServiceWrite(world, write);
  switch (step.do) {
    case 'create':
      throw new Error(`nothing else is created: ${step.kind}`);
    case 'apply':
      return afterWrite(world, childKind(step.kind), (live) => applied(live, step.object));
    case 'merge': {
      const { resourceVersion } = step.body['metadata'] as JsonObject;
      const kind = childKind(step.kind);
      if (world[FIELDS[kind]]?.metadata.resourceVersion !== resourceVersion)
        throw new Error(`a merge patch under the wrong lock: ${JSON.stringify(resourceVersion)}`);
      return afterWrite(world, kind, (live) => mergePatched(live, step.body));
    }
    case 'remove':
      return afterRemoval(world, step);
    case 'scale':
      return afterScale(world, step);
    case 'status': {
      const { resourceVersion } = step.body['metadata'] as JsonObject;
      if (world.pa.metadata.resourceVersion !== resourceVersion)
        throw new Error('a status of another version');
      const pa = mergePatched(asJson(world.pa), {
        status: step.body['status'] as JsonObject,
        metadata: { resourceVersion: bumped(world.pa.metadata.resourceVersion) },
      });
      return { ...world, pa: podAutoscalerView.parse(pa) };
    }
    case 'event':
      return world;
  }
}

type SliceStep = Extract<Step, { do: 'apply' | 'remove' }>;

const isSliceStep = (step: Step): step is SliceStep & { readonly kind: 'EndpointSlice' } =>
  (step.do === 'apply' || step.do === 'remove') && step.kind === 'EndpointSlice';

/** Slices that were written or removed. */
function afterSliceStep(world: World, step: SliceStep): World {
  const name = step.do === 'apply' ? step.object.metadata.name : nameOf(step.key);
  const others = world.services.slices.filter(({ metadata }) => metadata.name !== name);
  if (step.do === 'remove') return { ...world, services: { ...world.services, slices: others } };
  const metadata = { ...step.object.metadata, uid: `made-${name}`, resourceVersion: '1' };
  const slice = endpointSliceView.parse({ ...step.object, metadata });
  return { ...world, services: { ...world.services, slices: [...others, slice] } };
}

function afterScale(world: World, { replicas, resourceVersion }: Extract<Step, { do: 'scale' }>): World {
  const { deployment } = world;
  if (deployment?.metadata.resourceVersion !== resourceVersion)
    throw new Error(`a scale under the wrong lock: ${resourceVersion}`);
  const metadata = { ...deployment.metadata, resourceVersion: bumped(resourceVersion) };
  return { ...world, deployment: { ...deployment, metadata, spec: { ...deployment.spec, replicas } } };
}

/** A ScaledObject has KEDA's finalizer: it stays, marked, until KEDA lets go. Other kinds go at once. */
function afterRemoval(world: World, step: Extract<Step, { do: 'remove' }>): World {
  const { expected } = step;
  const kind = childKind(step.kind);
  const live = world[FIELDS[kind]];
  if (live?.metadata.uid !== expected.uid || live.metadata.resourceVersion !== expected.resourceVersion)
    throw new Error(`a removal of something else than ${expected.uid}`);
  return kind === 'ScaledObject'
    ? afterWrite(world, kind, (object) =>
        applied(object, { metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } }),
      )
    : withChild(world, kind, undefined);
}

/** The world once every step has been carried out and nobody else has moved. */
export const effectOf = (world: World, { steps }: Plan): World => steps.reduce(afterStep, world);

/** The object of the first apply step of this kind. */
export const appliedIn = (steps: readonly Step[], kind: AnyChild): KubeObject | undefined =>
  steps.flatMap((step) => (step.do === 'apply' && step.kind === kind ? [step.object] : []))[0];
