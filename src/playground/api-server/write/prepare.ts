import { isJsonObject, sameJson, type Json, type JsonObject } from '../../../domain/json.ts';
import { apiVersionOf } from '../../../domain/k8s/resources.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { check, firstTypeMistake, prune } from '../kinds/check.ts';
import type { ServedKind } from '../kinds/kind.ts';
import { badRequest, conflict, invalid } from '../status.ts';
import { objectIn, objectsIn, omit } from '../fields.ts';
import { kindMistakes, withDefaults } from './kind-rules.ts';
import { keepSystemFields, metadataMistakes } from './metadata-rules.ts';

/** Where a write goes. */
export interface Target {
  readonly kind: ServedKind;
  readonly namespace: string | undefined;
  /** Absent on creation: the body says it. */
  readonly name: string | undefined;
  readonly subresource: 'status' | undefined;
}

/** Reads a body as an object of the target's kind and place; refuses one that says otherwise. */
export function decode(body: Json, target: Target): KubeObject {
  const { kind } = target;
  if (!isJsonObject(body)) throw badRequest('the body must be a JSON object');
  const apiVersion = apiVersionOf(kind);
  for (const [field, wanted] of [
    ['apiVersion', apiVersion],
    ['kind', kind.kind],
  ] as const)
    if ((body[field] ?? wanted) !== wanted)
      throw badRequest(
        `${field}: the body says ${JSON.stringify(body[field])}, the path ${JSON.stringify(wanted)}`,
      );
  const metadata = objectIn(body, 'metadata');
  const object: JsonObject = {
    apiVersion,
    kind: kind.kind,
    metadata: place(metadata, target),
    ...omit(body, 'apiVersion', 'kind', 'metadata'),
  };
  const mistake = kind.custom ? undefined : firstTypeMistake(object, kind.schema, '');
  if (mistake !== undefined)
    throw badRequest(`${kind.kind} cannot be read: ${mistake.field.slice(1)} ${mistake.message}`);
  return prune(object, kind.schema) as KubeObject;
}

/** Name and namespace come from the path; a body that names others is refused. */
function place(metadata: JsonObject, { kind, namespace, name }: Target): JsonObject {
  const said = metadata['namespace'];
  if (kind.namespaced && said !== undefined && said !== '' && said !== namespace)
    throw badRequest(
      `metadata.namespace: the body says ${JSON.stringify(said)}, the path ${JSON.stringify(namespace)}`,
    );
  if (name !== undefined && (metadata['name'] ?? name) !== name)
    throw badRequest(
      `metadata.name: the body says ${JSON.stringify(metadata['name'])}, the path ${JSON.stringify(name)}`,
    );
  return {
    name: name ?? metadata['name'] ?? '',
    ...(kind.namespaced ? { namespace: namespace ?? '' } : {}),
    ...omit(metadata, 'name', 'namespace'),
  };
}

/** Refuses a write that was made against another version or another object of the same name. */
export function checkLock(kind: ServedKind, object: KubeObject, live: KubeObject): void {
  const { name } = live.metadata;
  const version = object.metadata['resourceVersion'];
  if (typeof version === 'string' && version !== '' && version !== live.metadata['resourceVersion'])
    throw conflict(kind, name, 'the object has been modified; read it again and repeat the change');
  const uid = object.metadata['uid'];
  if (typeof uid === 'string' && uid !== '' && uid !== live.metadata['uid'])
    throw conflict(
      kind,
      name,
      `metadata.uid: the object that exists has ${JSON.stringify(live.metadata['uid'])}`,
    );
}

/** A new object as it is going to be stored, apart from its owners of fields. */
export function prepareNew(target: Target, object: KubeObject, uid: string, time: string): KubeObject {
  const { kind } = target;
  const born = keepSystemFields(object.metadata, {
    uid,
    creationTimestamp: time,
    ...(kind.counted ? { generation: 1 } : {}),
  });
  return complete(kind, {
    ...(kind.status ? omit(object, 'status') : object),
    metadata: named(born),
  } as KubeObject);
}

/** The next state of an object: what the endpoint does not write stays as it is. */
export function prepareNext(target: Target, object: KubeObject, live: KubeObject): KubeObject {
  const { kind } = target;
  // The status endpoint writes the status alone, the main endpoint everything else.
  if (target.subresource === 'status') return complete(kind, withStatus(live, object));
  const metadata = named(keepSystemFields(object.metadata, live.metadata));
  return complete(kind, { ...(kind.status ? withStatus(object, live) : object), metadata });
}

const withStatus = (object: KubeObject, { status }: KubeObject): KubeObject =>
  (status === undefined ? omit(object, 'status') : { ...object, status }) as KubeObject;

/** Version and owners of fields are the business of the store and of the tracker. */
const named = (metadata: JsonObject): KubeObject['metadata'] =>
  omit(metadata, 'resourceVersion', 'managedFields') as KubeObject['metadata'];

const complete = (kind: ServedKind, object: KubeObject): KubeObject =>
  withDefaults(
    kind,
    prune({ ...object, metadata: withoutHollows(object.metadata) }, kind.schema) as KubeObject,
  );

/** Empty maps and lists of metadata are not stored. */
const withoutHollows = (metadata: JsonObject): JsonObject =>
  omit(metadata, ...COLLECTIONS.filter((field) => Object.keys(metadata[field] ?? {}).length === 0));
const COLLECTIONS = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** Throws 422 with every cause when the object may not be stored. */
export function validate(kind: ServedKind, object: KubeObject, live: KubeObject | undefined): void {
  const causes = [
    ...metadataMistakes(kind, object, live),
    ...check(object, kind.schema, ''),
    ...kindMistakes(kind, object, live),
  ];
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes);
}

/** The generation after a write: one more when anything but metadata and status changed. */
export function countGeneration(kind: ServedKind, next: KubeObject, live: KubeObject): KubeObject {
  const before = live.metadata['generation'];
  if (!kind.counted || typeof before !== 'number') return next;
  const same = sameJson(substance(next), substance(live));
  return same ? next : { ...next, metadata: { ...next.metadata, generation: before + 1 } };
}
const substance = (object: KubeObject): JsonObject => omit(object, 'metadata', 'status');

/** True when a write would store what is stored already, whoever owns it since when. */
export const isSameState = (next: KubeObject, live: KubeObject): boolean =>
  sameJson(withoutTimes(next), withoutTimes(live));
const withoutTimes = (object: KubeObject): JsonObject => ({
  ...object,
  metadata: {
    ...omit(object.metadata, 'resourceVersion'),
    managedFields: objectsIn(object.metadata, 'managedFields').map((entry) => omit(entry, 'time')),
  },
});
