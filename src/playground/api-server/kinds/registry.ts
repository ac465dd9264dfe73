import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { CORE_KINDS } from './core.ts';
import { kindId, objectSchema, type ScalePaths, type ServedKind } from './kind.ts';
import { ANYTHING } from './schema.ts';

/** Which kinds are served now. CustomResourceDefinitions come and go. */
export class KindRegistry {
  readonly #served = new Map<string, ServedKind>();
  constructor() {
    for (const kind of Object.values(CORE_KINDS)) this.#served.set(kindId(kind), kind);
  }

  find(group: string, version: string, plural: string): ServedKind | undefined {
    const kind = this.#served.get(kindId({ group, plural }));
    return kind?.version === version ? kind : undefined;
  }

  /** By `apiVersion` and `kind`, as an owner reference names it. */
  named(apiVersion: string, name: string): ServedKind | undefined {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    return this.all().find((kind) => kind.group === group && kind.version === version && kind.kind === name);
  }

  all(): readonly ServedKind[] {
    return [...this.#served.values()];
  }

  /** Starts serving what a definition describes; `undefined` when the definition has no served version. */
  define(definition: KubeObject): ServedKind | undefined {
    const kind = kindOfDefinition(definition);
    if (kind !== undefined) this.#served.set(kindId(kind), kind);
    return kind;
  }

  /** Stops serving the kind with this `plural.group`. */
  forget(id: string): void {
    if (this.#served.get(id)?.custom === true) this.#served.delete(id);
  }
}

const objectAt = (value: JsonObject, field: string): JsonObject => {
  const inner = value[field];
  return isJsonObject(inner) ? inner : {};
};
const textAt = (value: JsonObject, field: string): string => {
  const inner = value[field];
  return typeof inner === 'string' ? inner : '';
};
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** What a CustomResourceDefinition asks to be served: its storage version. */
export function kindOfDefinition(definition: KubeObject): ServedKind | undefined {
  const spec = objectAt(definition, 'spec');
  const names = objectAt(spec, 'names');
  const versions = Array.isArray(spec['versions'])
    ? (spec['versions'] as readonly Json[]).filter(isJsonObject)
    : [];
  const version = versions.find((each) => each['storage'] === true && each['served'] === true);
  if (version === undefined) return undefined;
  const subresources = objectAt(version, 'subresources');
  const schema = objectAt(version, 'schema')['openAPIV3Schema'];
  const scale = subresources['scale'];
  const kind = textAt(names, 'kind');
  return {
    group: textAt(spec, 'group'),
    version: textAt(version, 'name'),
    plural: textAt(names, 'plural'),
    kind,
    singular: textAt(names, 'singular') || kind.toLowerCase(),
    shortNames: textsOf(names['shortNames']),
    namespaced: spec['scope'] !== 'Cluster',
    custom: true,
    status: isJsonObject(subresources['status']),
    counted: true,
    schema: objectSchema(isJsonObject(schema) ? schema : ANYTHING),
    ...(isJsonObject(scale) ? { scale: scalePaths(scale) } : {}),
  };
}

const scalePaths = (scale: JsonObject): ScalePaths => {
  const path = (field: string): readonly string[] => textAt(scale, field).split('.').filter(Boolean);
  return {
    specReplicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    selector: path('labelSelectorPath'),
  };
};
