import type { Mistake } from '../annotation/mistake.ts';
import type { BridgeEvent } from '../event.ts';
import { sameJson, type Json, type JsonObject } from '../json.ts';
import {
  beginConditions,
  endConditions,
  markAside,
  markFalse,
  markTrue,
  markUnknown,
  type Because,
  type ConditionSet,
} from '../k8s/conditions.ts';
import { conditionOf, type Condition } from '../k8s/read/condition.ts';
import { annotationMistaken, mistakeReason } from './events.ts';
import { hpaOwnership, ownershipOf } from './ownership.ts';
import type { Step, World } from './world.ts';

/** What the plan found, as far as the status depends on it. */
export interface Findings {
  /**
   * `active`: somebody scales. `blocked`: what we need cannot be had. `pending`: nobody scales, and why.
   * `unchanged`: the annotations are refused, what scaled before goes on.
   */
  readonly activity:
    | { readonly is: 'active' | 'unchanged' }
    | { readonly is: 'blocked' | 'pending'; readonly because: Because };
  readonly mistakes: readonly Mistake[];
  /** Ready pods from which on the revision counts as having started. */
  readonly initialisedFrom: number;
  /** Whether the HPA of the PodAutoscaler's name is heard whoever owns it: the user brings the scaler. */
  readonly anyHpa: boolean;
  /** Said when the condition `Active` changes. */
  readonly event?: BridgeEvent;
}

const DEPENDENTS = ['Active', 'ScaleTargetInitialized', 'SKSReady'] as const;
const ANNOTATIONS_VALID = 'AnnotationsValid';

/** True once enough pods have been ready; it never turns back. */
export const isInitialised = ({ pa }: World): boolean =>
  conditionOf(pa.status.conditions, 'ScaleTargetInitialized')?.status === 'True';

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
  const { pa, sks } = world;
  const own = ownershipOf(world, 'ServerlessService') === 'ours' ? sks?.status : undefined;
  // A name that was told is never taken back: Knative would call the revision not deployed.
  const serviceName = firstNonEmpty(own?.serviceName, pa.status.serviceName);
  const desiredScale = desiredScaleOf(world, findings.anyHpa);
  return {
    observedGeneration: pa.metadata.generation,
    conditions: [...conditionsOf(world, findings, serviceName)],
    serviceName,
    metricsServiceName: firstNonEmpty(own?.privateServiceName, pa.status.metricsServiceName),
    ...(desiredScale === undefined ? {} : { desiredScale }),
    actualScale: world.readyPods,
  };
}

const firstNonEmpty = (...names: readonly (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '';

/** What the HPA wants, once its controller has looked at it; before, what the Deployment was told. */
function desiredScaleOf(world: World, anyHpa: boolean): number | undefined {
  const { hpa, deploymentReplicas, pa } = world;
  const heard = anyHpa || hpaOwnership(world) !== 'foreign' ? hpa?.status : undefined;
  if (heard !== undefined && (heard.desiredReplicas > 0 || heard.conditions.length > 0))
    return heard.desiredReplicas;
  return deploymentReplicas ?? pa.status.desiredScale;
}

function conditionsOf(world: World, findings: Findings, serviceName: string): readonly Condition[] {
  let set = beginConditions(world.pa.status.conditions, DEPENDENTS);
  set = markSks(set, world);
  const reached = serviceName !== '' && world.readyPods >= findings.initialisedFrom;
  if (reached && isSksReady(world)) set = markTrue(set, 'ScaleTargetInitialized');
  set = markActive(set, findings, serviceName);
  return endConditions(markAside(set, annotationsValid(findings.mistakes)), world.at);
}

function markSks(set: ConditionSet, world: World): ConditionSet {
  // A foreign one says nothing about our services: what was known stays.
  if (ownershipOf(world, 'ServerlessService') === 'foreign') return set;
  return isSksReady(world)
    ? markTrue(set, 'SKSReady')
    : markUnknown(set, 'SKSReady', { reason: 'NotReady', message: 'SKS Services are not ready yet' });
}

/** In Knative's terms: Ready, and for the generation that is in force (knative.dev/networking: serverlessservice_lifecycle.go). */
function isSksReady(world: World): boolean {
  const { sks } = world;
  return (
    sks !== undefined &&
    ownershipOf(world, 'ServerlessService') === 'ours' &&
    (sks.status.observedGeneration ?? 0) === sks.metadata.generation &&
    conditionOf(sks.status.conditions, 'Ready')?.status === 'True'
  );
}

function markActive(set: ConditionSet, { activity }: Findings, serviceName: string): ConditionSet {
  switch (activity.is) {
    case 'active':
      return markTrue(set, 'Active');
    case 'unchanged':
      return set;
    case 'pending':
      return markUnknown(set, 'Active', activity.because);
    case 'blocked': {
      // Knative takes Active=False before the start, with a service name, for a start that failed, and never tries again.
      const started = conditionOf(set.current, 'ScaleTargetInitialized')?.status === 'True';
      return started || serviceName === ''
        ? markFalse(set, 'Active', activity.because)
        : markUnknown(set, 'Active', activity.because);
    }
  }
}

const EFFECTS = ['refused', 'ignored', 'used', 'unknown'] as const satisfies readonly Mistake['effect'][];

/** The condition that lists every mistake. Keys that we do not know are named, but nothing is wrong with the others for it. */
function annotationsValid(mistakes: readonly Mistake[]): Omit<Condition, 'severity'> {
  const worst = EFFECTS.find((effect) => mistakes.some((mistake) => mistake.effect === effect));
  if (worst === undefined) return { type: ANNOTATIONS_VALID, status: 'True' };
  const messages = EFFECTS.flatMap((effect) => mistakes.filter((mistake) => mistake.effect === effect));
  return {
    type: ANNOTATIONS_VALID,
    status: worst === 'unknown' ? 'True' : 'False',
    reason: mistakeReason(worst),
    message: sentences(messages),
  };
}

/** All sentences, each once. */
export const sentences = (mistakes: readonly Mistake[]): string =>
  [...new Set(mistakes.map(({ message }) => message))].join(' ');

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
