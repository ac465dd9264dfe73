import { keyOfSetting, presentKey, type Setting } from '../../src/domain/annotation/table.ts';
import { parseInt32 } from '../../src/domain/go/parse-int.ts';
import { sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { without } from './reconcile-cluster.ts';
import { at, itemsIn, objectIn, textAt } from './scaled-object-case.ts';
import { numberOf, textsOf } from './texts.ts';

// What a recorded case holds, told without the planner, so that a rule about a difference does not repeat what it judges.

export const objectOf = (recorded: JsonObject, kind: string): Json | undefined =>
  itemsIn(recorded, 'input', 'objects').find((object) => textAt(object, 'kind') === kind);

export const annotationOf = (recorded: JsonObject, setting: Setting): string | undefined => {
  const annotations = textsOf(at(objectOf(recorded, 'PodAutoscaler'), 'metadata', 'annotations'));
  return annotations[presentKey(annotations, setting) ?? keyOfSetting(setting)];
};

export const configOf = (recorded: JsonObject, map: string, key: string): string | undefined =>
  textsOf(at(recorded, 'input', 'config', map))[key];

export const isKeda = (recorded: JsonObject): boolean => recorded['reconciler'] === 'autoscaler-keda';

const uidOf = (object: Json | undefined): string => textAt(object, 'metadata', 'uid');

export const ownerOf = (object: Json | undefined): Json | undefined =>
  itemsIn(object, 'metadata', 'ownerReferences').find((owner) => at(owner, 'controller') === true);

export type Whose = 'absent' | 'ours' | 'foreign';

export function whose(recorded: JsonObject, kind: string): Whose {
  const object = objectOf(recorded, kind);
  if (object === undefined) return 'absent';
  const pa = uidOf(objectOf(recorded, 'PodAutoscaler'));
  return textAt(ownerOf(object), 'uid') === pa ? 'ours' : 'foreign';
}

/** The stored status of the PodAutoscaler. */
export const storedStatus = (recorded: JsonObject): JsonObject =>
  objectIn(objectOf(recorded, 'PodAutoscaler'), 'status');

/** A stored condition without its type and time. */
export function storedCondition(recorded: JsonObject, type: string): JsonObject | undefined {
  const found = itemsIn(storedStatus(recorded), 'conditions').find((one) => textAt(one, 'type') === type);
  return found === undefined ? undefined : without(objectIn(found), 'type', 'lastTransitionTime');
}

const count = (text: string | undefined): number | undefined => {
  const parsed = parseInt32(text ?? '');
  return parsed.ok ? parsed.value : undefined;
};

export function minimum(recorded: JsonObject): number {
  const pa = objectOf(recorded, 'PodAutoscaler');
  if (textAt(pa, 'spec', 'reachability') === 'Unreachable') return 0;
  const configured = count(configOf(recorded, 'config-autoscaler', 'min-scale')) ?? 0;
  return count(annotationOf(recorded, 'minScale')) ?? configured;
}

export function initial(recorded: JsonObject): number {
  const configured = count(configOf(recorded, 'config-autoscaler', 'initial-scale')) ?? 1;
  const own = count(annotationOf(recorded, 'initialScale'));
  const zeroAllowed = configOf(recorded, 'config-autoscaler', 'allow-zero-initial-scale') === 'true';
  return own === undefined || (own === 0 && !zeroAllowed) ? configured : own;
}

export const pods = (recorded: JsonObject): number =>
  numberOf(at(objectOf(recorded, 'HorizontalPodAutoscaler'), 'status', 'currentReplicas'));

const NOT_READY = { status: 'Unknown', reason: 'NotReady', message: 'SKS Services are not ready yet' };

/** Upstream's view of the ServerlessService, taken whatever else happened: the part of the status that depends on it and on the pods. */
export interface Followed {
  readonly serviceName: string;
  readonly metricsServiceName: string;
  readonly SKSReady: JsonObject;
  readonly ScaleTargetInitialized: JsonObject;
}

/** Ready, and for the generation that is in force. */
const isReady = (sks: Json | undefined): boolean =>
  itemsIn(sks, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True',
  ) && numberOf(at(sks, 'status', 'observedGeneration')) === numberOf(at(sks, 'metadata', 'generation'));

function sksReady(recorded: JsonObject, ready: boolean): JsonObject {
  if (whose(recorded, 'ServerlessService') === 'foreign')
    return storedCondition(recorded, 'SKSReady') ?? { status: 'Unknown' };
  return ready ? { status: 'True' } : NOT_READY;
}

export function followed(recorded: JsonObject): Followed {
  const sks = objectOf(recorded, 'ServerlessService');
  const ours = whose(recorded, 'ServerlessService') === 'ours' ? sks : undefined;
  const stored = storedStatus(recorded);
  const serviceName = textAt(ours, 'status', 'serviceName') || textAt(stored, 'serviceName');
  const was = storedCondition(recorded, 'ScaleTargetInitialized') ?? { status: 'Unknown' };
  const enough = pods(recorded) >= Math.max(minimum(recorded), initial(recorded));
  const reached = isReady(ours) && serviceName !== '' && enough;
  return {
    serviceName,
    metricsServiceName: textAt(ours, 'status', 'privateServiceName') || textAt(stored, 'metricsServiceName'),
    SKSReady: sksReady(recorded, isReady(ours)),
    ScaleTargetInitialized: reached || was['status'] === 'True' ? { status: 'True' } : was,
  };
}

export const isStarted = (recorded: JsonObject): boolean =>
  sameJson(followed(recorded).ScaleTargetInitialized, { status: 'True' });

/** What Ready must be beside these dependents: the worst of them, in words of one of the worst. */
export function isReadyOf(ready: Json | undefined, dependents: readonly (Json | undefined)[]): boolean {
  const worst = ['False', 'Unknown', 'True'].find((status) =>
    dependents.some((one) => textAt(one, 'status') === status),
  );
  return dependents.some((one) => textAt(one, 'status') === worst && sameJson(one, ready));
}
