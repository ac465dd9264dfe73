import { isJsonObject, type JsonObject } from '../../../domain/json.ts';

/**
 * A set of fields, as a tree of path elements: `f:name` a field, `k:{...}` an item of a keyed list, `v:...` a member of a set. A node is
 * itself in the set when `member` is true. The JSON form is what `metadata.managedFields[].fieldsV1` holds.
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();
export const NO_FIELDS: FieldSet = { member: false, children: NO_CHILDREN };
export const LEAF: FieldSet = { member: true, children: NO_CHILDREN };

export const isEmpty = (set: FieldSet): boolean => !set.member && set.children.size === 0;

/** A node from its children; children without any member are left out. */
export const node = (member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet => {
  const kept = new Map<string, FieldSet>();
  for (const [element, child] of children) if (!isEmpty(child)) kept.set(element, child);
  return { member, children: kept };
};

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const children = new Map(a.children);
  for (const [element, child] of b.children)
    children.set(element, union(children.get(element) ?? NO_FIELDS, child));
  return { member: a.member || b.member, children };
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  return node(
    a.member && !b.member,
    [...a.children].map(([element, child]) => [
      element,
      difference(child, b.children.get(element) ?? NO_FIELDS),
    ]),
  );
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return NO_FIELDS;
  return node(
    a.member && b.member,
    [...a.children].map(([element, child]) => [
      element,
      intersection(child, b.children.get(element) ?? NO_FIELDS),
    ]),
  );
}

/** The same set with every named field on the way to a member made a member too. */
export function withParents(set: FieldSet): FieldSet {
  return node(
    set.member,
    [...set.children].map(([element, child]) => {
      const inner = withParents(child);
      return [element, element.startsWith('f:') && !isEmpty(inner) ? { ...inner, member: true } : inner];
    }),
  );
}

/** Every path that is a member, each as its list of elements. */
export function* paths(set: FieldSet, above: readonly string[] = []): Generator<readonly string[]> {
  if (set.member) yield above;
  for (const [element, child] of set.children) yield* paths(child, [...above, element]);
}

export const fieldSetToJson = (set: FieldSet): JsonObject => ({
  ...(set.member && set.children.size > 0 ? { '.': {} } : {}),
  ...Object.fromEntries([...set.children].map(([element, child]) => [element, fieldSetToJson(child)])),
});

export function fieldSetFromJson(json: JsonObject): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, inner] of Object.entries(json))
    if (element !== '.' && isJsonObject(inner)) children.set(element, fieldSetFromJson(inner));
  return { member: children.size === 0 || json['.'] !== undefined, children };
}

/** A path as messages write it: `.spec.containers[name="app"].image`. */
export const pathText = (path: readonly string[]): string =>
  path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const key = JSON.parse(element.slice(2)) as JsonObject;
      return `[${Object.entries(key)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    })
    .join('');
