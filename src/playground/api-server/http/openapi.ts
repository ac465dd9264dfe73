import type { JsonObject } from '../../../domain/json.ts';
import { apiVersionOf } from '../../../domain/k8s/resources.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { ServedKind } from '../kinds/kind.ts';
import { collectionPath } from './path.ts';

/** `api/v1` or `apis/GROUP/VERSION`: how OpenAPI calls a group and version. */
const documentOf = (kind: ServedKind): string =>
  kind.group === '' ? `api/${kind.version}` : `apis/${apiVersionOf(kind)}`;

/**
 * Answers `/openapi/v3` and the document of each group; `undefined` elsewhere. The documents say no more than kubectl needs to leave
 * validation to the server: that every kind can be patched with the parameter `fieldValidation`.
 */
export function openapi(path: string, kinds: KindRegistry): JsonObject | undefined {
  if (path === '/openapi/v3') {
    const documents = [...new Set(kinds.all().map(documentOf))];
    const entries = documents.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}` }] as const);
    return { paths: Object.fromEntries(entries) };
  }
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const inside = kinds.all().filter((kind) => `/openapi/v3/${documentOf(kind)}` === path);
  if (inside.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'hpa-bridge playground', version: 'v1' },
    paths: Object.fromEntries(
      inside.map((kind) => [`${collectionPath(kind)}/{name}`, { patch: patchOf(kind) }]),
    ),
  };
}

const patchOf = ({ group, version, kind }: ServedKind): JsonObject => ({
  'x-kubernetes-action': 'patch',
  'x-kubernetes-group-version-kind': { group, version, kind },
  parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({ name, in: 'query' })),
});
