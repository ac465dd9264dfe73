import { keyOfSetting } from '../../src/domain/annotation/table.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { quantityOfMebibytes, quantityOfNumber } from '../../src/domain/k8s/quantity.ts';
import type { IntendedDifference } from './replay.ts';
import { annotation, at, itemsIn, objectIn, targetOf, textAt } from './scaled-object-case.ts';

/** How we build what upstream also builds: upstream's HPA in, ours out. */
export interface HpaRewrite {
  readonly name: string;
  readonly reason: string;
  readonly decision: string;
  readonly rewritten: (recorded: JsonObject, object: JsonObject) => JsonObject;
}

const EXTERNAL = 'docs/decisions/0030-one-external-metric.md';
const SAID = 'docs/decisions/0031-mistakes-are-said.md';
const SIGNALS = 'docs/decisions/0027-signals-beyond-upstream.md';

const withMetric = (object: JsonObject, metric: JsonObject): JsonObject => ({
  ...object,
  spec: { ...objectIn(object, 'spec'), metrics: [metric] },
});

const metricIn = (object: Json | undefined): Json | undefined => itemsIn(object, 'spec', 'metrics')[0];

/** A target that survives as it is, in the place where upstream's integer stands. */
function exactTarget(recorded: JsonObject, object: JsonObject): JsonObject {
  const metric = metricIn(object);
  const target = targetOf(recorded);
  if (!isJsonObject(metric) || target === undefined || !Number.isFinite(target)) return object;
  const kind = metric['type'] === 'Pods' ? 'pods' : 'resource';
  const inner = objectIn(metric, kind);
  if (at(inner, 'target', 'type') !== 'AverageValue') return object;
  const averageValue = kind === 'pods' ? quantityOfNumber(target) : quantityOfMebibytes(target);
  return withMetric(object, {
    ...metric,
    [kind]: { ...inner, target: { type: 'AverageValue', averageValue } },
  });
}

function externalMetric(_recorded: JsonObject, object: JsonObject): JsonObject {
  const metric = metricIn(object);
  if (textAt(metric, 'type') !== 'Pods') return object;
  const matchLabels = { 'hpa-bridge.dev/revision': textAt(object, 'metadata', 'name') };
  return withMetric(object, {
    type: 'External',
    external: {
      metric: { name: 'hpa-bridge-query', selector: { matchLabels } },
      target: objectIn(metric, 'pods', 'target'),
    },
  });
}

export const HPA_REWRITES: readonly HpaRewrite[] = [
  {
    name: 'hpa-exact-target',
    reason: 'Fractions of a target survive in the HPA.',
    decision: 'docs/decisions/0020-exact-targets.md',
    rewritten: exactTarget,
  },
  {
    name: 'hpa-external-metric',
    reason: 'A metric that is neither cpu nor memory is a query, which the HPA asks hpa-bridge for.',
    decision: EXTERNAL,
    rewritten: externalMetric,
  },
];

/** Upstream's HPA as we mean it. */
export const ourHpa = (recorded: JsonObject, theirs: JsonObject): JsonObject =>
  HPA_REWRITES.reduce((object, rewrite) => rewrite.rewritten(recorded, object), theirs);

const rewriting = ({ name, reason, decision, rewritten }: HpaRewrite): IntendedDifference => ({
  name,
  reason,
  decision,
  explains: (recorded, expected, actual) => {
    const theirs = at(expected, 'object');
    if (!isJsonObject(theirs)) return false;
    const touched = !sameJson(rewritten(recorded, theirs), theirs);
    return touched && sameJson(ourHpa(recorded, theirs), at(actual, 'object'));
  },
});

const outside = (value: Json | undefined, least: number, most: number): boolean =>
  value !== undefined && !(typeof value === 'number' && value >= least && value <= most);

/** Why we refuse an annotation from which upstream built an HPA, judged by what it built. */
interface Refusal {
  readonly name: string;
  readonly reason: string;
  readonly key: keyof typeof KEYS;
  readonly deserved: (spec: JsonObject, recorded: JsonObject) => boolean;
}

const KEYS = {
  target: [keyOfSetting('target')],
  bounds: [keyOfSetting('minScale'), keyOfSetting('maxScale')],
  window: [keyOfSetting('window')],
  metric: [keyOfSetting('metric')],
} as const;

const LARGEST = 2 ** 31 - 1;
/** Up to here a double knows every whole number. */
const LARGEST_EXACT = Number.MAX_SAFE_INTEGER;

function targetUnusable(_spec: JsonObject, recorded: JsonObject): boolean {
  const target = targetOf(recorded);
  const metric = annotation(recorded, 'metric') ?? 'cpu';
  if (target === undefined) return false;
  if (metric === 'cpu') return !(target > 0 && target <= LARGEST);
  return !(target >= 0.001 && target <= (metric === 'memory' ? LARGEST_EXACT / 2 ** 20 : LARGEST_EXACT));
}

export const HPA_REFUSALS: readonly Refusal[] = [
  {
    name: 'hpa-target-out-of-range',
    reason: 'A target that is not above 0, or that an HPA cannot count, is refused instead of converted.',
    key: 'target',
    deserved: targetUnusable,
  },
  {
    name: 'hpa-target-needed',
    reason: 'A metric of Prometheus needs a target: the API server would scale on 80 percent of cpu instead.',
    key: 'target',
    deserved: (_spec, recorded) =>
      targetOf(recorded) === undefined &&
      !['cpu', 'memory'].includes(annotation(recorded, 'metric') ?? 'cpu'),
  },
  {
    name: 'hpa-bounds-refused',
    reason: 'Bounds that the API server refuses are refused with a sentence.',
    key: 'bounds',
    deserved: ({ minReplicas, maxReplicas }) =>
      outside(maxReplicas, 1, LARGEST) || outside(minReplicas, 1, Number(maxReplicas)),
  },
  {
    name: 'hpa-window-refused',
    reason: 'A window that the API server refuses is refused with a sentence.',
    key: 'window',
    deserved: (spec) => outside(at(spec, 'behavior', 'scaleUp', 'stabilizationWindowSeconds'), 0, 3600),
  },
  {
    name: 'hpa-metric-name-refused',
    reason: 'No query can be derived from a name that PromQL does not take.',
    key: 'metric',
    deserved: (_spec, recorded) => !/^[a-zA-Z_:][\w:]*$/.test(annotation(recorded, 'metric') ?? ''),
  },
];

const deserved = (recorded: JsonObject, expected: Json, key: Json): readonly Refusal[] =>
  HPA_REFUSALS.filter(
    (rule) =>
      (KEYS[rule.key] as readonly Json[]).includes(key) &&
      rule.deserved(objectIn(expected, 'object', 'spec'), recorded),
  );

/** A refusal explains a case when every key that we refuse deserves it, the first by this rule. */
const refusing = ({ name, reason }: Refusal): IntendedDifference => ({
  name,
  reason,
  decision: SAID,
  explains: (recorded, expected, actual) => {
    const [first, ...rest] = itemsIn(actual, 'refused');
    return (
      first !== undefined &&
      deserved(recorded, expected, first).some((rule) => rule.name === name) &&
      rest.every((key) => deserved(recorded, expected, key).length > 0)
    );
  },
});

/** Every way in which our HPA is meant to differ from Knative's. */
export const HPA_DIFFERENCES: readonly IntendedDifference[] = [
  {
    name: 'hpa-concurrency-and-rps',
    reason: 'concurrency and rps are measured at the pods; an HPA could not ask for them.',
    decision: SIGNALS,
    explains: (recorded, _expected, actual) =>
      ['concurrency', 'rps'].includes(annotation(recorded, 'metric') ?? '') &&
      at(actual, 'notScaledByHpa') === annotation(recorded, 'metric'),
  },
  {
    name: 'hpa-another-class',
    reason:
      'A PodAutoscaler of another class is never planned; read as ours, it has the default metric of ours.',
    decision: SIGNALS,
    explains: (recorded, expected, actual) =>
      annotation(recorded, 'class') !== 'hpa.autoscaling.knative.dev' &&
      annotation(recorded, 'metric') === undefined &&
      ['', 'concurrency'].includes(textAt(metricIn(at(expected, 'object')), 'pods', 'metric', 'name')) &&
      textAt(metricIn(at(actual, 'object')), 'resource', 'name') === 'cpu',
  },
  ...HPA_REWRITES.map(rewriting),
  ...HPA_REFUSALS.map(refusing),
];
