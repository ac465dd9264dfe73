import { isJsonObject, sameJson, type Json, type JsonObject } from '../../../domain/json.ts';
import { omit, textIn } from '../fields.ts';
import { overlay } from '../apply/merge.ts';
import { fieldSchema, type Schema } from '../kinds/schema.ts';
import { badRequest, StatusError } from '../status.ts';

/** RFC 7386. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json | undefined> = isJsonObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, field);
    else if (value !== undefined) merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/** A strategic merge patch without directives: like a merge patch, but keyed lists are merged item by item. */
export function strategicPatch(target: Json | undefined, patch: Json, schema: Schema): Json {
  if (Array.isArray(patch)) return overlay(target, patch, schema);
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json | undefined> = isJsonObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$'))
      throw badRequest(`strategic merge patch: the directive ${field} is not understood here`);
    if (value === null) Reflect.deleteProperty(merged, field);
    else if (value !== undefined)
      merged[field] = strategicPatch(merged[field], value, fieldSchema(schema, field));
  }
  return merged;
}

const unprocessable = (message: string): StatusError => new StatusError(422, 'Invalid', message);
const segmentsOf = (pointer: Json | undefined): readonly string[] => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')))
    throw badRequest(
      `JSON patch: ${typeof pointer === 'string' ? JSON.stringify(pointer) : 'what is there'} is no JSON pointer`,
    );
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
};

const childOf = (value: Json | undefined, segment: string): Json | undefined => {
  if (Array.isArray(value))
    return /^\d+$/.test(segment) ? (value[Number(segment)] as Json | undefined) : undefined;
  return isJsonObject(value) ? value[segment] : undefined;
};
const valueAt = (document: Json, path: readonly string[]): Json => {
  const found = path.reduce<Json | undefined>(childOf, document);
  if (found === undefined) throw unprocessable(`JSON patch: nothing at /${path.join('/')}`);
  return found;
};

/** The document with the place at `path` changed by `edit`, which gets the parent and the last segment. */
function editAt(document: Json, path: readonly string[], edit: (parent: Json, last: string) => Json): Json {
  const [segment, ...rest] = path;
  if (segment === undefined) throw badRequest('JSON patch: the whole document cannot be replaced');
  if (rest.length === 0) return edit(document, segment);
  const child = editAt(valueAt(document, [segment]), rest, edit);
  if (Array.isArray(document)) return (document as readonly Json[]).with(Number(segment), child);
  return { ...(document as JsonObject), [segment]: child };
}

const add =
  (value: Json) =>
  (parent: Json, last: string): Json => {
    if (isJsonObject(parent)) return { ...parent, [last]: value };
    if (!Array.isArray(parent)) throw unprocessable(`JSON patch: nothing can be added at ${last}`);
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length)
      throw unprocessable(`JSON patch: the list has no place ${last}`);
    return (parent as readonly Json[]).toSpliced(index, 0, value);
  };
const remove = (parent: Json, last: string): Json => {
  valueAt(parent, [last]);
  if (Array.isArray(parent)) return (parent as readonly Json[]).toSpliced(Number(last), 1);
  return omit(parent as JsonObject, last);
};

type Operation = (document: Json, path: readonly string[], operation: JsonObject) => Json;
const wanted = (operation: JsonObject): Json => {
  if (operation['value'] === undefined) throw badRequest('JSON patch: the operation needs a value');
  return operation['value'];
};
const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: (document, path, operation) => editAt(document, path, add(wanted(operation))),
  remove: (document, path) => editAt(document, path, remove),
  replace: (document, path, operation) => {
    valueAt(document, path);
    return editAt(document, path, (parent, last) =>
      Array.isArray(parent)
        ? (parent as readonly Json[]).with(Number(last), wanted(operation))
        : { ...(parent as JsonObject), [last]: wanted(operation) },
    );
  },
  move: (document, path, operation) => {
    const from = segmentsOf(operation['from']);
    return editAt(editAt(document, from, remove), path, add(valueAt(document, from)));
  },
  copy: (document, path, operation) =>
    editAt(document, path, add(valueAt(document, segmentsOf(operation['from'])))),
  test: (document, path, operation) => {
    if (!sameJson(path.reduce<Json | undefined>(childOf, document), wanted(operation)))
      throw unprocessable(`JSON patch: the test of /${path.join('/')} failed`);
    return document;
  },
};

/** RFC 6902. A failed test or a missing place is 422. */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('JSON patch: the body must be a list of operations');
  return (patch as readonly Json[]).reduce<Json>((document, operation) => {
    const run = isJsonObject(operation) ? OPERATIONS[textIn(operation, 'op')] : undefined;
    if (!isJsonObject(operation) || run === undefined)
      throw badRequest('JSON patch: op must be add, remove, replace, move, copy or test');
    return run(document, segmentsOf(operation['path']), operation);
  }, target);
}
