import { parseAutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../src/domain/config/live.ts';
import { sameJson, type JsonObject } from '../../src/domain/json.ts';
import { keyOfMeta } from '../../src/domain/k8s/meta.ts';
import { podAutoscalerView } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { horizontalPodAutoscalerFor } from '../../src/domain/plan/hpa.ts';
import { intentOf } from '../../src/domain/plan/intent-of.ts';
import type { World } from '../../src/domain/plan/world.ts';
import { instant } from '../../src/domain/time.ts';
import type { Mistake } from '../../src/domain/annotation/mistake.ts';
import type { Outcome, Replay } from './replay.ts';
import { objectIn, textAt } from './scaled-object-case.ts';
import { HPA_DIFFERENCES } from './hpa-differences.ts';
import { textsOf } from './texts.ts';
import { NOTHING_SEEN } from '../../src/domain/zero/seen.ts';

/** What a strict drop-in for Knative's HPA autoscaler is configured with. */
export const DROP_IN: LiveConfig['bridge'] = {
  ...LIVE_DEFAULTS.bridge,
  backend: 'hpa',
  signalWithoutMetric: 'cpu',
};

/** The world of a revision that has started, so that the initial scale plays no part: the recorded function does not know it. */
function worldOf(pa: JsonObject, config: LiveConfig): World {
  const started = { conditions: [{ type: 'ScaleTargetInitialized', status: 'True' }] };
  const read = podAutoscalerView.parse({ ...pa, status: started });
  return {
    key: keyOfMeta(read.metadata),
    at: instant(0),
    pa: read,
    revision: undefined,
    config,
    kedaServed: false,
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

/** What we answer: `{object}`, `{refused: [key, ...]}`, `{notScaledByHpa: signal}` or `{configRefused: text}`. */
function answerTo(recorded: JsonObject): JsonObject {
  const input = objectIn(recorded, 'input');
  const autoscaler = parseAutoscalerConfig(textsOf(input['configAutoscaler']));
  if (!autoscaler.ok) return { configRefused: autoscaler.error };
  const config = { ...LIVE_DEFAULTS, autoscaler: autoscaler.value, bridge: DROP_IN };
  const intended = intentOf(worldOf(objectIn(input, 'pa'), config));
  if (!intended.ok) return refusals(intended.error);
  const { intent, backend } = intended.value;
  if (backend !== 'hpa') return { notScaledByHpa: intent.signal.from };
  const built = horizontalPodAutoscalerFor(intent);
  if (!built.ok) return refusals(built.error);
  const { metadata, spec } = built.value.object;
  return { object: { metadata, spec } };
}

const refusals = (mistakes: readonly Mistake[]): JsonObject => ({
  refused: mistakes.filter(({ effect }) => effect === 'refused').map(({ key }) => key),
});

/** What upstream answered, in the words of `answerTo`. Go writes no empty map; the API server reads an absent minimum as 1. */
function recordedAnswer(recorded: JsonObject): JsonObject {
  const expect = objectIn(recorded, 'expect');
  if (expect['kind'] === 'configError') return { configRefused: textAt(expect, 'error') };
  const { metadata, spec } = objectIn(expect, 'hpa');
  return {
    object: {
      metadata: { namespace: '', labels: {}, annotations: {}, ...objectIn(metadata) },
      spec: {
        minReplicas: 1,
        ...objectIn(spec),
        scaleTargetRef: { apiVersion: '', ...objectIn(spec, 'scaleTargetRef') },
      },
    },
  };
}

function outcomeOf(recorded: JsonObject, expected: JsonObject, actual: JsonObject): Outcome {
  if (sameJson(expected, actual)) return { is: 'same' };
  const rule = HPA_DIFFERENCES.find((one) => one.explains(recorded, expected, actual));
  return rule === undefined ? { is: 'different', expected, actual } : { is: 'intended', rule: rule.name };
}

/** Knative's `MakeHPA`: a PodAutoscaler and a ConfigMap in, an HPA out. */
export const HPA_REPLAY: Replay = {
  knows: (head) => head['schema'] === 'serving/MakeHPA/v1',
  run: (recorded) => outcomeOf(recorded, recordedAnswer(recorded), answerTo(recorded)),
};
