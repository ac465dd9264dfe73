import { faultOf, FaultError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { keyOf, namespaceOf, type Key } from '../../domain/key.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import type { Resource } from '../../domain/k8s/resources.ts';
import type { KubeWriter } from '../../ports/kube.ts';
import { asObject, parseObject } from './objects.ts';
import { collectionPath, objectName, objectPath, queryOf } from './paths.ts';
import type { Call, Transport, Verb } from './transport.ts';

/** The owner of our fields in server-side apply. */
export const FIELD_MANAGER = 'hpa-bridge';

/** Asked right before a write leaves: a process that is no longer the leader must not write. */
export interface WriteGate {
  mayWrite(): boolean;
}

interface Write {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly key: Key;
  readonly path: string;
  readonly body: JsonObject;
  readonly contentType?: string;
  readonly urgent?: boolean;
}

class Writer implements KubeWriter {
  readonly #transport: Transport;
  readonly #gate: WriteGate;

  constructor(transport: Transport, gate: WriteGate) {
    this.#transport = transport;
    this.#gate = gate;
  }

  apply(
    resource: Resource,
    object: KubeObject,
    {
      force,
      subresource,
      urgent,
    }: { readonly force?: boolean; readonly subresource?: 'status'; readonly urgent?: boolean } = {},
  ): Promise<KubeObject> {
    const key = keyOfObject(object);
    const query = queryOf({ fieldManager: FIELD_MANAGER, force: force === true ? true : undefined });
    return this.#write({
      verb: 'apply',
      resource,
      key,
      path: `${objectPath(resource, key, subresource)}${query}`,
      body: object,
      // JSON is YAML, and this name for it is understood by every version that has server-side apply.
      contentType: 'application/apply-patch+yaml',
      urgent: urgent === true,
    });
  }

  merge(
    resource: Resource,
    key: Key,
    body: JsonObject,
    { subresource }: { readonly subresource?: 'status' | 'scale' } = {},
  ): Promise<KubeObject> {
    return this.#write({
      verb: 'patch',
      resource,
      key,
      path: `${objectPath(resource, key, subresource)}${queryOf({ fieldManager: FIELD_MANAGER })}`,
      body,
      contentType: 'application/merge-patch+json',
    });
  }

  create(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const key = keyOfObject(object);
    const path = `${collectionPath(resource, namespaceOf(key))}${queryOf({ fieldManager: FIELD_MANAGER })}`;
    return this.#write({ verb: 'create', resource, key, path, body: object });
  }

  replace(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const key = keyOfObject(object);
    const path = `${objectPath(resource, key)}${queryOf({ fieldManager: FIELD_MANAGER })}`;
    return this.#write({ verb: 'update', resource, key, path, body: object });
  }

  async remove(
    resource: Resource,
    key: Key,
    expected: {
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly propagation?: 'Background' | 'Orphan';
    },
  ): Promise<void> {
    const { uid, resourceVersion, propagation } = expected;
    const body: JsonObject = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy: propagation ?? 'Background',
    };
    try {
      await this.#transport.send(
        this.#call({ verb: 'delete', resource, key, path: objectPath(resource, key), body }),
      );
    } catch (error) {
      const { code } = faultOf(error);
      // A kind that is not served any more has no objects either.
      if (code !== 'not_found' && code !== 'kind_not_served') throw error;
    }
  }

  async #write(write: Write): Promise<KubeObject> {
    const call = this.#call(write);
    const asked = `${call.verb} ${call.about}`;
    return asObject(parseObject(await this.#transport.send(call), asked), write.resource, asked);
  }

  #call({ verb, resource, key, path, body, contentType, urgent }: Write): Call {
    const about = objectName(resource, key);
    return {
      verb,
      path,
      about,
      body: JSON.stringify(body),
      contentType: contentType ?? 'application/json',
      limited: urgent !== true,
      guard: () => {
        if (this.#gate.mayWrite()) return;
        throw new FaultError({
          code: 'not_leader',
          message: `Nothing was sent to ${verb} ${about}: another process may hold the lease.`,
        });
      },
    };
  }
}

const keyOfObject = ({ metadata }: KubeObject): Key => keyOf(metadata.namespace ?? '', metadata.name);

/** Writes through `transport` while the gate says so; `not_leader` otherwise, and then nothing is sent. */
export const kubeWriter = (transport: Transport, gate: WriteGate): KubeWriter => new Writer(transport, gate);
