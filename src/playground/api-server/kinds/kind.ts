import type { Resource } from '../../../domain/k8s/resources.ts';
import { resourceName } from '../status.ts';
import {
  keyed,
  open,
  setOf,
  struct,
  text,
  texts,
  whole,
  integer,
  flag,
  ANYTHING,
  type Schema,
} from './schema.ts';

/** Where the scale sub-resource finds its numbers. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A LabelSelector object (Deployment) or a string (custom resources). */
  readonly selector: readonly string[];
}

/** All that this server knows about a kind. */
export interface ServedKind extends Resource {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** True for kinds that come from a CustomResourceDefinition. */
  readonly custom: boolean;
  readonly status: boolean;
  readonly scale?: ScalePaths;
  /** Whether the server counts changes of the spec in `metadata.generation`. */
  readonly counted: boolean;
  readonly schema: Schema;
}

/** The identity of a kind whatever its version: `plural.group`. */
export const kindId = (kind: Pick<ServedKind, 'group' | 'plural'>): string => resourceName(kind);

const METADATA: Schema = open({
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: integer,
  labels: texts,
  annotations: texts,
  finalizers: setOf(text),
  ownerReferences: keyed(
    ['uid'],
    whole(
      struct(
        { apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag },
        ['apiVersion', 'kind', 'name', 'uid'],
      ),
    ),
  ),
  managedFields: ANYTHING,
});

/** Puts the parts that every object has around the parts of one kind. */
export const objectSchema = (schema: Schema): Schema => ({
  ...schema,
  type: 'object',
  properties: { ...schema.properties, apiVersion: text, kind: text, metadata: METADATA },
});
