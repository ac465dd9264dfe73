import { isJsonObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/k8s/meta.ts';
import { textsIn } from '../fields.ts';
import type { ServedKind } from '../kinds/kind.ts';
import { invalidValue, required, type Cause } from '../status.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;
/** All keys and values of the annotations of one object together, in bytes. */
const ANNOTATIONS_LIMIT = 256 * 1024;

// Names of these kinds become host names, so they are one label of at most 63 characters.
const LABEL_NAMED: ReadonlySet<string> = new Set(['services', 'namespaces']);

function nameMistakes(kind: ServedKind, name: string): Cause[] {
  if (name === '') return [required('metadata.name')];
  const short = LABEL_NAMED.has(kind.plural) && kind.group === '';
  const limit = short ? 63 : 253;
  if (name.length > limit)
    return [invalidValue('metadata.name', name, `must be no more than ${limit} characters`)];
  if ((short ? LABEL : SUBDOMAIN).test(name)) return [];
  return [
    invalidValue(
      'metadata.name',
      name,
      'must consist of lower case letters, digits, "-" or ".", and start and end with a letter or digit (RFC 1123)',
    ),
  ];
}

/** `prefix/name` where the prefix is a domain and the name has at most 63 characters. */
function qualifiedMistake(key: string): string | undefined {
  const slash = key.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix)))
    return 'the prefix must be a domain name';
  if (name.length > 63) return 'the name part must be no more than 63 characters';
  return QUALIFIED.test(name) ? undefined : 'the name part must consist of letters, digits, "-", "_" or "."';
}

function labelMistakes(labels: Json | undefined): Cause[] {
  const causes: Cause[] = [];
  for (const [key, value] of Object.entries(isJsonObject(labels) ? labels : {})) {
    const wrong = qualifiedMistake(key);
    if (wrong !== undefined) causes.push(invalidValue('metadata.labels', key, wrong));
    if (typeof value !== 'string' || value === '') continue;
    if (value.length > 63)
      causes.push(invalidValue('metadata.labels', value, 'must be no more than 63 characters'));
    else if (!QUALIFIED.test(value))
      causes.push(invalidValue('metadata.labels', value, 'must consist of letters, digits, "-", "_" or "."'));
  }
  return causes;
}

function annotationMistakes(annotations: Json | undefined): Cause[] {
  const causes: Cause[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(isJsonObject(annotations) ? annotations : {})) {
    const wrong = qualifiedMistake(key.toLowerCase());
    if (wrong !== undefined) causes.push(invalidValue('metadata.annotations', key, wrong));
    bytes += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  }
  if (bytes > ANNOTATIONS_LIMIT)
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes`,
      field: 'metadata.annotations',
    });
  return causes;
}

const finalizerMistakes = (metadata: JsonObject): Cause[] =>
  textsIn(metadata, 'finalizers').flatMap((finalizer) => {
    const wrong = qualifiedMistake(finalizer);
    return wrong === undefined ? [] : [invalidValue('metadata.finalizers', finalizer, wrong)];
  });

function ownerMistakes(owners: Json | undefined): Cause[] {
  const list = Array.isArray(owners) ? (owners as readonly Json[]).filter(isJsonObject) : [];
  const path = 'metadata.ownerReferences';
  const causes = list.flatMap((owner, i) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((field) => typeof owner[field] !== 'string' || owner[field] === '')
      .map((field) => invalidValue(`${path}[${i}].${field}`, owner[field] ?? '', 'must not be empty')),
  );
  if (list.filter((owner) => owner['controller'] === true).length > 1)
    causes.push(invalidValue(path, list.length, 'only one reference can have controller set to true'));
  return causes;
}

// Names of these may hold any character that can stand in a path.
const FREELY_NAMED: ReadonlySet<string> = new Set(['roles', 'clusterroles']);

/** What is wrong with the metadata of an object that is about to be stored. */
export function metadataMistakes(
  kind: ServedKind,
  object: KubeObject,
  live: KubeObject | undefined,
): Cause[] {
  const { metadata } = object;
  const causes =
    live === undefined && !FREELY_NAMED.has(kind.plural) ? nameMistakes(kind, metadata.name) : [];
  causes.push(
    ...labelMistakes(metadata['labels']),
    ...annotationMistakes(metadata['annotations']),
    ...finalizerMistakes(metadata),
    ...ownerMistakes(metadata['ownerReferences']),
  );
  return causes;
}

/** Metadata that the server keeps for itself, whatever a client sends. */
export const SYSTEM_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
];

/** The metadata that a client sent, with the server's own fields of the live object. */
export function keepSystemFields(metadata: JsonObject, live: JsonObject): JsonObject {
  const kept: Record<string, Json | undefined> = { ...metadata };
  for (const field of SYSTEM_FIELDS) {
    if (live[field] === undefined) Reflect.deleteProperty(kept, field);
    else kept[field] = live[field];
  }
  return kept;
}
