import { isJsonObject, type JsonObject } from '../json.ts';
import { isAsApplied, leftovers, type Child } from '../k8s/same-child.ts';
import { keyOfMeta, type KubeObject } from '../k8s/meta.ts';
import { APPLIED_HASH, stamped } from '../k8s/write/applied-hash.ts';
import type { ChildKind, Step } from './world.ts';

/** The steps that make a child of ours what it should be: none when it is, none while it is being deleted. */
export function keep(kind: ChildKind, actual: Child | undefined, wanted: KubeObject): readonly Step[] {
  const object = stamped(wanted);
  const apply: Step = { do: 'apply', kind, object };
  if (actual === undefined) return [apply];
  if (actual.metadata.deletionTimestamp !== undefined || isAsApplied(actual, object)) return [];
  const annotations = object.metadata.annotations;
  const edited =
    isJsonObject(annotations) && annotations[APPLIED_HASH] === actual.metadata.annotations[APPLIED_HASH];
  // Only content of ours that changed can leave something behind; what others edited is simply applied again.
  const gone = edited ? undefined : leftovers(actual, object);
  return gone === undefined ? [apply] : [mergeStep(kind, actual, gone), apply];
}

/** A merge patch on exactly the version of the child that the plan was made from. */
export const mergeStep = (kind: ChildKind, actual: Child, body: JsonObject): Step => ({
  do: 'merge',
  kind,
  key: keyOfMeta(actual.metadata),
  body: {
    ...body,
    metadata: {
      ...(isJsonObject(body.metadata) ? body.metadata : {}),
      resourceVersion: actual.metadata.resourceVersion,
    },
  },
});
