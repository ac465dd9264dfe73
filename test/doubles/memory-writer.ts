import { FaultError, type Fault } from '../../src/domain/fault.ts';
import { isJsonObject, type JsonObject } from '../../src/domain/json.ts';
import { keyOf, type Key } from '../../src/domain/key.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import type { Resource } from '../../src/domain/k8s/resources.ts';
import type { KubeWriter } from '../../src/ports/kube.ts';

const idOf = (kind: string, key: Key): string => `${kind} ${key}`;

function merged(into: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(into));
  for (const [field, value] of Object.entries(patch)) {
    const before = result.get(field);
    if (value === null) result.delete(field);
    else result.set(field, isJsonObject(value) ? merged(isJsonObject(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(result);
}

/** Objects in memory, with versions that lock. A whole object is what was applied last. */
export class MemoryWriter implements KubeWriter {
  /** By `Kind namespace/name`. */
  readonly objects = new Map<string, KubeObject>();
  /** What writes of a kind fail with, whatever they throw. */
  readonly broken = new Map<string, Error>();
  #version = 100;

  apply(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const { name, namespace = '' } = object.metadata;
    return this.#store(resource, keyOf(namespace, name), object);
  }
  create(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name);
    return this.objects.has(idOf(resource.kind, key))
      ? this.#fail({ code: 'already_exists', message: `${key} exists` })
      : this.#store(resource, key, object);
  }
  replace(resource: Resource, object: KubeObject): Promise<KubeObject> {
    return this.apply(resource, object);
  }

  merge(
    resource: Resource,
    key: Key,
    body: JsonObject,
    options: { readonly subresource?: 'status' | 'scale' } = {},
  ): Promise<KubeObject> {
    const stored = this.objects.get(idOf(resource.kind, key));
    if (stored === undefined) return this.#fail({ code: 'not_found', message: `no ${resource.kind} ${key}` });
    const wanted = isJsonObject(body['metadata']) ? body['metadata']['resourceVersion'] : undefined;
    if (wanted !== undefined && wanted !== stored.metadata['resourceVersion'])
      return this.#fail({ code: 'conflict', message: `${key} has changed` });
    // A sub-resource takes its own part alone.
    const part = options.subresource === 'status' ? { status: body['status'] ?? {} } : body;
    return this.#store(resource, key, merged(stored, part) as KubeObject);
  }

  remove(
    resource: Resource,
    key: Key,
    expected: { readonly uid: string; readonly resourceVersion?: string },
  ): Promise<void> {
    const failure = this.broken.get(resource.kind);
    if (failure !== undefined) return Promise.reject(failure);
    const id = idOf(resource.kind, key);
    const stored = this.objects.get(id);
    if (stored === undefined) return Promise.resolve();
    const { uid, resourceVersion } = stored.metadata;
    if (uid !== expected.uid || (expected.resourceVersion ?? resourceVersion) !== resourceVersion)
      return this.#fail({ code: 'conflict', message: `${key} is another one` });
    this.objects.delete(id);
    return Promise.resolve();
  }

  #store({ kind }: Resource, key: Key, object: KubeObject): Promise<KubeObject> {
    const failure = this.broken.get(kind);
    if (failure !== undefined) return Promise.reject(failure);
    const uid = this.objects.get(idOf(kind, key))?.metadata['uid'] ?? `uid of ${kind} ${key}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String(++this.#version) };
    const stored = { ...object, metadata };
    this.objects.set(idOf(kind, key), stored);
    return Promise.resolve(stored);
  }

  #fail(fault: Fault): Promise<never> {
    return Promise.reject(new FaultError(fault));
  }
}
