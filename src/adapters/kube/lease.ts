import { z } from 'zod';
import { faultOf, FaultError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { keyOf } from '../../domain/key.ts';
import { apiVersionOf, RESOURCES } from '../../domain/k8s/resources.ts';
import type { LeaseRecord, LeaseStore } from '../../ports/lease.ts';
import { parseObject } from './objects.ts';
import { collectionPath, objectName, objectPath, queryOf } from './paths.ts';
import type { Call, Transport } from './transport.ts';
import { FIELD_MANAGER } from './writer.ts';

const leaseView = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .nullish(),
});

/** A MicroTime is refused unless it has exactly six digits of a second. */
export const microTime = (time: string): string =>
  time.replace(/^([^.Zz]*?)(?:\.(\d*))?(Z|[+-]\d\d:\d\d)$/, (_, head: string, digits = '', zone: string) => {
    const six = `${String(digits)}000000`.slice(0, 6);
    return `${head}.${six}${zone}`;
  });

const specOf = (record: Omit<LeaseRecord, 'version'>): JsonObject => ({
  holderIdentity: record.holder,
  leaseDurationSeconds: record.durationSeconds,
  acquireTime: microTime(record.acquireTime),
  renewTime: microTime(record.renewTime),
  leaseTransitions: record.transitions,
});

function recordOf(text: string, asked: string): LeaseRecord {
  const read = leaseView.safeParse(parseObject(text, asked));
  if (!read.success)
    throw new FaultError({ code: 'object_invalid', message: `The answer to ${asked} is not a Lease.` });
  const spec = read.data.spec ?? {};
  return {
    holder: spec.holderIdentity ?? '',
    durationSeconds: spec.leaseDurationSeconds ?? 0,
    renewTime: spec.renewTime ?? '',
    acquireTime: spec.acquireTime ?? '',
    transitions: spec.leaseTransitions ?? 0,
    version: read.data.metadata.resourceVersion,
  };
}

/** A Lease object of coordination.k8s.io/v1. Its requests do not wait for the rate limit: a full queue must not cost us the lease. */
export function leaseStore(
  transport: Transport,
  at: { readonly namespace: string; readonly name: string },
): LeaseStore {
  const resource = RESOURCES.Lease;
  const key = keyOf(at.namespace, at.name);
  const about = objectName(resource, key);
  const query = queryOf({ fieldManager: FIELD_MANAGER });
  const send = async (call: Omit<Call, 'about' | 'limited'>): Promise<LeaseRecord> =>
    recordOf(await transport.send({ ...call, about, limited: false }), `${call.verb} ${about}`);
  return {
    name: at.name,
    read: async (signal) => {
      try {
        return await send({ verb: 'get', path: objectPath(resource, key), signal });
      } catch (error) {
        if (faultOf(error).code === 'not_found') return undefined;
        throw error;
      }
    },
    create: (record, signal) =>
      send({
        verb: 'create',
        path: `${collectionPath(resource, at.namespace)}${query}`,
        contentType: 'application/json',
        body: JSON.stringify({
          apiVersion: apiVersionOf(resource),
          kind: resource.kind,
          metadata: { name: at.name, namespace: at.namespace },
          spec: specOf(record),
        }),
        signal,
      }),
    // A merge keeps what others keep in the Lease; the version in it is the lock.
    update: (record, signal) =>
      send({
        verb: 'patch',
        path: `${objectPath(resource, key)}${query}`,
        contentType: 'application/merge-patch+json',
        body: JSON.stringify({ metadata: { resourceVersion: record.version }, spec: specOf(record) }),
        signal,
      }),
  };
}
