import { sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import type { Fault, FaultCode } from '../../src/domain/fault.ts';
import { APPLIED_HASH } from '../../src/domain/k8s/write/applied-hash.ts';
import type { ChildKind, Step } from '../../src/domain/plan/world.ts';
import { mergePatch } from '../../src/playground/api-server/write/patch.ts';
import { at, objectIn, textAt } from './scaled-object-case.ts';

export type Kind = ChildKind | 'PodAutoscaler';

/** The objects of a recorded case, whole, by kind: there is one of each. */
export type Objects = Readonly<Partial<Record<Kind, JsonObject>>>;

export const RESOURCE_OF: Readonly<Record<Kind, string>> = {
  PodAutoscaler: 'podautoscalers',
  ScaledObject: 'scaledobjects',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  ServerlessService: 'serverlessservices',
  Service: 'services',
  Endpoints: 'endpoints',
  EndpointSlice: 'endpointslices',
};

/** What a child says that we compare: our hash is not part of it, and Go leaves out what is zero. */
export interface Content {
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  readonly owners: Json;
  readonly spec: JsonObject;
}

export interface ChildWrite {
  readonly kind: ChildKind;
  readonly verb: 'create' | 'update' | 'delete';
  readonly failed: boolean;
  readonly content: Content;
}

export interface Outcome {
  readonly objects: Objects;
  readonly writes: readonly ChildWrite[];
  /** The step at which it stopped, and why. */
  readonly fault?: { readonly step: Step; readonly fault: Fault };
}

const ZEROES: Readonly<Record<ChildKind, (spec: JsonObject) => JsonObject>> = {
  ScaledObject: (spec) => {
    const { scalingModifiers = {}, ...advanced } = objectIn(spec, 'advanced');
    return {
      ...spec,
      advanced: sameJson(scalingModifiers, {}) ? advanced : { scalingModifiers, ...advanced },
    };
  },
  HorizontalPodAutoscaler: (spec) => ({ minReplicas: 1, ...spec }),
  ServerlessService: ({ numActivators, ...spec }) =>
    numActivators === 0 || numActivators === undefined ? spec : { numActivators, ...spec },
  Service: (spec) => spec,
  Endpoints: (spec) => spec,
  EndpointSlice: (spec) => spec,
};

/** The object less these fields. */
export const without = (object: JsonObject, ...fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));

export function contentOf(kind: ChildKind, object: JsonObject | undefined): Content {
  return {
    labels: objectIn(object, 'metadata', 'labels'),
    annotations: without(objectIn(object, 'metadata', 'annotations'), APPLIED_HASH),
    owners: at(object, 'metadata', 'ownerReferences') ?? [],
    spec: ZEROES[kind](objectIn(object, 'spec')),
  };
}

const REASONS: Readonly<Record<string, FaultCode>> = {
  Conflict: 'conflict',
  Forbidden: 'forbidden',
  NotFound: 'not_found',
  AlreadyExists: 'already_exists',
};

/** The induced failure that meets this write, if one does. A failure without a reason is an API server that broke. */
function failureOf(failures: readonly Json[], kind: Kind, verb: string): Fault | undefined {
  const found = failures.find(
    (failure) => textAt(failure, 'verb') === verb && textAt(failure, 'resource') === RESOURCE_OF[kind],
  );
  if (found === undefined) return undefined;
  const code = REASONS[textAt(found, 'reason')] ?? 'api_unavailable';
  return { code, message: 'The induced failure.' };
}

function applied(live: Json | undefined, wanted: JsonObject): JsonObject {
  // Applying is merging, except that a field that is absent stays and a list is replaced.
  return objectIn(mergePatch(live, wanted));
}

/** Carries steps out on the objects, in order, until one fails. */
export function carryOut(objects: Objects, steps: readonly Step[], failures: readonly Json[]): Outcome {
  let held: Objects = objects;
  const writes: ChildWrite[] = [];
  for (const step of steps) {
    // The recorded worlds have no Deployment, so none is scaled.
    if (step.do === 'event' || step.do === 'scale') continue;
    const kind = step.do === 'status' ? 'PodAutoscaler' : step.kind;
    const live = held[kind];
    const verb = step.do === 'remove' ? 'delete' : live === undefined ? 'create' : 'update';
    const next = step.do === 'remove' ? undefined : applied(live, 'object' in step ? step.object : step.body);
    const fault = failureOf(failures, kind, verb);
    if (step.do !== 'status')
      writes.push({
        kind: step.kind,
        verb,
        failed: fault !== undefined,
        content: contentOf(step.kind, next),
      });
    if (fault !== undefined) return { objects: held, writes, fault: { step, fault } };
    held = { ...held, [kind]: next };
  }
  return { objects: held, writes };
}
