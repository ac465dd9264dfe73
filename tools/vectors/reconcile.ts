import { parseAutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import { parseKedaConfig } from '../../src/domain/config/keda.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../src/domain/config/live.ts';
import { keyOfSetting } from '../../src/domain/annotation/table.ts';
import { isJsonObject, sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { keyOfMeta } from '../../src/domain/k8s/meta.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../../src/domain/k8s/read/children.ts';
import { podAutoscalerView } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { plan, planAfterFault } from '../../src/domain/plan/plan.ts';
import type { ChildKind, World } from '../../src/domain/plan/world.ts';
import { instant } from '../../src/domain/time.ts';
import type { Outcome, Replay } from './replay.ts';
import {
  carryOut,
  contentOf,
  without,
  type ChildWrite,
  type Kind,
  type Objects,
} from './reconcile-cluster.ts';
import { explanation } from './reconcile-differences.ts';
import { at, itemsIn, objectIn, textAt } from './scaled-object-case.ts';
import { numberOf, textsOf } from './texts.ts';
import { NOTHING_SEEN } from '../../src/domain/zero/seen.ts';

const isUpstreamHpa = (recorded: JsonObject): boolean => recorded['reconciler'] === 'serving-hpa';

export const objectsOf = (recorded: JsonObject): Objects =>
  Object.fromEntries(
    itemsIn(recorded, 'input', 'objects')
      .filter(isJsonObject)
      .map((object) => [textAt(object, 'kind') as Kind, object]),
  );

/** The ConfigMaps of the case; what the recorded program leaves to us is set to what it does. */
function configOf(recorded: JsonObject): LiveConfig {
  const maps = objectIn(recorded, 'input', 'config');
  const autoscaler = parseAutoscalerConfig(textsOf(maps['config-autoscaler']));
  const keda = parseKedaConfig(textsOf(maps['config-autoscaler-keda']));
  return {
    ...LIVE_DEFAULTS,
    ...(autoscaler.ok ? { autoscaler: autoscaler.value } : {}),
    ...(keda.ok ? { keda: keda.value } : {}),
    bridge: {
      ...LIVE_DEFAULTS.bridge,
      backend: isUpstreamHpa(recorded) ? 'hpa' : 'keda',
      signalWithoutMetric: 'cpu',
    },
  };
}

const CLASS = keyOfSetting('class');

/** The world that the objects make; nothing for a PodAutoscaler of another class. No pods are recorded: the HPA's count stands for them. */
export function worldOf(recorded: JsonObject, objects: Objects): World | undefined {
  const raw = objects.PodAutoscaler;
  if (at(raw, 'metadata', 'annotations', CLASS) !== 'hpa.autoscaling.knative.dev') return undefined;
  const pa = podAutoscalerView.parse(raw);
  // A key of another form names nothing.
  if (textAt(recorded, 'input', 'key') !== keyOfMeta(pa.metadata)) return undefined;
  const { ScaledObject, HorizontalPodAutoscaler, ServerlessService } = objects;
  return {
    key: keyOfMeta(pa.metadata),
    at: instant(1_767_225_600_000),
    pa,
    revision: undefined,
    config: configOf(recorded),
    kedaServed: !isUpstreamHpa(recorded),
    scaledObject: ScaledObject === undefined ? undefined : scaledObjectView.parse(ScaledObject),
    hpa:
      HorizontalPodAutoscaler === undefined
        ? undefined
        : horizontalPodAutoscalerView.parse(HorizontalPodAutoscaler),
    sks: ServerlessService === undefined ? undefined : serverlessServiceView.parse(ServerlessService),
    deployment: undefined,
    readyPods: numberOf(at(HorizontalPodAutoscaler, 'status', 'currentReplicas')),
    externalMetrics: { state: 'ours' },
    measured: undefined,
    pods: undefined,
    ...NOTHING_SEEN,
  };
}

/** What came of it: per kind what was written, and the status as it is stored. */
export interface Answer extends JsonObject {
  readonly children: JsonObject;
  readonly status: JsonObject;
}

const CHILDREN: readonly ChildKind[] = ['ScaledObject', 'HorizontalPodAutoscaler', 'ServerlessService'];

/** The net effect on each kind: several writes are one, and one that changes nothing is none. */
function childrenOf(before: Objects, writes: readonly ChildWrite[]): JsonObject {
  const entries = CHILDREN.flatMap((kind): readonly (readonly [string, JsonObject])[] => {
    const mine = writes.filter((write) => write.kind === kind);
    const last = mine.at(-1);
    if (last === undefined) return [];
    const { verb, failed, content } = { ...last, verb: mine[0]?.verb ?? last.verb };
    if (failed) return [[kind, { verb, failed }]];
    const same = before[kind] !== undefined && sameJson({ ...contentOf(kind, before[kind]) }, { ...content });
    return same ? [] : [[kind, { verb, ...content }]];
  });
  return Object.fromEntries(entries);
}

/** Ours beside Knative's: not part of the comparison. */
const OWN_CONDITIONS = ['AnnotationsValid', 'SignalAvailable', 'FallbackActive'];

function statusOf(status: Json | undefined): JsonObject {
  const conditions = itemsIn(status, 'conditions')
    .filter((condition) => !OWN_CONDITIONS.includes(textAt(condition, 'type')))
    .map((condition): readonly [string, JsonObject] => [
      textAt(condition, 'type'),
      without(objectIn(condition), 'type', 'lastTransitionTime'),
    ]);
  return { ...objectIn(status), conditions: Object.fromEntries(conditions) };
}

/** One reconcile, and once more where the first ended in a conflict that passes by itself. */
function answerTo(recorded: JsonObject): Answer {
  const before = objectsOf(recorded);
  const failures = itemsIn(recorded, 'input', 'failures');
  const once = failures.filter((failure) => at(failure, 'times') === 1);
  const always = failures.filter((failure) => at(failure, 'times') !== 1);
  const first = reconciled(recorded, before, failures);
  const last = once.length > 0 ? reconciled(recorded, first.objects, always) : first;
  return {
    children: childrenOf(before, last === first ? first.writes : [...first.writes, ...last.writes]),
    status: statusOf(last.objects.PodAutoscaler?.['status']),
  };
}

function reconciled(
  recorded: JsonObject,
  objects: Objects,
  failures: readonly Json[],
): ReturnType<typeof carryOut> {
  const world = worldOf(recorded, objects);
  if (world === undefined) return { objects, writes: [] };
  const done = carryOut(objects, plan(world).steps, failures);
  if (done.fault === undefined) return done;
  const told = planAfterFault(world, done.fault.step, done.fault.fault);
  return { ...carryOut(done.objects, told, failures), writes: done.writes };
}

function recordedAnswer(recorded: JsonObject): Answer {
  const writes = itemsIn(recorded, 'expect', 'writes').flatMap((write): readonly ChildWrite[] => {
    const kind = CHILDREN.find((one) => one === textAt(write, 'kind'));
    if (kind === undefined) return [];
    const verb = textAt(write, 'verb') as ChildWrite['verb'];
    return [
      {
        kind,
        verb,
        failed: textAt(write, 'failed') !== '',
        content: contentOf(kind, objectIn(write, 'object')),
      },
    ];
  });
  return {
    children: childrenOf(objectsOf(recorded), writes),
    status: statusOf(at(recorded, 'expect', 'paStatus')),
  };
}

function outcomeOf(recorded: JsonObject): Outcome {
  const expected = recordedAnswer(recorded);
  const actual = answerTo(recorded);
  if (sameJson(expected, actual)) return { is: 'same' };
  const rule = explanation(recorded, expected, actual);
  return rule === undefined ? { is: 'different', expected, actual } : { is: 'intended', rule };
}

/** One reconcile of autoscaler-keda or of Knative's HPA autoscaler: objects and failures in, writes and a status out. */
export const RECONCILE_REPLAY: Replay = {
  knows: (head) => head['schema'] === 'autoscaler/reconcile/v1',
  run: outcomeOf,
};
