import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import type { Schema } from '../kinds/schema.ts';
import { omit } from '../fields.ts';
import { applyConflict, type Cause } from '../status.ts';
import {
  difference,
  intersection,
  isEmpty,
  pathText,
  paths,
  union,
  withParents,
  type FieldSet,
} from './field-set.ts';
import { compare, fieldsOf } from './fields-of.ts';
import { overlay, without } from './merge.ts';
import { Managers, type Manager } from './managers.ts';

export interface Writer {
  readonly manager: Manager;
  /** RFC 3339, whole seconds: when the ownership changed. */
  readonly time: string;
}

// Nobody owns what the server itself keeps.
const UNOWNED: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]);

/** The part of an object that can be owned. */
function ownable(object: JsonObject): JsonObject {
  const { metadata } = object;
  const rest = omit(object, 'apiVersion', 'kind', 'metadata');
  if (!isJsonObject(metadata)) return rest;
  const kept = Object.entries(metadata).filter(([field]) => !UNOWNED.has(field));
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) };
}

const withManagers = (object: KubeObject, managers: Managers): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields: managers.toJson() },
});

/**
 * Ownership after a plain write (create, update, patch): the writer owns what it changed, and what is gone is owned by nobody.
 */
export function trackUpdate(
  live: KubeObject | undefined,
  next: KubeObject,
  schema: Schema,
  writer: Writer,
): KubeObject {
  const { changed, removed } = compare(live === undefined ? {} : ownable(live), ownable(next), schema);
  const base = Managers.of(live);
  const mine = union(difference(base.fieldsOf(writer.manager), removed), changed);
  const managers = base
    .take(removed)
    .takeFromOthers(writer.manager, changed)
    .with(writer.manager, mine, writer.time);
  return withManagers(next, managers);
}

/** What an apply wants to be true, before defaults and validation. */
export interface Applied {
  readonly object: KubeObject;
  /** What the applier owns from now on. */
  readonly fields: FieldSet;
}

/** Live state and applied intent, merged; fields that the applier named last time and not any more are gone unless somebody else owns them. */
export function mergeApplied(
  live: KubeObject | undefined,
  intent: KubeObject,
  schema: Schema,
  manager: Manager,
): Applied {
  const fields = fieldsOf(ownable(intent), schema);
  if (live === undefined) return { object: intent, fields };
  const managers = Managers.of(live);
  const merged = overlay(live, intent, schema);
  const gone = difference(withParents(managers.fieldsOf(manager)), withParents(fields));
  const kept = union(managers.fieldsBeside(manager), fields);
  const pruned = without(merged, gone, kept, schema) ?? {};
  return { object: pruned as KubeObject, fields };
}

/** Ownership after an apply. Throws 409 when it changes what somebody else owns, unless `force` takes that over. */
export function trackApply(
  live: KubeObject | undefined,
  applied: Applied,
  schema: Schema,
  writer: Writer & { readonly force: boolean },
): KubeObject {
  const before: Json = live === undefined ? {} : ownable(live);
  const { changed, removed } = compare(before, ownable(applied.object), schema);
  const base = Managers.of(live);
  if (!writer.force) refuseConflicts(base, changed, writer.manager);
  const managers = base
    .takeFromOthers(writer.manager, union(changed, removed))
    .with(writer.manager, applied.fields, writer.time);
  return withManagers(applied.object, managers);
}

function refuseConflicts(managers: Managers, changed: FieldSet, manager: Manager): void {
  const causes: Cause[] = [];
  for (const other of managers.others(manager)) {
    const taken = intersection(other.fields, changed);
    if (isEmpty(taken)) continue;
    for (const path of paths(taken))
      causes.push({
        reason: 'FieldManagerConflict',
        message: `conflict with "${other.manager.name}"${other.manager.subresource === '' ? '' : ` with subresource "${other.manager.subresource}"`} using ${other.manager.apiVersion}`,
        field: pathText(path),
      });
  }
  if (causes.length > 0) throw applyConflict(causes);
}
