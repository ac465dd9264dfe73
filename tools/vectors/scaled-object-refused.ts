import { keyOfSetting, SETTINGS, spellings } from '../../src/domain/annotation/table.ts';
import { readJson, type JsonNode } from '../../src/domain/annotation/json-text.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import {
  annotation,
  annotationsIn,
  askedBounds,
  at,
  itemsIn,
  objectIn,
  targetOf,
  textAt,
  upstreamSpec,
} from './scaled-object-case.ts';
import { promqlUnusable } from './scaled-object-promql.ts';
import { isQueryWithoutMetric, withQueryTrigger } from './scaled-object-query.ts';
import {
  addressUnusable,
  anyBehaviorUnusable,
  behaviorIn,
  MODES,
  modifiersUnusable,
  overrideUnusable,
  rulesUnusable,
  triggersUnusable,
} from './scaled-object-unusable.ts';
import { textsOf } from './texts.ts';

/** Why we refuse an annotation from which upstream built something. */
export interface RefusalRule {
  readonly name: string;
  readonly reason: string;
  readonly decision: string;
  /** Whether the recorded case deserves that the annotation `key` is refused; judged by what upstream read or built, not by our words. */
  readonly deserves: (recorded: JsonObject, key: string) => boolean;
}

type Unusable = (spec: JsonObject, recorded: JsonObject) => boolean;

const boundsUnusable: Unusable = (_spec, recorded) => {
  const { minReplicaCount, maxReplicaCount } = askedBounds(recorded);
  return minReplicaCount > maxReplicaCount || maxReplicaCount < 0;
};

/** The trigger that is made of the query and the target, always the first. */
const queryTrigger = (spec: JsonObject): Json | undefined => {
  const [first] = itemsIn(spec, 'triggers');
  return textAt(first, 'type') === 'prometheus' ? first : undefined;
};

const authUnusable: Unusable = (_spec, recorded) => {
  const name = annotation(recorded, 'triggerPrometheusAuthName');
  const kind = annotation(recorded, 'triggerPrometheusAuthKind') ?? 'TriggerAuthentication';
  const modes = annotation(recorded, 'triggerPrometheusAuthModes') ?? '';
  const good = ['TriggerAuthentication', 'ClusterTriggerAuthentication'].includes(kind);
  return (
    name === undefined ||
    name === '' ||
    !good ||
    modes.split(',').some((mode) => !MODES.includes(mode.trim()))
  );
};

/** What is wrong with the part of upstream's object that an annotation stands behind. */
const UNUSABLE: ReadonlyMap<string, Unusable> = new Map<string, Unusable>([
  [
    keyOfSetting('scaledObjectOverride'),
    (_spec, recorded) => overrideUnusable(objectIn(recorded, 'expect', 'scaledObject')),
  ],
  [keyOfSetting('extraPrometheusTriggers'), (spec) => triggersUnusable(itemsIn(spec, 'triggers'))],
  [keyOfSetting('scalingModifiers'), modifiersUnusable],
  [keyOfSetting('hpaScaleUpRules'), (spec) => rulesUnusable(behaviorIn(spec, 'scaleUp'))],
  [keyOfSetting('hpaScaleDownRules'), (spec) => rulesUnusable(behaviorIn(spec, 'scaleDown'))],
  [keyOfSetting('window'), anyBehaviorUnusable],
  [keyOfSetting('metricType'), (spec) => textAt(queryTrigger(spec), 'metricType') === 'Utilization'],
  [keyOfSetting('prometheusQuery'), (spec) => textAt(queryTrigger(spec), 'metadata', 'query').trim() === ''],
  [keyOfSetting('triggerPrometheusAuthName'), authUnusable],
  [keyOfSetting('triggerPrometheusAuthKind'), authUnusable],
  [keyOfSetting('triggerPrometheusAuthModes'), authUnusable],
  [keyOfSetting('minScale'), boundsUnusable],
  [keyOfSetting('maxScale'), boundsUnusable],
  ['metadata.name', (_spec, recorded) => textAt(recorded, 'input', 'pa', 'metadata', 'name').length > 63],
]);

/** The documented spelling of a key. */
function canonical(key: string): string {
  const setting = SETTINGS.find((one) => spellings(one).includes(key));
  return setting === undefined ? key : keyOfSetting(setting);
}

/** Whether the part of `spec` that the annotation `key` stands behind is of no use to KEDA. */
export const unusableByKey = (recorded: JsonObject, key: string, spec: JsonObject): boolean =>
  UNUSABLE.get(canonical(key))?.(spec, recorded) ?? false;

/** The scaled-up rules at the wrong level are empty upstream, whatever they say. */
function oneLevelTooDeep(recorded: JsonObject, key: string): boolean {
  if (key !== keyOfSetting('hpaScaleUpRules') && key !== keyOfSetting('hpaScaleDownRules')) return false;
  const json = readJson(annotationsIn(recorded)[key] ?? '');
  return (
    json.ok &&
    json.value.kind === 'object' &&
    json.value.fields.some(({ name }) => /^(scale(up|down)|behavior)$/i.test(name))
  );
}

function repeatsAField(node: JsonNode): boolean {
  if (node.kind === 'list') return node.items.some(repeatsAField);
  if (node.kind !== 'object') return false;
  const names = node.fields.map(({ name }) => name.toLowerCase());
  return new Set(names).size < names.length || node.fields.some(({ value }) => repeatsAField(value));
}

const PLAIN =
  /\{\{(-(?=\s))?\s*\.(revisionName|namespace|serviceName|configurationName|revisionUID)\s*((?<=\s)-)?\}\}/g;

/** What autoscaler-keda's template makes of names that only we know: it prints `<no value>` for them. */
const unknownFacts = (query: string, labels: Readonly<Record<string, string>>): boolean =>
  [...query.matchAll(PLAIN)].some(
    ([, , name = '']) =>
      !['revisionName', 'namespace'].includes(name) &&
      labels[`serving.knative.dev/${name.replace(/Name$/, '')}`] === undefined,
  );

function targetOutOfRange(recorded: JsonObject): boolean {
  const target = targetOf(recorded);
  if (target === undefined) return false;
  const metric = annotation(recorded, 'metric') ?? (isQueryWithoutMetric(recorded) ? '' : 'cpu');
  const type = annotation(recorded, 'metricType') ?? (metric === 'cpu' ? 'Utilization' : 'AverageValue');
  const percent = (metric === 'cpu' || metric === 'memory') && type === 'Utilization';
  const most = percent ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER / (metric === 'memory' ? 2 ** 20 : 1);
  return !(target >= (percent ? Number.MIN_VALUE : 0.001) && target <= most);
}

const DECISIONS = 'docs/decisions';

/** In the order in which they are asked. */
export const REFUSAL_RULES: readonly RefusalRule[] = [
  {
    name: 'target-out-of-range',
    reason:
      'A target that is not a number above 0, or that KEDA and the HPA cannot count, is refused instead of converted.',
    decision: `${DECISIONS}/0020-exact-targets.md`,
    deserves: (recorded, key) => key === keyOfSetting('target') && targetOutOfRange(recorded),
  },
  {
    name: 'plain-substitution-only',
    reason: 'A query may use the facts of its revision, not a template language.',
    decision: `${DECISIONS}/0021-plain-substitution.md`,
    deserves: (recorded, key) => {
      const query = annotation(recorded, 'prometheusQuery') ?? '';
      const labels = textsOf(at(recorded, 'input', 'pa', 'metadata', 'labels'));
      return (
        key === keyOfSetting('prometheusQuery') &&
        (query.replaceAll(PLAIN, '').includes('{{') || unknownFacts(query, labels))
      );
    },
  },
  {
    name: 'promql-checked',
    reason: 'A query that Prometheus or KEDA cannot read is refused with the place of the mistake.',
    decision: `${DECISIONS}/0062-queries-are-judged-before-they-are-asked.md`,
    deserves: promqlUnusable,
  },
  {
    name: 'usable-address',
    reason:
      'An address that is no http(s) URL with a host, or that holds a password, is refused before KEDA asks it.',
    decision: `${DECISIONS}/0022-prometheus-address.md`,
    deserves: (recorded, key) =>
      key === keyOfSetting('prometheusAddress') && addressUnusable(annotationsIn(recorded)[key] ?? ''),
  },
  {
    name: 'strict-json',
    reason:
      'A field given twice, or rules that stand where they have no effect, are refused instead of merged or dropped.',
    decision: `${DECISIONS}/0023-strict-json.md`,
    deserves: (recorded, key) => {
      const json = readJson(annotationsIn(recorded)[key] ?? '');
      return oneLevelTooDeep(recorded, key) || (json.ok && repeatsAField(json.value));
    },
  },
  {
    name: 'query-needs-target',
    reason: 'A query without a metric is what the revision scales by, so it needs a target.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    deserves: (recorded, key) =>
      key === keyOfSetting('target') && isQueryWithoutMetric(recorded) && targetOf(recorded) === undefined,
  },
  {
    name: 'empty-metric',
    reason: 'A metric that is there and empty names nothing, whatever stands beside it.',
    decision: `${DECISIONS}/0027-signals-beyond-upstream.md`,
    deserves: (recorded, key) => key === keyOfSetting('metric') && annotation(recorded, 'metric') === '',
  },
  {
    name: 'refused-early',
    reason:
      'What KEDA or the HPA would refuse is refused with a sentence on the PodAutoscaler, and what works stays.',
    decision: `${DECISIONS}/0024-refused-early.md`,
    deserves: (recorded, key) =>
      unusableByKey(recorded, key, withQueryTrigger(recorded, upstreamSpec(recorded))),
  },
];
