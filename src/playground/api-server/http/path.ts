import type { KindRegistry } from '../kinds/registry.ts';
import type { ServedKind } from '../kinds/kind.ts';

/** What a path points at. */
export interface Place {
  readonly kind: ServedKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Reads `/api/v1/...` or `/apis/GROUP/VERSION/...`; `undefined` when nothing is served there. */
export function placeOf(path: string, kinds: KindRegistry): Place | undefined {
  const segments = path.split('/').filter(Boolean).map(decodeURIComponent);
  const [root, ...rest] = segments;
  if (root === 'api') return within(kinds, '', rest[0] ?? '', rest.slice(1));
  if (root === 'apis') return within(kinds, rest[0] ?? '', rest[1] ?? '', rest.slice(2));
  return undefined;
}

/** The path of all objects of a kind in some namespace, or of a cluster kind. */
export const collectionPath = ({ group, version, plural, namespaced }: ServedKind): string => {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
};

function within(
  kinds: KindRegistry,
  group: string,
  version: string,
  rest: readonly string[],
): Place | undefined {
  const namespace = isInside(rest) ? rest[1] : undefined;
  const [plural = '', name, subresource, ...more] = namespace === undefined ? rest : rest.slice(2);
  const kind = more.length > 0 ? undefined : kinds.find(group, version, plural);
  if (kind === undefined || !isAllowed(kind, namespace, name)) return undefined;
  return { kind, namespace, name, subresource };
}

/** `/namespaces/x` is a namespace and `/namespaces/x/status` its status, `/namespaces/x/pods` are the pods in it. */
const isInside = ([root, , plural]: readonly string[]): boolean =>
  root === 'namespaces' && plural !== undefined && plural !== 'status' && plural !== 'finalize';

/** Cluster objects are in no namespace; a single namespaced object is only found in its own. */
const isAllowed = (kind: ServedKind, namespace: string | undefined, name: string | undefined): boolean =>
  kind.namespaced ? namespace !== undefined || name === undefined : namespace === undefined;
