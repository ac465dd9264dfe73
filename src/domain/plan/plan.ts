import type { Mistake } from '../annotation/mistake.ts';
import type { Fault } from '../fault.ts';
import { serverlessService } from '../k8s/write/serverless-service.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { askedBounds, initialScale } from './bounds.ts';
import { readSettings } from '../annotation/parse.ts';
import { childCreationFailed, childNotOwned, childUpdateFailed } from './events.ts';
import { horizontalPodAutoscalerFor } from './hpa.ts';
import { scaledObjectFor } from './scaled-object.ts';
import { annotationsOf, childAnnotations, intentOf, type Intended } from './intent-of.ts';
import { keep } from './keep.ts';
import { notOwnedMessage, ownershipOf } from './ownership.ts';
import { err, ok, type Result } from '../result.ts';
import { isInitialised, sentences, statusSteps, type Findings } from './status.ts';
import { towardsHpa, towardsKeda, towardsNone, type ScalerMove } from './switch-backend.ts';
import type { ChildKind, Plan, Step, World } from './world.ts';

/** Everything that is to be done about one revision now, derived from the world alone. Never throws. */
export function plan(world: World): Plan {
  if (world.pa.metadata.deletionTimestamp !== undefined) return { steps: [] };
  const { children, findings } = consider(world);
  return { steps: [...children, ...statusSteps(world, findings)] };
}

/**
 * What is left to say when a step of the plan failed: a child that the API server refuses is told in the PodAutoscaler's status, as
 * Knative tells it. Failures that pass by themselves change nothing.
 */
export function planAfterFault(world: World, failedStep: Step, fault: Fault): readonly Step[] {
  if (failedStep.do !== 'apply' || (fault.code !== 'rejected' && fault.code !== 'forbidden')) return [];
  const { kind } = failedStep;
  if (childOf(world, kind) !== undefined) {
    const message = `Failed to update ${kind} "${world.pa.metadata.name}". ${fault.message}`;
    return [{ do: 'event', event: childUpdateFailed(world.pa, kind, message) }];
  }
  const message = `Failed to create ${kind} "${world.pa.metadata.name}". ${fault.message}`;
  const { findings } = consider(world);
  return statusSteps(world, {
    ...findings,
    activity: { is: 'blocked', because: { reason: 'FailedCreate', message } },
    event: childCreationFailed(world.pa, kind, message),
  });
}

const childOf = (world: World, kind: ChildKind): unknown =>
  ({
    ScaledObject: world.scaledObject,
    HorizontalPodAutoscaler: world.hpa,
    ServerlessService: world.sks,
  })[kind];

interface Considered {
  readonly children: readonly Step[];
  readonly findings: Findings;
}

function consider(world: World): Considered {
  const intended = intentOf(world);
  if (!intended.ok) return refusal(world, intended.error);
  const move = scalerMove(world, intended.value);
  if (!move.ok) return refusal(world, move.error);
  const { mistakes } = move.value;
  const findings = { mistakes, initialisedFrom: startingPods(world), anyHpa: bringsScaler(intended.value) };
  const sks = ownershipOf(world, 'ServerlessService');
  const blockedBy = move.value.blockedBy ?? (sks === 'foreign' ? 'ServerlessService' : undefined);
  const scaler = move.value.blockedBy === undefined ? move.value.steps : [];
  if (blockedBy !== undefined) return blocked(world, blockedBy, { children: scaler, findings });
  const children = [...scaler, ...keep('ServerlessService', world.sks, serverlessServiceFor(world))];
  return { children, findings: { ...findings, activity: activityOf(intended.value) } };
}

const bringsScaler = ({ backend, intent }: Intended): boolean =>
  backend === 'none' && intent.signal.from === 'triggers';

/** Ready pods from which on the revision has started: upstream's minimum or the initial scale, whichever is more. */
function startingPods(world: World): number {
  const { settings } = readSettings(annotationsOf(world));
  const { autoscaler } = world.config;
  return Math.max(askedBounds(settings, autoscaler, world.pa).min, initialScale(settings, autoscaler));
}

type Move = ScalerMove & { readonly mistakes: readonly Mistake[] };

function scalerMove(world: World, { intent, backend, mistakes }: Intended): Result<Move, readonly Mistake[]> {
  if (backend === 'none') {
    const unserved = intent.signal.from === 'concurrency' || intent.signal.from === 'rps';
    const none: ScalerMove = unserved ? towardsNone(world) : { steps: [] };
    return ok({ ...none, mistakes });
  }
  const built = backend === 'keda' ? scaledObjectFor(intent) : horizontalPodAutoscalerFor(intent);
  if (!built.ok) return err([...mistakes, ...built.error]);
  const { object } = built.value;
  const move = backend === 'keda' ? towardsKeda(world, object) : towardsHpa(world, object);
  return ok({ ...move, mistakes: [...mistakes, ...built.value.mistakes] });
}

function activityOf({ intent, backend }: Intended): Findings['activity'] {
  const { from } = intent.signal;
  if (backend !== 'none' || (from !== 'concurrency' && from !== 'rps')) return { is: 'active' };
  const what = from === 'rps' ? 'requests per second' : 'request concurrency';
  return {
    is: 'pending',
    because: {
      reason: 'SignalNotServed',
      message: `Scaling by ${what} is not served yet; the revision keeps its replicas. Set ${keyOfSetting('metric')} and ${keyOfSetting('target')}, or a query, to have it scaled.`,
    },
  };
}

/** Nothing is built, and nothing that works is touched. */
function refusal(world: World, mistakes: readonly Mistake[]): Considered {
  const refused = mistakes.filter(({ effect }) => effect === 'refused');
  const activity: Findings['activity'] = isInitialised(world)
    ? { is: 'unchanged' }
    : { is: 'pending', because: { reason: 'InvalidAnnotation', message: sentences(refused) } };
  return {
    children: [],
    findings: { activity, mistakes, initialisedFrom: startingPods(world), anyHpa: false },
  };
}

function blocked(
  world: World,
  kind: ChildKind,
  {
    children,
    findings,
  }: { readonly children: readonly Step[]; readonly findings: Omit<Findings, 'activity'> },
): Considered {
  const message = notOwnedMessage(kind, world.pa.metadata.name);
  return {
    children,
    findings: {
      ...findings,
      activity: { is: 'blocked', because: { reason: 'NotOwned', message } },
      event: childNotOwned(world.pa, kind, message),
    },
  };
}

const serverlessServiceFor = (world: World): ReturnType<typeof serverlessService> => {
  const metric = keyOfSetting('metric');
  return serverlessService({
    pa: world.pa,
    labels: world.pa.metadata.labels,
    annotations: Object.fromEntries(
      Object.entries(childAnnotations(world)).filter(([key]) => key !== metric),
    ),
  });
};
