import { nameOf, namespaceOf, type Key } from '../../domain/key.ts';
import type { Resource } from '../../domain/k8s/resources.ts';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `?a=b`, without what is undefined; empty when nothing is left. */
export function queryOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** The discovery document of a group and version. */
export const groupPath = ({ group, version }: Resource): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

/** All objects of a kind, everywhere or in one namespace. */
export const collectionPath = (resource: Resource, namespace = ''): string =>
  namespace === ''
    ? `${groupPath(resource)}/${resource.plural}`
    : `${groupPath(resource)}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}`;

/** One object, or one of its sub-resources. */
export const objectPath = (resource: Resource, key: Key, subresource?: string): string => {
  const path = `${collectionPath(resource, namespaceOf(key))}/${encodeURIComponent(nameOf(key))}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
};

/** `scaledobjects.keda.sh`, as kubectl and RBAC messages write it. */
export const resourceName = ({ group, plural }: Resource): string =>
  group === '' ? plural : `${plural}.${group}`;

/** `scaledobjects.keda.sh team/shop`: one object, in messages. */
export const objectName = (resource: Resource, key: Key): string =>
  `${resourceName(resource)} ${namespaceOf(key) === '' ? nameOf(key) : key}`;
