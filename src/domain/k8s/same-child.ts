import { covers, isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { KubeObject, Meta } from './meta.ts';
import { parseQuantity, sameQuantity } from './quantity.ts';
import { APPLIED_HASH } from './write/applied-hash.ts';

/** A child as a cache holds it. */
export interface Child {
  readonly metadata: Meta;
  readonly spec: JsonObject;
}

/** Fields that hold a `resource.Quantity`, which the API server and KEDA write in a form of their own. */
const QUANTITIES: ReadonlySet<string> = new Set(['averageValue', 'value', 'tolerance']);

/** Fields that Knative's webhook drops when they are zero (serving: `omitempty`), which is their default. */
const DROPPED_WHEN_ZERO: ReadonlySet<string> = new Set(['numActivators']);

const quantityIn = (value: Json | undefined): ReturnType<typeof parseQuantity> | undefined =>
  typeof value === 'string' || typeof value === 'number' ? parseQuantity(String(value)) : undefined;

/** `wanted` with each quantity written as `actual` writes it, where both mean the same amount. */
function inTheWordsOf(actual: Json | undefined, wanted: Json | undefined, field = ''): Json | undefined {
  if (Array.isArray(wanted)) {
    const theirs: readonly (Json | undefined)[] = Array.isArray(actual) ? actual : [];
    return wanted.map((item: Json, i) => inTheWordsOf(theirs[i], item) ?? null);
  }
  if (isJsonObject(wanted)) {
    const theirs = isJsonObject(actual) ? actual : {};
    // A null is a field that is not stored.
    const said = Object.entries(wanted).filter(
      ([name, value]) =>
        value !== null && !(value === 0 && theirs[name] === undefined && DROPPED_WHEN_ZERO.has(name)),
    );
    const fields = said.map(([name, value]) => [name, inTheWordsOf(theirs[name], value, name)]);
    return Object.fromEntries(fields) as JsonObject;
  }
  if (!QUANTITIES.has(field)) return wanted;
  const [theirs, ours] = [quantityIn(actual), quantityIn(wanted)];
  return theirs?.ok === true && ours?.ok === true && sameQuantity(theirs.value, ours.value) ? actual : wanted;
}

const fieldOf = (object: KubeObject, field: string): Json | undefined => object[field];

/**
 * True when nothing has to be written: the same content was applied last, and nobody has changed a field of it since. What others added
 * (defaults, finalizers, labels) does not count; a quantity written differently does not count either.
 */
export function isAsApplied(actual: Child, wanted: KubeObject): boolean {
  const { labels, annotations, ownerReferences } = wanted.metadata;
  const owners = Array.isArray(ownerReferences) ? (ownerReferences as readonly Json[]) : [];
  return (
    hashOf(wanted) === actual.metadata.annotations[APPLIED_HASH] &&
    covers(actual.metadata.labels, labels) &&
    covers(actual.metadata.annotations, annotations) &&
    owners.every((owner) => actual.metadata.ownerReferences.some((held) => covers({ ...held }, owner))) &&
    covers(actual.spec, inTheWordsOf(actual.spec, fieldOf(wanted, 'spec')))
  );
}

const hashOf = ({ metadata }: KubeObject): Json | undefined =>
  isJsonObject(metadata.annotations) ? metadata.annotations[APPLIED_HASH] : undefined;

/** Keys that Knative's own words start with: on a child of ours nobody else writes them. */
const OURS = ['autoscaling.knative.dev/', 'serving.knative.dev/'] as const;

const goneKeys = (actual: Readonly<Record<string, string>>, wanted: Json | undefined): JsonObject =>
  Object.fromEntries(
    Object.keys(actual)
      .filter((key) => OURS.some((prefix) => key.startsWith(prefix)))
      .filter((key) => !isJsonObject(wanted) || wanted[key] === undefined)
      .map((key) => [key, null]),
  );

/** What the API server fills in beside a field that we do send, and would fill in again. */
const FILLED_IN: ReadonlySet<string> = new Set(['policies', 'selectPolicy']);

function goneFields(actual: JsonObject, wanted: Json | undefined): JsonObject {
  const gone: Record<string, Json> = {};
  for (const [field, value] of Object.entries(actual)) {
    const want = isJsonObject(wanted) ? wanted[field] : undefined;
    if (want === undefined) {
      if (!FILLED_IN.has(field) && !isEmpty(value)) gone[field] = null;
    } else if (isJsonObject(value)) {
      const inside = goneFields(value, want);
      if (!isEmpty(inside)) gone[field] = inside;
    }
  }
  return gone;
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || (isJsonObject(value) && Object.keys(value).length === 0);

/**
 * A merge patch, without the lock, that removes what `actual` says beyond `wanted`: spec fields, and labels and annotations in Knative's
 * name. Apply alone would leave them where another field manager holds them too, as the program does that made the object before us.
 * Undefined when there is nothing to remove.
 */
export function leftovers(actual: Child, wanted: KubeObject): JsonObject | undefined {
  const metadata = {
    labels: goneKeys(actual.metadata.labels, wanted.metadata.labels),
    annotations: goneKeys(actual.metadata.annotations, wanted.metadata.annotations),
  };
  const spec = goneFields(actual.spec, fieldOf(wanted, 'spec'));
  const parts: JsonObject = {
    ...(isEmpty(metadata.labels) && isEmpty(metadata.annotations)
      ? {}
      : { metadata: Object.fromEntries(Object.entries(metadata).filter(([, keys]) => !isEmpty(keys))) }),
    ...(isEmpty(spec) ? {} : { spec }),
  };
  return isEmpty(parts) ? undefined : parts;
}
