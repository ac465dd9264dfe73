import { keyOfSetting } from '../../src/domain/annotation/table.ts';
import { parseDuration } from '../../src/domain/go/duration.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { decimalText } from '../../src/domain/k8s/decimal.ts';
import { quantityOfMebibytes, quantityOfNumber } from '../../src/domain/k8s/quantity.ts';
import type { IntendedDifference } from './replay.ts';
import {
  annotation,
  askedBounds,
  at,
  isOverridden,
  itemsIn,
  objectIn,
  targetOf,
  textAt,
} from './scaled-object-case.ts';
import {
  derivedQueryOf,
  isQueryWithoutMetric,
  specWithDerivedQuery,
  withQueryTrigger,
} from './scaled-object-query.ts';
import { REFUSAL_RULES, unusableByKey } from './scaled-object-refused.ts';
import { addressUnusable } from './scaled-object-unusable.ts';
import { textsOf } from './texts.ts';

/** How we build what upstream also builds: upstream's object in, ours out. */
interface Rewrite {
  readonly name: string;
  readonly reason: string;
  readonly decision: string;
  readonly rewritten: (recorded: JsonObject, object: JsonObject) => JsonObject;
}

const DECISIONS = 'docs/decisions';
const withSpec = (object: JsonObject, changed: JsonObject): JsonObject => ({
  ...object,
  spec: { ...objectIn(object, 'spec'), ...changed },
});

/** Changes the metadata of the trigger that upstream makes of the target, if it makes one. */
function withDefaultTrigger(
  recorded: JsonObject,
  object: JsonObject,
  change: (trigger: JsonObject, target: number) => Readonly<Record<string, string>>,
): JsonObject {
  const [first, ...rest] = itemsIn(object, 'spec', 'triggers');
  const target = targetOf(recorded);
  if (isOverridden(recorded) || !isJsonObject(first) || target === undefined || !Number.isFinite(target))
    return object;
  const metadata = { ...textsOf(first['metadata']), ...change(first, target) };
  return withSpec(object, { triggers: [{ ...first, metadata }, ...rest] });
}

const SUFFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

function withoutSuffix(threshold: string): string {
  const zeros = SUFFIXES.indexOf(/[kMGTPE]?$/.exec(threshold)?.[0] ?? '') * 3;
  return threshold.replace(/[kMGTPE]$/, '') + '0'.repeat(zeros);
}

function exactText({ type, metricType }: JsonObject, target: number): Readonly<Record<string, string>> {
  if (type === 'prometheus') return Number.isInteger(target) ? {} : { threshold: decimalText(target) };
  if (metricType !== 'AverageValue') return {};
  return { value: type === 'memory' ? quantityOfMebibytes(target) : quantityOfNumber(target) };
}

const isZero = (value: Json | undefined): boolean =>
  value === 0 ||
  value === '' ||
  value === false ||
  value === null ||
  (isJsonObject(value) && Object.values(value).every(isZero));

/** The typed object, with what its type dropped put back, and without the zeroes that its type put in. */
function untyped(typed: Json | undefined, raw: Json | undefined): Json | undefined {
  if (raw === undefined || raw === null) return isZero(typed) ? undefined : typed;
  if (typed === undefined) return raw;
  if (Array.isArray(typed) && Array.isArray(raw))
    return typed.map((item: Json, i) => untyped(item, raw[i] as Json) ?? null);
  if (!isJsonObject(typed) || !isJsonObject(raw)) return typed;
  const fields = [...new Set([...Object.keys(typed), ...Object.keys(raw)])];
  return Object.fromEntries(fields.map((field) => [field, untyped(typed[field], raw[field])]));
}

function rawOverride(recorded: JsonObject, object: JsonObject): JsonObject {
  if (!isOverridden(recorded)) return object;
  const raw = JSON.parse(annotation(recorded, 'scaledObjectOverride') ?? '') as Json;
  const { name, namespace, labels, annotations, ownerReferences } = objectIn(object, 'metadata');
  const spec = untyped(objectIn(object, 'spec'), objectIn(raw, 'spec'));
  const { idleReplicaCount, minReplicaCount, ...rest } = isJsonObject(spec) ? spec : {};
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, namespace, labels, annotations, ownerReferences },
    spec: {
      ...rest,
      ...(Number(idleReplicaCount ?? 0) > 0 ? { idleReplicaCount } : {}),
      minReplicaCount:
        Number(minReplicaCount ?? 0) > 0 ? minReplicaCount : askedBounds(recorded).minReplicaCount,
    },
  };
}

/** The query, filled in anew where it names what upstream does not know; elsewhere upstream's. */
function withMoreFacts(recorded: JsonObject, theirs: string): string {
  const template = annotation(recorded, 'prometheusQuery') ?? '';
  const { name = '', namespace = '' } = textsOf(at(recorded, 'input', 'pa', 'metadata'));
  const label = (of: string): string =>
    textAt(recorded, 'input', 'pa', 'metadata', 'labels', `serving.knative.dev/${of}`);
  const facts = new Map([
    ['namespace', namespace],
    ['serviceName', label('service')],
    ['configurationName', label('configuration')],
    ['revisionUID', label('revisionUID')],
  ]);
  const named = template.replaceAll(
    /\{\{\s*\.(\w+)\s*\}\}/g,
    (whole: string, fact: string) => facts.get(fact) ?? whole,
  );
  return named === template ? theirs : named.replaceAll(/\{\{\s*\.revisionName\s*\}\}/g, name);
}

const REWRITES: readonly Rewrite[] = [
  {
    name: 'raw-override',
    reason:
      'An override keeps fields that no Go type knows; its metadata and status never count, and where it names no minimum, min-scale holds.',
    decision: `${DECISIONS}/0025-raw-override.md`,
    rewritten: rawOverride,
  },
  {
    name: 'query-without-metric',
    reason: 'A query without a metric is what the revision scales by; upstream would take cpu.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    rewritten: (recorded, object) => ({
      ...object,
      spec: withQueryTrigger(recorded, objectIn(object, 'spec')),
    }),
  },
  {
    name: 'more-facts',
    reason: 'A query may also name its namespace, service, configuration and the UID of its revision.',
    decision: `${DECISIONS}/0021-plain-substitution.md`,
    rewritten: (recorded, object) =>
      withDefaultTrigger(recorded, object, ({ type, metadata }) =>
        type === 'prometheus' ? { query: withMoreFacts(recorded, textsOf(metadata)['query'] ?? '') } : {},
      ),
  },
  {
    name: 'plain-threshold',
    reason: 'A threshold is a plain number: KEDA cannot read 1k.',
    decision: `${DECISIONS}/0020-exact-targets.md`,
    rewritten: (recorded, object) =>
      withDefaultTrigger(recorded, object, ({ type, metadata }) =>
        type === 'prometheus' ? { threshold: withoutSuffix(textsOf(metadata)['threshold'] ?? '') } : {},
      ),
  },
  {
    name: 'exact-target',
    reason: 'Fractions of a target survive.',
    decision: `${DECISIONS}/0020-exact-targets.md`,
    rewritten: (recorded, object) => withDefaultTrigger(recorded, object, exactText),
  },
  {
    name: 'empty-is-not-zero',
    reason:
      'KEDA is told that a query without a result has no value; by itself it would take it for zero and scale down.',
    decision: `${DECISIONS}/0077-empty-is-not-zero-for-keda-either.md`,
    rewritten: (recorded, object) =>
      withDefaultTrigger(recorded, object, ({ type }) =>
        type === 'prometheus' ? { ignoreNullValues: 'false' } : {},
      ),
  },
  {
    name: 'memory-in-percent',
    reason: 'With the metric type Utilization the target of memory is a percentage, not MiB.',
    decision: `${DECISIONS}/0020-exact-targets.md`,
    rewritten: (recorded, object) =>
      withDefaultTrigger(recorded, object, ({ type, metricType }, target) =>
        type === 'memory' && metricType === 'Utilization' ? { value: String(Math.ceil(target)) } : {},
      ),
  },
  {
    name: 'at-least-one-replica',
    reason: 'KEDA never takes the last pod: a request could not wake the revision.',
    decision: `${DECISIONS}/0026-at-least-one-replica.md`,
    rewritten: (_recorded, object) => atLeastOne(object),
  },
];

/** A rewrite explains a case when all rewrites together turn upstream's object into ours and it has a part in it. */
const rewriting = ({ name, reason, decision, rewritten }: Rewrite): IntendedDifference => ({
  name,
  reason,
  decision,
  explains: (recorded, expected, actual) => {
    const theirs = at(expected, 'object');
    if (!isJsonObject(theirs)) return false;
    const ours = REWRITES.reduce((object, rewrite) => rewrite.rewritten(recorded, object), theirs);
    return sameJson(ours, at(actual, 'object')) && !sameJson(rewritten(recorded, theirs), theirs);
  },
});

const refusedKeys = (answer: Json): readonly string[] =>
  itemsIn(answer, 'refused').map((refusal) => (Array.isArray(refusal) ? String(refusal[0]) : ''));

/** A refusal rule explains a case when every refusal is deserved by some rule, the first of them by this one. */
const refusing = ({
  name,
  reason,
  decision,
  deserves,
}: (typeof REFUSAL_RULES)[number]): IntendedDifference => ({
  name,
  reason,
  decision,
  explains: (recorded, expected, actual) => {
    const [first, ...rest] = refusedKeys(actual);
    if (at(expected, 'object') === undefined || first === undefined) return false;
    const others = rest.every((key) => REFUSAL_RULES.some((rule) => rule.deserves(recorded, key)));
    return others && deserves(recorded, first);
  },
});

const errorClass = (recorded: JsonObject): string => textAt(recorded, 'expect', 'errorClass');

function asksTheDerivedQuery(recorded: JsonObject, actual: Json): boolean {
  const [first] = itemsIn(actual, 'object', 'spec', 'triggers');
  const { query, threshold } = textsOf(at(first, 'metadata'));
  return (
    textAt(first, 'type') === 'prometheus' &&
    query === derivedQueryOf(recorded) &&
    Number(threshold) === targetOf(recorded)
  );
}

const isMetricName = (name: string): boolean => /^[a-zA-Z_:][\w:]*$/.test(name);

function isNoStabilisation(window: string): boolean {
  const parsed = parseDuration(window);
  return parsed.ok && (parsed.value < 0n || parsed.value >= 3601_000_000_000n);
}

/** Mistakes that can be seen in an annotation alone, whatever upstream stumbled over before it came to them. */
function mistakenAlone(recorded: JsonObject, key: string): boolean {
  if (REFUSAL_RULES.some((rule) => rule.deserves(recorded, key))) return true;
  if (key === keyOfSetting('target')) return targetOf(recorded) === undefined;
  if (key === keyOfSetting('metric')) return !isMetricName(annotation(recorded, 'metric') ?? '');
  if (key === keyOfSetting('window')) return isNoStabilisation(annotation(recorded, 'window') ?? '');
  const spec = specWithDerivedQuery(recorded, askedBounds(recorded));
  return spec === undefined || unusableByKey(recorded, key, spec);
}

const areMistaken = (recorded: JsonObject, actual: Json): boolean => {
  const keys = refusedKeys(actual);
  return keys.length > 0 && keys.every((key) => mistakenAlone(recorded, key));
};

/** The object of an override that upstream dies of: what every override gets, and the override. */
function mended(recorded: JsonObject): JsonObject {
  const pa = objectIn(recorded, 'input', 'pa');
  const { name, namespace, uid, labels, annotations } = objectIn(pa, 'metadata');
  const kind = { apiVersion: 'autoscaling.internal.knative.dev/v1alpha1', kind: 'PodAutoscaler' };
  const ownerReferences = [{ ...kind, name, uid, controller: true, blockOwnerDeletion: true }];
  const built = rawOverride(recorded, {
    metadata: { name, namespace, labels, annotations, ownerReferences },
    spec: {
      scaleTargetRef: objectIn(pa, 'spec', 'scaleTargetRef'),
      maxReplicaCount: askedBounds(recorded).maxReplicaCount,
      advanced: { horizontalPodAutoscalerConfig: { name } },
    },
  });
  return atLeastOne(built);
}

const atLeastOne = (object: JsonObject): JsonObject =>
  withSpec(object, { minReplicaCount: Math.max(1, Number(at(object, 'spec', 'minReplicaCount') ?? 0)) });

/** What upstream does not build at all. */
const ELSEWHERE: readonly IntendedDifference[] = [
  {
    name: 'another-class',
    reason:
      'A PodAutoscaler of another class is never planned; read as one of ours, it has the default metric of ours.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    explains: (recorded) =>
      annotation(recorded, 'class') !== 'hpa.autoscaling.knative.dev' &&
      annotation(recorded, 'metric') === undefined,
  },
  {
    name: 'panic-mended',
    reason: 'An override that makes upstream dereference nil is built, or refused with a sentence.',
    decision: `${DECISIONS}/0025-raw-override.md`,
    explains: (recorded, _expected, actual) =>
      textAt(recorded, 'expect', 'kind') === 'panic' &&
      isOverridden(recorded) &&
      (sameJson(at(actual, 'object'), mended(recorded)) ||
        refusedKeys(actual).includes(keyOfSetting('scaledObjectOverride'))),
  },
  {
    name: 'derived-query',
    reason: 'A metric that is only named is asked for as its rate over the pods of the revision.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    explains: (recorded, _expected, actual) =>
      errorClass(recorded).startsWith('query is missing') &&
      isMetricName(annotation(recorded, 'metric') ?? '') &&
      (asksTheDerivedQuery(recorded, actual) || areMistaken(recorded, actual)),
  },
  {
    name: 'value-of-a-query',
    reason: 'A query without a metric is no cpu: its metric type may be Value.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    explains: (recorded, _expected, actual) =>
      isQueryWithoutMetric(recorded) &&
      errorClass(recorded).startsWith('invalid metric type') &&
      annotation(recorded, 'metricType') === 'Value' &&
      (textAt(itemsIn(actual, 'object', 'spec', 'triggers')[0], 'metricType') === 'Value' ||
        areMistaken(recorded, actual)),
  },
  {
    name: 'another-mistake-first',
    reason:
      'Of several mistakes in different annotations, those of the signal and the bounds are told before the rest.',
    decision: `${DECISIONS}/0024-refused-early.md`,
    explains: (recorded, expected, actual) =>
      refusedKeys(expected).length > 0 && areMistaken(recorded, actual),
  },
  {
    name: 'concurrency-and-rps',
    reason: 'concurrency and rps are measured at the pods, not asked of Prometheus.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    explains: (recorded, _expected, actual) =>
      annotation(recorded, 'prometheusQuery') === undefined &&
      ['concurrency', 'rps'].includes(textAt(actual, 'notScaledByKeda')) &&
      textAt(actual, 'notScaledByKeda') === annotation(recorded, 'metric'),
  },
  {
    name: 'usable-address-in-config',
    reason:
      'A configured address that is no http(s) URL with a host refuses the ConfigMap instead of every query.',
    decision: `${DECISIONS}/0022-prometheus-address.md`,
    explains: (recorded, _expected, actual) =>
      at(actual, 'configRefused') === 'config-autoscaler-keda' &&
      addressUnusable(
        (
          textsOf(at(recorded, 'input', 'configAutoscalerKeda'))['autoscaler.keda.prometheus-address'] ?? ''
        ).trim(),
      ),
  },
];

/** Every way in which our ScaledObject is meant to differ from autoscaler-keda's. */
export const SCALED_OBJECT_DIFFERENCES: readonly IntendedDifference[] = [
  ...ELSEWHERE,
  ...REWRITES.map(rewriting),
  ...REFUSAL_RULES.map(refusing),
];
