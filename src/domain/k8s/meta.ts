import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import { keyOf, type Key } from '../key.ts';

/** A reference to the owner of an object, as in `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** The part of ObjectMeta that we read. */
export interface Meta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Opaque: only ever compared for equality. */
  readonly resourceVersion: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly OwnerReference[];
  readonly deletionTimestamp?: string | undefined;
}

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

/** zod view of `metadata`. Unknown fields are dropped: stores keep only what somebody reads. */
export const metaView = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  generation: z.number().default(0),
  labels: texts,
  annotations: texts,
  ownerReferences: z
    .array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().optional(),
        blockOwnerDeletion: z.boolean().optional(),
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
  deletionTimestamp: z.string().optional(),
}) satisfies z.ZodType<Meta>;

/** Anything that carries metadata. */
export interface HasMeta {
  readonly metadata: Meta;
}

/** A whole object as the API server sends or takes it. */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string };
}

export const keyOfMeta = (meta: Pick<Meta, 'namespace' | 'name'>): Key => keyOf(meta.namespace, meta.name);

/** The owner with `controller: true`, if there is one. */
export const controllerOf = (meta: Meta): OwnerReference | undefined =>
  meta.ownerReferences.find((owner) => owner.controller === true);

/** True when the object's controller has this uid. */
export const isControlledBy = (meta: Meta, uid: string): boolean => controllerOf(meta)?.uid === uid;
