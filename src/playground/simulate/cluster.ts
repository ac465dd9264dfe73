import type { Json, JsonObject } from '../../domain/json.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { apiVersionOf, type Resource } from '../../domain/k8s/resources.ts';
import { objectIn, objectsIn, textIn } from '../api-server/fields.ts';
import type { ServedKind } from '../api-server/kinds/kind.ts';
import type { ApiServer } from '../api-server/server.ts';
import type { NamedTarget } from '../api-server/write/objects.ts';

/** The parts of the API server that the simulation works on. */
export type Server = Pick<ApiServer, 'store' | 'kinds' | 'objects'>;

/** An object before the server has given it an identity. */
export interface Draft extends JsonObject {
  readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string };
}

interface ConditionDraft {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly severity?: string;
}

/** Reads and writes as the controllers of a cluster do. A write that changes nothing is none, so everything here may be repeated. */
export class Cluster {
  readonly #server: Server;
  readonly #manager: string;
  readonly #now: () => number;

  constructor(server: Server, manager: string, now: () => number) {
    this.#server = server;
    this.#manager = manager;
    this.#now = now;
  }

  find(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const kind = this.#kind(resource);
    return kind === undefined ? undefined : this.#server.store.get(kind, namespace, name)?.object;
  }

  /** The objects of one namespace that carry this label. */
  labelled(resource: Resource, namespace: string, label: string, value: string): readonly KubeObject[] {
    const kind = this.#kind(resource);
    if (kind === undefined) return [];
    return this.#server.store
      .now(kind)
      .items.filter((stored) => stored.namespace === namespace)
      .map(({ object }) => object)
      .filter(({ metadata }) => objectIn(metadata, 'labels')[label] === value);
  }

  /** Creates the object unless there is one of its name; what is there stays as it is. */
  ensure(resource: Resource, draft: Draft): KubeObject | undefined {
    const { name, namespace } = draft.metadata;
    const found = this.find(resource, namespace ?? '', name);
    const kind = this.#kind(resource);
    if (found !== undefined || kind === undefined) return found;
    const target = { kind, namespace, name: undefined, subresource: undefined };
    return this.#server.objects.create(target, draft, { fieldManager: this.#manager }).stored.object;
  }

  /** Makes the object say this, and leaves alone what others say. */
  apply(resource: Resource, draft: Draft): KubeObject | undefined {
    const { name, namespace } = draft.metadata;
    const kind = this.#kind(resource);
    if (kind === undefined) return undefined;
    const target: NamedTarget = { kind, namespace, name, subresource: undefined };
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...draft };
    const options = { fieldManager: this.#manager, force: true };
    return this.#server.objects.patch(target, 'apply', body, options).stored.object;
  }

  merge(resource: Resource, { metadata }: KubeObject, body: Json, subresource?: 'status'): void {
    const kind = this.#kind(resource);
    if (kind === undefined) return;
    const target = { kind, namespace: metadata.namespace, name: metadata.name, subresource };
    this.#server.objects.patch(target, 'merge', body, { fieldManager: this.#manager });
  }

  remove(resource: Resource, { metadata }: KubeObject): void {
    const kind = this.#kind(resource);
    if (kind === undefined) return;
    const target = { kind, namespace: metadata.namespace, name: metadata.name, subresource: undefined };
    this.#server.objects.remove(target, { gracePeriodSeconds: 0 });
  }

  /** The conditions in their order, each with the time of its last change. */
  conditions(object: KubeObject, drafts: readonly ConditionDraft[]): readonly JsonObject[] {
    const before = objectsIn(objectIn(object, 'status'), 'conditions');
    const now = `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
    return drafts.map((draft): JsonObject => {
      const old = before.find((each) => each['type'] === draft.type);
      const same = old !== undefined && old['status'] === draft.status;
      return { ...draft, lastTransitionTime: same ? textIn(old, 'lastTransitionTime') : now };
    });
  }

  #kind({ group, version, plural }: Resource): ServedKind | undefined {
    return this.#server.kinds.find(group, version, plural);
  }
}

/** The reference that makes `owner` the controller of an object. */
export const controlledBy = (owner: KubeObject): JsonObject => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: textIn(owner.metadata, 'uid'),
  controller: true,
  blockOwnerDeletion: true,
});

/** The status of the condition of this type, or `Unknown`. */
export function statusOf(object: KubeObject | undefined, type: string): 'True' | 'False' | 'Unknown' {
  if (object === undefined) return 'Unknown';
  const found = objectsIn(objectIn(object, 'status'), 'conditions').find((each) => each['type'] === type);
  const status = found?.['status'];
  return status === 'True' || status === 'False' ? status : 'Unknown';
}

export const labelsOf = ({ metadata }: KubeObject): JsonObject => objectIn(metadata, 'labels');
export const annotationsOf = ({ metadata }: KubeObject): JsonObject => objectIn(metadata, 'annotations');
