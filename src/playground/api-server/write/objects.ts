import { randomBytes, randomUUID } from 'node:crypto';
import { isJsonObject, type Json } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { mergeApplied, trackApply, trackUpdate, type Writer } from '../apply/apply.ts';
import { apiVersionOf } from '../../../domain/k8s/resources.ts';
import { firstTypeMistake } from '../kinds/check.ts';
import { kindId, type ServedKind } from '../kinds/kind.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  internalError,
  invalid,
  notFound,
  required,
  unsupportedMediaType,
} from '../status.ts';
import { CORE_KINDS } from '../kinds/core.ts';
import type { Store } from '../storage/store.ts';
import { Stored } from '../storage/stored.ts';
import { defined, objectIn, omit, textIn, textsIn } from '../fields.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patch.ts';
import {
  checkLock,
  countGeneration,
  decode,
  isSameState,
  prepareNew,
  prepareNext,
  validate,
  type Target,
} from './prepare.ts';

/** Who asks for a write, and whether it is only tried. */
export interface WriteOptions {
  readonly fieldManager: string;
  readonly dryRun?: boolean;
  /** Apply only: take fields over from other managers. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

export type PatchType = 'apply' | 'merge' | 'json' | 'strategic';

export interface Outcome {
  readonly stored: Stored;
  readonly created: boolean;
}

/** A write to one existing or future object. */
export interface NamedTarget extends Target {
  readonly name: string;
}

/** Every write of the API, from a decoded body to the store. Throws `StatusError`; nothing is stored unless all of it is right. */
export class Objects {
  readonly #store: Store;
  readonly #now: () => number;
  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  get(target: NamedTarget): Stored {
    const stored = this.#store.get(target.kind, target.namespace, target.name);
    if (stored === undefined) throw notFound(target.kind, target.name);
    return stored;
  }

  create(target: Target, body: Json, options: WriteOptions): Outcome {
    const { kind } = target;
    const object = withGeneratedName(decode(body, target));
    const { name } = object.metadata;
    if (textIn(object.metadata, 'resourceVersion') !== '')
      throw badRequest('metadata.resourceVersion: must not be set on an object that is created');
    this.#checkNamespace(kind, target.namespace, name);
    if (this.#store.get(kind, target.namespace, name) !== undefined) throw alreadyExists(kind, name);
    const fresh = prepareNew(target, object, randomUUID(), this.#time());
    validate(kind, fresh, undefined);
    const owned = trackUpdate(undefined, fresh, kind.schema, this.#writer(target, 'Update', options));
    return { stored: this.#put(kind, owned, options), created: true };
  }

  replace(target: NamedTarget, body: Json, options: WriteOptions): Outcome {
    return this.update(target, options, () => decode(body, target));
  }

  patch(target: NamedTarget, type: PatchType, patch: Json, options: WriteOptions): Outcome {
    const { kind } = target;
    if (type === 'apply') return this.#apply(target, patch, options);
    if (type === 'strategic' && kind.custom)
      throw unsupportedMediaType('application/strategic-merge-patch+json');
    return this.update(target, options, ({ object }) => {
      if (type === 'json') return decode(jsonPatch(object, patch), target);
      if (!isJsonObject(patch)) throw badRequest('the patch must be a JSON object');
      return decode(
        type === 'merge' ? mergePatch(object, patch) : strategicPatch(object, patch, kind.schema),
        target,
      );
    });
  }

  /** Reads, changes and writes an object in one step. */
  update(target: NamedTarget, options: WriteOptions, change: (live: Stored) => KubeObject): Outcome {
    const { kind } = target;
    const live = this.get(target);
    const wanted = change(live);
    checkLock(kind, wanted, live.object);
    const next = prepareNext(target, wanted, live.object);
    const owned = trackUpdate(live.object, next, kind.schema, this.#writer(target, 'Update', options));
    return { stored: this.#commit(kind, owned, live, options), created: false };
  }

  #apply(target: NamedTarget, body: Json, options: WriteOptions): Outcome {
    const { kind, name, namespace } = target;
    if (options.fieldManager === '')
      throw invalid({ group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }, '', [
        required('fieldManager'),
      ]);
    const intent = readIntent(body, target);
    const writer = { ...this.#writer(target, 'Apply', options), force: options.force === true };
    const live = this.#store.get(kind, namespace, name);
    if (live === undefined) return { stored: this.#applyNew(target, intent, writer, options), created: true };
    checkLock(kind, intent, live.object);
    const applied = mergeApplied(live.object, intent, kind.schema, writer.manager);
    const next = prepareNext(target, applied.object, live.object);
    const owned = trackApply(live.object, { ...applied, object: next }, kind.schema, writer);
    return { stored: this.#commit(kind, owned, live, options), created: false };
  }

  #applyNew(
    target: NamedTarget,
    intent: KubeObject,
    writer: Writer & { readonly force: boolean },
    options: WriteOptions,
  ): Stored {
    const { kind } = target;
    if (target.subresource !== undefined) throw notFound(kind, target.name);
    if (typeof intent.metadata['uid'] === 'string')
      throw conflict(kind, target.name, 'metadata.uid: there is no such object');
    this.#checkNamespace(kind, target.namespace, target.name);
    const applied = mergeApplied(undefined, intent, kind.schema, writer.manager);
    const fresh = prepareNew(target, applied.object, randomUUID(), this.#time());
    validate(kind, fresh, undefined);
    return this.#put(
      kind,
      trackApply(undefined, { ...applied, object: fresh }, kind.schema, writer),
      options,
    );
  }

  /** Deletes, or marks for deletion what still has finalizers. `gone` tells which. */
  remove(target: NamedTarget, options: DeleteOptions): { readonly stored: Stored; readonly gone: boolean } {
    const { kind, name } = target;
    const live = this.get(target);
    checkPreconditions(kind, live, options);
    const marked = this.#marked(live, options);
    if (options.dryRun === true) return { stored: live, gone: marked === undefined };
    if (marked === undefined) return { stored: this.#store.remove(live), gone: true };
    if (live.object.metadata['deletionTimestamp'] !== undefined && isSameState(marked, live.object))
      return { stored: live, gone: false };
    const stored = this.#store.put(kind, marked);
    return { stored: this.#store.get(kind, target.namespace, name) ?? stored, gone: false };
  }

  /** The object as a deletion leaves it, or `undefined` when nothing keeps it. */
  #marked(live: Stored, options: DeleteOptions): KubeObject | undefined {
    const { object, kind } = live;
    const finalizers = new Set(finalizersOf(object));
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    const grace = graceOf(live, options);
    const isNamespace = kindId(kind) === 'namespaces';
    if (finalizers.size === 0 && grace === 0 && !isNamespace) return undefined;
    const { generation, deletionTimestamp } = object.metadata;
    const again = deletionTimestamp !== undefined;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        ...(finalizers.size === 0 ? {} : { finalizers: [...finalizers] }),
        ...(typeof generation === 'number' && !again ? { generation: generation + 1 } : {}),
        deletionTimestamp: deletionTimestamp ?? this.#time(grace * 1000),
        deletionGracePeriodSeconds: grace,
      },
      ...(isNamespace ? { status: { ...objectIn(object, 'status'), phase: 'Terminating' } } : {}),
    };
  }

  #commit(kind: ServedKind, owned: KubeObject, live: Stored, options: WriteOptions): Stored {
    const next = countGeneration(kind, owned, live.object);
    validate(kind, next, live.object);
    if (isSameState(next, live.object)) return live;
    const leaving = next.metadata['deletionTimestamp'] !== undefined && finalizersOf(next).length === 0;
    const finished = leaving && graceLeft(next) === 0 && kindId(kind) !== 'namespaces';
    if (finished && options.dryRun !== true) return this.#store.remove(live);
    return this.#put(kind, next, options);
  }

  #put(kind: ServedKind, object: KubeObject, options: WriteOptions): Stored {
    return options.dryRun === true
      ? new Stored(kind, object, this.#store.version)
      : this.#store.put(kind, object);
  }

  #checkNamespace(kind: ServedKind, namespace: string | undefined, name: string): void {
    if (!kind.namespaced) return;
    const stored = this.#store.get(CORE_KINDS.Namespace, undefined, namespace ?? '');
    if (stored === undefined) throw notFound(CORE_KINDS.Namespace, namespace ?? '');
    if (stored.object.metadata['deletionTimestamp'] === undefined) return;
    const why = `the namespace ${namespace ?? ''} is being terminated, so nothing new can be created in it`;
    throw forbidden(kind, name, why, [
      { reason: 'NamespaceTerminating', message: why, field: 'metadata.namespace' },
    ]);
  }

  #writer(target: Target, operation: 'Apply' | 'Update', options: WriteOptions): Writer {
    return {
      manager: {
        name: options.fieldManager === '' ? 'unknown' : options.fieldManager,
        operation,
        apiVersion: apiVersionOf(target.kind),
        subresource: target.subresource ?? '',
      },
      time: this.#time(),
    };
  }

  /** RFC 3339 in whole seconds, as metadata has it. */
  #time(ahead = 0): string {
    return `${new Date(this.#now() + ahead).toISOString().slice(0, 19)}Z`;
  }
}

export const finalizersOf = (object: KubeObject): readonly string[] => textsIn(object.metadata, 'finalizers');

/** Pods that run somewhere are given time to end; everything else goes at once. */
const graceOf = (live: Stored, options: DeleteOptions): number => {
  if (kindId(live.kind) !== 'pods' || objectIn(live.object, 'spec')['nodeName'] === undefined) return 0;
  return options.gracePeriodSeconds ?? 30;
};
const graceLeft = (object: KubeObject): number => {
  const grace = object.metadata['deletionGracePeriodSeconds'];
  return typeof grace === 'number' ? grace : 0;
};

const withGeneratedName = (object: KubeObject): KubeObject => {
  const prefix = object.metadata['generateName'];
  if (object.metadata.name !== '' || typeof prefix !== 'string' || prefix === '') return object;
  return {
    ...object,
    metadata: { ...object.metadata, name: prefix + randomBytes(4).toString('hex').slice(0, 5) },
  };
};

/** The body of an apply: it must say its kind and name nobody as manager; the status endpoint reads its status alone. */
function readIntent(body: Json, target: NamedTarget): KubeObject {
  const { kind } = target;
  if (!isJsonObject(body)) throw badRequest('an apply must be an object');
  for (const field of ['apiVersion', 'kind'])
    if (typeof body[field] !== 'string' || body[field] === '')
      throw badRequest(`${field}: must be set in an apply`);
  if (objectIn(body, 'metadata')['managedFields'] !== undefined)
    throw badRequest('metadata.managedFields: must not be set in an apply');
  const mistake = firstTypeMistake(body, kind.schema, '');
  if (mistake !== undefined)
    throw internalError(`the apply is not of the type of ${kind.kind}: ${mistake.field} ${mistake.message}`);
  const intent = decode(body, target);
  if (target.subresource !== 'status') return (kind.status ? omit(intent, 'status') : intent) as KubeObject;
  const { name, namespace, resourceVersion, uid } = intent.metadata;
  const metadata = { name, ...defined({ namespace, resourceVersion, uid }) };
  return {
    apiVersion: intent.apiVersion,
    kind: intent.kind,
    metadata,
    ...defined({ status: intent['status'] }),
  };
}

function checkPreconditions(kind: ServedKind, live: Stored, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = live.object.metadata;
  for (const [field, wanted, actual] of [
    ['uid', preconditions?.uid, uid],
    ['resourceVersion', preconditions?.resourceVersion, resourceVersion],
  ] as const)
    if (wanted !== undefined && wanted !== actual)
      throw conflict(
        kind,
        name,
        `the precondition ${field} ${JSON.stringify(wanted)} does not hold, it is ${JSON.stringify(actual)}`,
      );
}
