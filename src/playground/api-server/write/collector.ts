import type { JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { objectsIn, omit, textIn } from '../fields.ts';
import { CORE_KINDS } from '../kinds/core.ts';
import { kindId } from '../kinds/kind.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { Change, Store } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';
import { finalizersOf, type NamedTarget, type Objects } from './objects.ts';

const COLLECTOR = { fieldManager: 'garbage-collector' };

const ownersOf = ({ object }: Stored): readonly JsonObject[] => objectsIn(object.metadata, 'ownerReferences');
const uidOf = ({ object }: Stored): string => textIn(object.metadata, 'uid');
const isLeaving = ({ object }: Stored): boolean => object.metadata['deletionTimestamp'] !== undefined;
const targetOf = ({ kind, object }: Stored): NamedTarget => ({
  kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  subresource: undefined,
});

/**
 * What kube-controller-manager does for owners and namespaces: objects follow their last owner, leaving owners wait for or let go of their
 * dependents, and a leaving namespace takes everything with it. It runs after the write that gave it work, in a later turn.
 */
export class Collector {
  readonly #store: Store;
  readonly #kinds: KindRegistry;
  readonly #objects: Objects;
  readonly #dependents = new Map<string, Map<string, Stored>>();
  readonly #work = new Map<string, Stored>();
  #turn: NodeJS.Immediate | undefined;
  readonly #end: () => void;

  constructor(store: Store, kinds: KindRegistry, objects: Objects) {
    this.#store = store;
    this.#kinds = kinds;
    this.#objects = objects;
    this.#end = store.subscribe((change) => this.#see(change));
  }

  stop(): void {
    this.#end();
    clearImmediate(this.#turn);
  }

  #see({ before, after, removed }: Change): void {
    if (before !== undefined)
      for (const owner of ownersOf(before))
        this.#dependents.get(textIn(owner, 'uid'))?.delete(placeOf(before));
    if (after !== undefined) {
      for (const owner of ownersOf(after))
        this.#dependentsOf(textIn(owner, 'uid')).set(placeOf(after), after);
      if (ownersOf(after).length > 0 || isLeaving(after)) this.#add(after);
    }
    if (removed !== undefined) this.#leave(removed);
  }

  /** Whoever depended on it is looked at, and whoever waited for it. */
  #leave(removed: Stored): void {
    for (const dependent of this.#dependentsOf(uidOf(removed)).values()) this.#add(dependent);
    this.#dependents.delete(uidOf(removed));
    for (const owner of ownersOf(removed)) {
      const stored = this.#find(owner, removed);
      if (stored !== undefined && isLeaving(stored)) this.#add(stored);
    }
    const namespace = this.#store.get(CORE_KINDS.Namespace, undefined, removed.namespace);
    if (namespace !== undefined && isLeaving(namespace)) this.#add(namespace);
  }

  #dependentsOf(uid: string): Map<string, Stored> {
    const known = this.#dependents.get(uid);
    if (known !== undefined) return known;
    const fresh = new Map<string, Stored>();
    this.#dependents.set(uid, fresh);
    return fresh;
  }

  #add(stored: Stored): void {
    this.#work.set(placeOf(stored), stored);
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      const work = [...this.#work.values()];
      this.#work.clear();
      for (const each of work) this.#collect(each);
    });
  }

  #collect(seen: Stored): void {
    const stored = this.#store.get(seen.kind, seen.object.metadata.namespace, seen.object.metadata.name);
    if (stored === undefined || uidOf(stored) !== uidOf(seen)) return;
    const owners = ownersOf(stored);
    if (kindId(stored.kind) === 'namespaces' && isLeaving(stored)) this.#emptyNamespace(stored);
    else if (isLeaving(stored)) this.#release(stored);
    else if (owners.length > 0) this.#follow(stored, owners);
  }

  /** Removes an object without owners left; forgets owners that are gone. */
  #follow(stored: Stored, owners: readonly JsonObject[]): void {
    const left = owners.filter((owner) => !this.#isGone(owner, stored));
    const solid = left.filter((owner) => !this.#waitsForDependents(owner, stored));
    if (left.length === 0 || solid.length === 0)
      this.#objects.remove(targetOf(stored), left.length === 0 ? {} : { propagationPolicy: 'Foreground' });
    else if (left.length < owners.length) this.#setMetadata(stored, { ownerReferences: left });
  }

  #isGone(owner: JsonObject, dependent: Stored): boolean {
    const kind = this.#kinds.named(textIn(owner, 'apiVersion'), textIn(owner, 'kind'));
    // A kind that is not served cannot be asked: nothing is removed on a guess.
    return kind !== undefined && this.#find(owner, dependent) === undefined;
  }

  #waitsForDependents(owner: JsonObject, dependent: Stored): boolean {
    const stored = this.#find(owner, dependent);
    return (
      stored !== undefined && isLeaving(stored) && finalizersOf(stored.object).includes('foregroundDeletion')
    );
  }

  #find(owner: JsonObject, dependent: Stored): Stored | undefined {
    const kind = this.#kinds.named(textIn(owner, 'apiVersion'), textIn(owner, 'kind'));
    if (kind === undefined) return undefined;
    const namespace = kind.namespaced ? dependent.object.metadata.namespace : undefined;
    const stored = this.#store.get(kind, namespace, textIn(owner, 'name'));
    return stored !== undefined && uidOf(stored) === owner['uid'] ? stored : undefined;
  }

  /** Plays the finalizers of the two patient ways to delete. */
  #release(stored: Stored): void {
    const finalizers = finalizersOf(stored.object);
    const dependents = [...this.#dependentsOf(uidOf(stored)).values()];
    if (finalizers.includes('orphan')) {
      for (const dependent of dependents) this.#disown(dependent, uidOf(stored));
      this.#setMetadata(stored, { finalizers: finalizers.filter((each) => each !== 'orphan') });
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const dependent of dependents) this.#add(dependent);
      const blocking = dependents.some((dependent) =>
        ownersOf(dependent).some(
          (owner) => owner['uid'] === uidOf(stored) && owner['blockOwnerDeletion'] === true,
        ),
      );
      if (!blocking)
        this.#setMetadata(stored, { finalizers: finalizers.filter((each) => each !== 'foregroundDeletion') });
    }
  }

  #disown(dependent: Stored, uid: string): void {
    this.#setMetadata(dependent, {
      ownerReferences: ownersOf(dependent).filter((owner) => owner['uid'] !== uid),
    });
  }

  #setMetadata(stored: Stored, fields: JsonObject): void {
    this.#objects.update(targetOf(stored), COLLECTOR, ({ object }): KubeObject => {
      const metadata = omit(object.metadata, 'resourceVersion');
      return { ...object, metadata: { ...metadata, ...fields } as KubeObject['metadata'] };
    });
  }

  #emptyNamespace(namespace: Stored): void {
    const { name } = namespace.object.metadata;
    let left = 0;
    for (const kind of this.#kinds.all().filter((each) => each.namespaced))
      for (const stored of this.#store.now(kind).items)
        if (
          stored.namespace === name &&
          !this.#objects.remove(targetOf(stored), { gracePeriodSeconds: 0 }).gone
        )
          left++;
    if (left === 0) this.#store.remove(namespace);
  }
}

const placeOf = (stored: Stored): string => `${kindId(stored.kind)}/${stored.key}`;
