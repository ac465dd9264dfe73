import { covers, isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { contentOf, type Kind } from './reconcile-cluster.ts';
import type { Difference, PartRule } from './reconcile-diff.ts';
import { initial, isStarted, objectOf } from './reconcile-facts.ts';
import { ourHpa } from './hpa-differences.ts';
import { lacksAQuery, waitsForTheHpa } from './reconcile-status.ts';
import { SCALED_OBJECT_DIFFERENCES } from './scaled-object-differences.ts';
import { derivedQueryOf } from './scaled-object-query.ts';
import { at, itemsIn, objectIn, textAt } from './scaled-object-case.ts';
import { numberOf } from './texts.ts';

type ChildKind = Exclude<Kind, 'PodAutoscaler'>;

const SYNC = 'docs/decisions/0035-children-kept-in-sync.md';

const kindIn = ({ path }: Difference): ChildKind => (path.split('.')[1] ?? '') as ChildKind;
const fieldIn = ({ path }: Difference): string | undefined => path.split('.')[2];

/** What upstream leaves: what it wrote, or what was there before. */
function leftByUpstream(recorded: JsonObject, difference: Difference): JsonObject {
  const kind = kindIn(difference);
  return difference.expected === undefined
    ? { ...contentOf(kind, objectIn(objectOf(recorded, kind))) }
    : objectIn(difference.expected);
}

const MINIMUM: Readonly<Record<string, string>> = {
  ScaledObject: 'minReplicaCount',
  HorizontalPodAutoscaler: 'minReplicas',
};

/** At least one, and until the revision has started no less than it starts with. */
function withHeldMinimum(recorded: JsonObject, kind: ChildKind, spec: JsonObject): JsonObject {
  const field = MINIMUM[kind];
  if (field === undefined) return spec;
  const unreachable = textAt(objectOf(recorded, 'PodAutoscaler'), 'spec', 'reachability') === 'Unreachable';
  const start = isStarted(recorded) || unreachable ? 1 : initial(recorded);
  const most = numberOf(spec['maxReplicaCount'] ?? spec['maxReplicas']);
  return { ...spec, [field]: Math.min(Math.max(1, numberOf(spec[field]), start), most) };
}

const paMetadata = (recorded: JsonObject, field: 'labels' | 'annotations'): JsonObject =>
  objectIn(objectOf(recorded, 'PodAutoscaler'), 'metadata', field);

/** The labels or annotations of the PodAutoscaler and nothing else of Knative's; what others wrote may stay. */
function inSync(
  recorded: JsonObject,
  kind: ChildKind,
  field: 'labels' | 'annotations',
  actual: Json | undefined,
): boolean {
  const { 'autoscaling.knative.dev/metric': metric, ...rest } = paMetadata(recorded, field);
  const wanted =
    kind === 'ServerlessService' || metric === undefined
      ? rest
      : { ...rest, 'autoscaling.knative.dev/metric': metric };
  const others = Object.keys(objectIn(actual)).filter((key) => wanted[key] === undefined);
  return (
    covers(actual, wanted) &&
    others.every(
      (key) => !key.startsWith('autoscaling.knative.dev/') && !key.startsWith('serving.knative.dev/'),
    )
  );
}

/** A child as a whole: ours beside what upstream leaves, with the fields in which they may differ mended. */
function isMendedChild(
  recorded: JsonObject,
  difference: Difference,
  mended: (spec: JsonObject) => JsonObject = (spec) => spec,
): boolean {
  const kind = kindIn(difference);
  const ours = objectIn(difference.actual);
  const theirs = leftByUpstream(recorded, difference);
  return (
    fieldIn(difference) === undefined &&
    objectOf(recorded, kind) !== undefined &&
    ours['verb'] === 'update' &&
    difference.expected === undefined &&
    sameJson(ours['spec'], withHeldMinimum(recorded, kind, mended(objectIn(theirs, 'spec')))) &&
    inSync(recorded, kind, 'labels', ours['labels']) &&
    inSync(recorded, kind, 'annotations', ours['annotations'])
  );
}

/** The trigger that upstream made of the query, told that an empty result is no zero. */
function withoutNullValues(spec: JsonObject): JsonObject {
  const [first, ...rest] = itemsIn(spec, 'triggers');
  if (!isJsonObject(first) || first['type'] !== 'prometheus') return spec;
  const metadata = { ...objectIn(first, 'metadata'), ignoreNullValues: 'false' };
  return { ...spec, triggers: [{ ...first, metadata }, ...rest] };
}

/** The case in the form of a recorded builder: a PodAutoscaler and ConfigMaps in, an object out. */
function asBuilderCase(recorded: JsonObject, scaledObject: JsonObject): JsonObject {
  const maps = objectIn(recorded, 'input', 'config');
  const pa = objectOf(recorded, 'PodAutoscaler') ?? null;
  return {
    input: {
      pa,
      configAutoscaler: maps['config-autoscaler'],
      configAutoscalerKeda: maps['config-autoscaler-keda'],
    },
    expect: { kind: 'object', scaledObject },
  };
}

/** A spec that differs as the recorded builders of the two scalers do. */
function isBuiltAsMeant(recorded: JsonObject, { path, expected, actual }: Difference): boolean {
  const theirs = {
    metadata: objectIn(objectOf(recorded, 'PodAutoscaler'), 'metadata'),
    spec: objectIn(expected),
  };
  const ours = { ...theirs, spec: objectIn(actual) };
  const builder = asBuilderCase(recorded, theirs);
  if (path === 'children.HorizontalPodAutoscaler.spec')
    return sameJson(
      ours.spec,
      withHeldMinimum(recorded, 'HorizontalPodAutoscaler', objectIn(ourHpa(builder, theirs), 'spec')),
    );
  return (
    path === 'children.ScaledObject.spec' &&
    SCALED_OBJECT_DIFFERENCES.some((rule) => rule.explains(builder, { object: theirs }, { object: ours }))
  );
}

const isCreation = ({ expected, actual }: Difference): boolean =>
  expected === undefined && at(actual, 'verb') === 'create';

const heldByStart = (recorded: JsonObject, { actual }: Difference, kind: ChildKind): boolean =>
  numberOf(at(actual, 'spec', MINIMUM[kind] ?? '') ?? at(actual, MINIMUM[kind] ?? '')) === initial(recorded);

export const RECONCILE_CHILD_RULES: readonly PartRule[] = [
  {
    name: 'initial-scale-is-held',
    reason: 'Until a revision has started, its scaler cannot shrink it below the scale that it starts with.',
    decision: 'docs/decisions/0036-initial-scale-is-held.md',
    claims: (recorded, difference) =>
      !isStarted(recorded) &&
      initial(recorded) > 1 &&
      heldByStart(recorded, difference, kindIn(difference)) &&
      (isMendedChild(recorded, difference) ||
        (fieldIn(difference) === 'spec' &&
          sameJson(
            difference.actual,
            withHeldMinimum(recorded, kindIn(difference), objectIn(difference.expected)),
          ))),
  },
  {
    name: 'a-scaler-keeps-one-replica',
    reason: 'A scaler never takes the last pod: nobody could wake the revision.',
    decision: 'docs/decisions/0026-at-least-one-replica.md',
    claims: (recorded, difference) =>
      fieldIn(difference) === 'spec' &&
      sameJson(
        difference.actual,
        withHeldMinimum(recorded, kindIn(difference), objectIn(difference.expected)),
      ),
  },
  {
    name: 'empty-is-not-zero-in-what-exists',
    reason: 'A ScaledObject that exists is told that a query without a result has no value, too.',
    decision: 'docs/decisions/0077-empty-is-not-zero-for-keda-either.md',
    claims: (recorded, difference) =>
      kindIn(difference) === 'ScaledObject' &&
      !isMendedChild(recorded, difference) &&
      isMendedChild(recorded, difference, withoutNullValues),
  },
  {
    name: 'a-scaler-as-we-build-it',
    reason:
      'A scaler differs as the recorded builders do: exact targets, and queries instead of metrics of pods.',
    decision: 'docs/decisions/0030-one-external-metric.md',
    claims: isBuiltAsMeant,
  },
  {
    name: 'a-named-metric-gets-a-scaler',
    reason:
      'A metric that is only named is asked for by a query that we derive, where upstream finds no query.',
    decision: 'docs/decisions/0027-signals-beyond-upstream.md',
    claims: (recorded, difference) => {
      if (!lacksAQuery(recorded) || !(isCreation(difference) || kindIn(difference) === 'ScaledObject'))
        return false;
      const [trigger] = itemsIn(difference.actual, 'spec', 'triggers');
      return (
        kindIn(difference) === 'ServerlessService' ||
        at(trigger, 'metadata', 'query') === derivedQueryOf(asBuilderCase(recorded, {}))
      );
    },
  },
  {
    name: 'children-are-kept-in-sync',
    reason: 'Labels and annotations of a child follow the PodAutoscaler, not only its spec.',
    decision: SYNC,
    claims: (recorded, difference) => {
      const field = fieldIn(difference);
      if (field === undefined) return isMendedChild(recorded, difference);
      return (
        (field === 'labels' || field === 'annotations') &&
        inSync(recorded, kindIn(difference), field, difference.actual)
      );
    },
  },
  {
    name: 'nothing-is-written-for-defaults',
    reason: 'What the API server fills in is no difference, so an HPA is not written again and again.',
    decision: SYNC,
    claims: (recorded, difference) => {
      const stored = contentOf(kindIn(difference), objectIn(objectOf(recorded, kindIn(difference))));
      return (
        difference.actual === undefined &&
        at(difference.expected, 'verb') === 'update' &&
        covers(stored.spec, at(difference.expected, 'spec'))
      );
    },
  },
  {
    name: 'services-without-waiting',
    reason: 'The ServerlessService is made and mended at once; upstream waits until KEDA has made the HPA.',
    decision: 'docs/decisions/0032-status-follows-the-pods.md',
    claims: (recorded, difference) => {
      const pa = objectOf(recorded, 'PodAutoscaler');
      return (
        difference.path === 'children.ServerlessService' &&
        difference.expected === undefined &&
        waitsForTheHpa(recorded) &&
        sameJson(at(difference.actual, 'spec'), {
          mode: 'Serve',
          objectRef: objectIn(pa, 'spec', 'scaleTargetRef'),
          protocolType: textAt(pa, 'spec', 'protocolType'),
        })
      );
    },
  },
];
