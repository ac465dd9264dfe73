import { parseAutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { parseKedaConfig } from '../../src/domain/config/keda.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../src/domain/config/live.ts';
import { keyOfSetting } from '../../src/domain/annotation/table.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { keyOf } from '../../src/domain/key.ts';
import { podAutoscalerView, type PodAutoscaler } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { intentOf } from '../../src/domain/plan/intent-of.ts';
import { scaledObjectFor } from '../../src/domain/plan/scaled-object.ts';
import type { World } from '../../src/domain/plan/world.ts';
import { instant } from '../../src/domain/time.ts';
import type { Mistake } from '../../src/domain/annotation/mistake.ts';
import type { Outcome, Replay } from './replay.ts';
import { annotationsIn, at, itemsIn, objectIn, textAt, upstreamSpec } from './scaled-object-case.ts';
import { SCALED_OBJECT_DIFFERENCES } from './scaled-object-differences.ts';
import { textsOf } from './texts.ts';
import { NOTHING_SEEN } from '../../src/domain/zero/seen.ts';

const API_VERSION = 'keda.sh/v1alpha1';

/** Everything that the recorded case uses is allowed: upstream has no lists, and what they refuse is tested elsewhere. */
function openLists(
  recorded: JsonObject,
): Pick<LiveConfig['bridge'], 'allowedPrometheusAddresses' | 'allowedTriggerTypes'> {
  const triggers = itemsIn(upstreamSpec(recorded), 'triggers');
  const addresses = [
    annotationsIn(recorded)[keyOfSetting('prometheusAddress')],
    ...triggers.map((trigger) => textsOf(at(trigger, 'metadata'))['serverAddress']),
  ];
  const types = triggers.map((trigger) => at(trigger, 'type'));
  const texts = (values: readonly (Json | undefined)[]): readonly string[] =>
    values.filter((value) => typeof value === 'string' && value !== '').map(String);
  return {
    allowedPrometheusAddresses: texts(addresses),
    allowedTriggerTypes: ['prometheus', ...texts(types)],
  };
}

/**
 * The world as a strict drop-in would see it: KEDA builds all scalers, no metric means cpu, and the revision has started, so that the
 * initial scale plays no part. Whether a ScaledObject is wanted at all is not asked by the recorded function.
 */
function worldOf(recorded: JsonObject, pa: PodAutoscaler, config: LiveConfig): World {
  const annotations = Object.fromEntries(
    Object.entries(pa.metadata.annotations).filter(([key]) => key !== keyOfSetting('scaledObjectAutoCreate')),
  );
  return {
    key: keyOf(pa.metadata.namespace, pa.metadata.name),
    at: instant(0),
    pa,
    revision: { metadata: { ...pa.metadata, annotations } },
    config: {
      ...config,
      keda: { ...config.keda, scaledObjectAutocreate: true },
      bridge: { ...config.bridge, backend: 'keda', signalWithoutMetric: 'cpu', ...openLists(recorded) },
    },
    kedaServed: true,
    scaledObject: undefined,
    hpa: undefined,
    sks: undefined,
    deployment: undefined,
    readyPods: 1,
    externalMetrics: { state: 'ours' },
    measured: undefined,
    pods: undefined,
    ...NOTHING_SEEN,
  };
}

const STARTED = { conditions: [{ type: 'ScaleTargetInitialized', status: 'True' }] };

/** What we answer: `{object}`, `{refused: [[key, message], ...]}`, `{notScaledByKeda: signal}` or `{configRefused: key}`. */
export function answerTo(recorded: JsonObject): JsonObject {
  const input = objectIn(recorded, 'input');
  const autoscaler = parseAutoscalerConfig(textsOf(input['configAutoscaler']));
  if (!autoscaler.ok) return { configRefused: 'config-autoscaler' };
  const keda = parseKedaConfig(textsOf(input['configAutoscalerKeda']));
  if (!keda.ok) return { configRefused: 'config-autoscaler-keda' };
  const pa = podAutoscalerView.parse({ ...objectIn(input, 'pa'), status: STARTED });
  const config = { ...LIVE_DEFAULTS, autoscaler: autoscaler.value, keda: keda.value };
  const intended = intentOf(worldOf(recorded, pa, config));
  if (!intended.ok) return refusals(intended.error);
  const { intent, backend } = intended.value;
  if (backend !== 'keda') return { notScaledByKeda: intent.signal.from };
  const built = scaledObjectFor(intent);
  return built.ok ? { object: built.value.object } : refusals(built.error);
}

const refusals = (mistakes: readonly Mistake[]): JsonObject => ({
  refused: mistakes.filter(({ effect }) => effect === 'refused').map(({ key, message }) => [key, message]),
});

/** What upstream answered, in the words of `answerTo`. Go always writes `status: {}` and `scalingModifiers: {}`, and never the kind. */
export function recordedAnswer(recorded: JsonObject): JsonObject {
  const expect = objectIn(recorded, 'expect');
  switch (expect['kind']) {
    case 'object':
      return { object: normalised(objectIn(expect, 'scaledObject')) };
    case 'configError':
      return { configRefused: expect['configMap'] ?? '' };
    default:
      return {
        refused: [[keyOfError(textAt(expect, 'errorClass')), textAt(expect, 'error')]],
      };
  }
}

function normalised(object: JsonObject): JsonObject {
  const { status, ...rest } = object;
  const spec = objectIn(rest, 'spec');
  const advanced = objectIn(spec, 'advanced');
  const { scalingModifiers, ...others } = advanced;
  const noModifiers = sameJson(scalingModifiers, {});
  return {
    apiVersion: API_VERSION,
    kind: 'ScaledObject',
    ...rest,
    ...(sameJson(status, {}) ? {} : { status }),
    spec: { ...spec, advanced: noModifiers ? others : advanced },
  };
}

/** Which annotation an error of upstream is about: its texts begin with one of these. */
const ERRORS: readonly (readonly [start: string, ...keys: readonly string[]])[] = [
  ['unable to unmarshal scaled object override', keyOfSetting('scaledObjectOverride')],
  ['unable to unmarshal scaling modifiers', keyOfSetting('scalingModifiers')],
  ['unable to unmarshal extra prometheus triggers', keyOfSetting('extraPrometheusTriggers')],
  ['unable to unmarshal scale up rules', keyOfSetting('hpaScaleUpRules')],
  ['unable to unmarshal scale down rules', keyOfSetting('hpaScaleDownRules')],
  ['invalid metric type', keyOfSetting('metricType')],
  ['query is missing', keyOfSetting('prometheusQuery')],
  ['template ', keyOfSetting('prometheusQuery')],
  ['invalid prometheus address', keyOfSetting('prometheusAddress')],
  ['you need to specify the authModes', keyOfSetting('triggerPrometheusAuthModes')],
  ['you need to specify the name', keyOfSetting('triggerPrometheusAuthName')],
  ['invalid auth kind', keyOfSetting('triggerPrometheusAuthKind')],
  ['no triggers', keyOfSetting('target')],
];

const keyOfError = (text: string): string => ERRORS.find(([start]) => text.startsWith(start))?.[1] ?? '';

/** The annotations whose refusal says the same as upstream's: a kind or modes without a name are refused under their own key. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  [keyOfSetting('triggerPrometheusAuthName')]: [
    keyOfSetting('triggerPrometheusAuthKind'),
    keyOfSetting('triggerPrometheusAuthModes'),
  ],
  // A metric that names nothing has neither a query nor triggers.
  [keyOfSetting('prometheusQuery')]: [keyOfSetting('metric')],
  [keyOfSetting('target')]: [keyOfSetting('metric')],
};

/** Both refuse, and one of our sentences is about the annotation that upstream stumbled over first. */
function refuseAlike(expected: JsonObject, actual: JsonObject): boolean {
  const [key] = keysOf(expected);
  const ours = keysOf(actual);
  return key !== undefined && [key, ...(SYNONYMS[key] ?? [])].some((one) => ours.includes(one));
}

const keysOf = (answer: JsonObject): readonly string[] =>
  itemsIn(answer, 'refused').map((refusal) => (Array.isArray(refusal) ? String(refusal[0]) : ''));

function outcome(recorded: JsonObject): Outcome {
  const expected = recordedAnswer(recorded);
  const actual = answerTo(recorded);
  if (sameJson(expected, actual) || refuseAlike(expected, actual)) return { is: 'same' };
  const rule = SCALED_OBJECT_DIFFERENCES.find((one) => one.explains(recorded, expected, actual));
  return rule === undefined ? { is: 'different', expected, actual } : { is: 'intended', rule: rule.name };
}

/** autoscaler-keda's `DesiredScaledObject`: a PodAutoscaler and two ConfigMaps in, a ScaledObject or an error out. */
export const SCALED_OBJECT_REPLAY: Replay = {
  knows: (head) => head['schema'] === 'autoscaler-keda/DesiredScaledObject/v1',
  run: (recorded) =>
    isJsonObject(recorded['expect']) ? outcome(recorded) : { is: 'different', expected: null, actual: null },
};
