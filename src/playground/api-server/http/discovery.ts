import type { JsonObject } from '../../../domain/json.ts';
import { apiVersionOf } from '../../../domain/k8s/resources.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { ServedKind } from '../kinds/kind.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const resourcesOf = (kind: ServedKind): readonly JsonObject[] => {
  const { plural, namespaced } = kind;
  const sub = ['get', 'patch', 'update'];
  return [
    {
      name: plural,
      singularName: kind.singular,
      namespaced,
      kind: kind.kind,
      verbs: VERBS,
      ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    },
    ...(kind.status
      ? [{ name: `${plural}/status`, singularName: '', namespaced, kind: kind.kind, verbs: sub }]
      : []),
    ...(kind.scale === undefined
      ? []
      : [
          {
            name: `${plural}/scale`,
            singularName: '',
            namespaced,
            group: 'autoscaling',
            version: 'v1',
            kind: 'Scale',
            verbs: sub,
          },
        ]),
  ];
};

const groupOf = (kinds: readonly ServedKind[], name: string): JsonObject => {
  const versions = [
    ...new Set(kinds.filter(({ group }) => group === name).map(({ version }) => version)),
  ].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] ?? {} };
};

/** Answers the paths that say what is served; `undefined` for any other path. */
export function discover(path: string, kinds: KindRegistry): JsonObject | undefined {
  const all = kinds.all();
  const [root, ...rest] = path.split('/').filter(Boolean);
  if (root === 'version') return VERSION;
  if (root === 'api')
    return rest.length === 0
      ? { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
      : resourceList(all, '', rest);
  if (root !== 'apis') return undefined;
  const [group, ...below] = rest;
  if (group === undefined) return groupList(all);
  if (below.length > 0) return resourceList(all, group, below);
  return all.some((kind) => kind.group === group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(all, group) }
    : undefined;
}

const VERSION: JsonObject = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0+hpa-bridge-playground',
  platform: 'node',
};

const groupList = (all: readonly ServedKind[]): JsonObject => {
  const names = [...new Set(all.map(({ group }) => group))].filter(Boolean);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => groupOf(all, name)) };
};

function resourceList(
  all: readonly ServedKind[],
  group: string,
  [version, ...more]: readonly string[],
): JsonObject | undefined {
  const served = all.filter((kind) => kind.group === group && kind.version === version);
  const [first] = served;
  if (first === undefined || more.length > 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: served.flatMap(resourcesOf),
  };
}
