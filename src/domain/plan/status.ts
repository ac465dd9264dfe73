import type { Mistake } from '../annotation/mistake.ts';
import type { BridgeEvent } from '../event.ts';
import { sameJson, type Json, type JsonObject } from '../json.ts';
import {
  beginConditions,
  markAside,
  markFalse,
  markTrue,
  markUnknown,
  withoutCondition,
  type Because,
  type ConditionSet,
} from '../k8s/conditions.ts';
import { conditionOf, type Condition } from '../k8s/read/condition.ts';
import { desiredScaleAfter, withActivity } from '../scale/activity.ts';
import { isKeptByBridge } from '../zero/keeper.ts';
import { EFFECTS } from './few-mistakes.ts';
import { annotationMistaken, mistakeReason, sentenceOf } from './events.ts';
import { hpaOwnership, ownershipOf } from './ownership.ts';
import { OWN_CONDITIONS, SIGNAL_CONDITIONS, signalEvents, type OwnCondition } from './signal-conditions.ts';
import { areServicesReady, DEPENDENTS, metricsServiceNameOf, serviceNameOf } from './start.ts';
import type { Step, World } from './world.ts';

/** What the plan found, as far as the status depends on it. */
export interface Findings {
  /**
   * `active`: somebody scales. `scaled`: we do, or put to sleep and wake; `want` -1 is unknown. `blocked`: what we need cannot be had. `pending`: nobody
   * scales, and why. `unchanged`: the annotations are refused, what scaled before goes on.
   */
  readonly activity:
    | { readonly is: 'active' | 'unchanged' }
    | { readonly is: 'scaled'; readonly want: number; readonly threshold: number }
    | { readonly is: 'blocked' | 'pending'; readonly because: Because };
  readonly mistakes: readonly Mistake[];
  /** Whether enough pods are, or once were, ready. */
  readonly started: boolean;
  /** Which HPA of the PodAutoscaler's name tells the wanted scale: `any` where the user brings the scaler, `none` where nobody scales. */
  readonly hears: 'own' | 'any' | 'none';
  /** What is said beside the contract of the query that is scaled by; `unchanged`: what was said before. */
  readonly aside: 'unchanged' | readonly OwnCondition[];
  /** How many replicas this very plan tells the Deployment to have, if it does. */
  readonly told?: number | undefined;
  /** Said when the condition `Active` changes. */
  readonly event?: BridgeEvent;
}

const ANNOTATIONS_VALID = 'AnnotationsValid';

/** The status write and the events that go with it; nothing when nothing changed. */
export function statusSteps(world: World, findings: Findings): readonly Step[] {
  const status = statusOf(world, findings);
  const stored = world.pa.status;
  if (sameJson(asJson(stored), asJson(status))) return [];
  const write: Step = {
    do: 'status',
    key: world.key,
    body: { metadata: { resourceVersion: world.pa.metadata.resourceVersion }, status: asJson(status) },
  };
  return [
    write,
    ...eventsOf(world, findings, status.conditions).map((event): Step => ({ do: 'event', event })),
  ];
}

type Status = World['pa']['status'];

function statusOf(world: World, findings: Findings): Status & { readonly conditions: readonly Condition[] } {
  const desiredScale = desiredScaleOf(world, findings);
  return {
    observedGeneration: world.pa.metadata.generation,
    conditions: [...conditionsOf(world, findings)],
    serviceName: serviceNameOf(world),
    metricsServiceName: metricsServiceNameOf(world),
    ...(desiredScale === undefined ? {} : { desiredScale }),
    actualScale: world.readyPods,
  };
}

/** What we decided, or what the HPA wants, once its controller has looked at it; before, what the Deployment was told. */
function desiredScaleOf(world: World, { activity, hears, told }: Findings): number | undefined {
  const { deployment, pa } = world;
  const decided = activity.is === 'scaled' ? activity.want : undefined;
  if (decided !== undefined && (hears === 'none' || decided <= 0))
    return desiredScaleAfter(pa.status.desiredScale, decided);
  const asked = heardScale(world, hears) ?? told ?? deployment?.spec.replicas;
  // At zero an HPA stands still, and wants nothing: that says nothing of a revision that is being woken.
  return asked === undefined ? pa.status.desiredScale : Math.max(decided ?? 0, asked);
}

function heardScale(world: World, hears: Findings['hears']): number | undefined {
  const hearsIt = hears === 'any' || (hears === 'own' && hpaOwnership(world) !== 'foreign');
  const heard = hearsIt ? world.hpa?.status : undefined;
  const hasLooked = heard !== undefined && (heard.desiredReplicas > 0 || heard.conditions.length > 0);
  return hasLooked ? heard.desiredReplicas : undefined;
}

function conditionsOf(world: World, findings: Findings): readonly Condition[] {
  const begun = beginConditions(world.pa.status.conditions, DEPENDENTS, world.at);
  const valid = markAside(begun, annotationsValid(findings.mistakes));
  const aside = markSignal(valid, findings.aside);
  const services = markSks(aside, world);
  const { activity } = findings;
  const serviceName = serviceNameOf(world);
  if (activity.is === 'scaled')
    return withActivity(services, { ...activity, ready: world.readyPods, serviceName }).current;
  const started = findings.started ? markTrue(services, 'ScaleTargetInitialized') : services;
  return markActive(started, activity, { started: findings.started, serviceName }).current;
}

function markSignal(set: ConditionSet, said: Findings['aside']): ConditionSet {
  if (said === 'unchanged') return set;
  const unsaid = OWN_CONDITIONS.filter((type) => said.every((condition) => condition.type !== type));
  return said.reduce(markAside, unsaid.reduce<ConditionSet>(withoutCondition, set));
}

function markSks(set: ConditionSet, world: World): ConditionSet {
  // A foreign one says nothing about our services: what was known stays.
  if (!isKeptByBridge(world) && ownershipOf(world, 'ServerlessService') === 'foreign') return set;
  return areServicesReady(world)
    ? markTrue(set, 'SKSReady')
    : markUnknown(set, 'SKSReady', { reason: 'NotReady', message: 'SKS Services are not ready yet' });
}

function markActive(
  set: ConditionSet,
  activity: Exclude<Findings['activity'], { readonly is: 'scaled' }>,
  { started, serviceName }: { readonly started: boolean; readonly serviceName: string },
): ConditionSet {
  switch (activity.is) {
    case 'active':
      return markTrue(set, 'Active');
    case 'unchanged':
      return set;
    case 'pending':
      return markUnknown(set, 'Active', activity.because);
    case 'blocked': {
      // Knative takes Active=False before the start, with a service name, for a start that failed, and never tries again.
      return started || serviceName === ''
        ? markFalse(set, 'Active', activity.because)
        : markUnknown(set, 'Active', activity.because);
    }
  }
}

/** The condition that lists every mistake. Advice is given and keys that we do not know are named, but nothing is wrong for it. */
function annotationsValid(mistakes: readonly Mistake[]): Omit<Condition, 'severity'> {
  const worst = EFFECTS.find((effect) => mistakes.some((mistake) => mistake.effect === effect));
  if (worst === undefined) return { type: ANNOTATIONS_VALID, status: 'True' };
  const messages = EFFECTS.flatMap((effect) => mistakes.filter((mistake) => mistake.effect === effect));
  return {
    type: ANNOTATIONS_VALID,
    status: worst === 'unknown' || worst === 'advice' ? 'True' : 'False',
    reason: mistakeReason(worst),
    message: sentences(messages),
  };
}

/** All sentences, each once. */
export const sentences = (mistakes: readonly Mistake[]): string =>
  [...new Set(mistakes.map(sentenceOf))].join(' ');

function eventsOf(
  world: World,
  findings: Findings,
  conditions: readonly Condition[],
): readonly BridgeEvent[] {
  const changed = (type: string): boolean =>
    saying(conditionOf(world.pa.status.conditions, type)) !== saying(conditionOf(conditions, type));
  const said = new Map(findings.mistakes.map((mistake) => [`${mistake.key} ${mistake.message}`, mistake]));
  return [
    ...(changed(ANNOTATIONS_VALID)
      ? [...said.values()].map((mistake) => annotationMistaken(world.pa, mistake))
      : []),
    ...SIGNAL_CONDITIONS.filter(changed).flatMap((type) =>
      signalEvents(world, conditionOf(conditions, type)),
    ),
    ...(findings.event !== undefined && changed('Active') ? [findings.event] : []),
  ];
}

const saying = (condition: Condition | undefined): string =>
  JSON.stringify([condition?.status, condition?.reason ?? '', condition?.message ?? '']);

/** The status as it is written: a condition says only what it has to say. */
const asJson = (status: Status): JsonObject => ({
  ...status,
  conditions: status.conditions.map((condition): Json =>
    Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== '')),
  ),
});
