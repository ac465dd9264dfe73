import type { Mistake } from '../annotation/mistake.ts';
import type { Fault } from '../fault.ts';
import { nameOf } from '../key.ts';
import type { Because } from '../k8s/conditions.ts';
import { serverlessService } from '../k8s/write/serverless-service.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { awake } from './awake.ts';
import { readSettings, withConsequences } from '../annotation/parse.ts';
import { childCreationFailed, childNotOwned, childUpdateFailed, scalingFailed } from './events.ts';
import { asksExternal, isScaled, notServing } from './external-metrics.ts';
import { fewMistakes } from './few-mistakes.ts';
import { horizontalPodAutoscalerFor } from './hpa.ts';
import { scaledObjectFor } from './scaled-object.ts';
import { annotationsOf, awaitsRevision, childAnnotations, intentOf, type Intended } from './intent-of.ts';
import { keep } from './keep.ts';
import { notOwnedMessage, ownershipOf } from './ownership.ts';
import { isScaledByPods } from './pod-signal.ts';
import { err, ok, type Result } from '../result.ts';
import { scaleByPods, type PodScale } from './scale-by-pods.ts';
import { signalConditions } from './signal-conditions.ts';
import { hasStarted, isInitialised } from './start.ts';
import { sentences, statusSteps, type Findings } from './status.ts';
import { towardsHpa, towardsKeda, towardsNone, type ScalerMove } from './switch-backend.ts';
import type { ChildKind, Plan, Scaling, Step, World } from './world.ts';

/** Everything that is to be done about one revision now, derived from the world alone. Never throws. */
export function plan(world: World): Plan {
  if (world.pa.metadata.deletionTimestamp !== undefined || awaitsRevision(world)) return { steps: [] };
  const { children, findings, scaling } = consider(world);
  return { steps: [...children, ...statusSteps(world, findings)], scaling };
}

/**
 * What is left to say when a step of the plan failed: a child that the API server will not create is told in the PodAutoscaler's status,
 * as Knative tells it; one that it will not change, or scale, goes on as it is, the status with it. Failures that pass by themselves change nothing.
 */
export function planAfterFault(world: World, failedStep: Step, fault: Fault): readonly Step[] {
  if (fault.code !== 'rejected' && fault.code !== 'forbidden') return [];
  if (failedStep.do !== 'apply' && failedStep.do !== 'scale') return [];
  const { findings } = consider(world);
  if (failedStep.do === 'scale') {
    const message = `Failed to scale Deployment "${nameOf(failedStep.key)}" to ${failedStep.replicas}. ${fault.message}`;
    return [...statusSteps(world, findings), { do: 'event', event: scalingFailed(world.pa, message) }];
  }
  const { kind } = failedStep;
  const what = `${kind} "${world.pa.metadata.name}". ${fault.message}`;
  if (childOf(world, kind) !== undefined) {
    const event = childUpdateFailed(world.pa, kind, `Failed to update ${what}`);
    return [...statusSteps(world, findings), { do: 'event', event }];
  }
  const message = `Failed to create ${what}`;
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
  readonly scaling: Scaling;
}

function consider(world: World): Considered {
  const intended = intentOf(world);
  if (!intended.ok) return refusal(world, intended.error);
  const move = scalerMove(world, intended.value);
  if (!move.ok) return refusal(world, move.error);
  const findings = {
    mistakes: fewMistakes(move.value.mistakes),
    started: hasStarted(world, intended.value.intent.settings),
    hears: hearsOf(intended.value),
    aside: signalConditions(world, intended.value),
  } as const;
  const sks = ownershipOf(world, 'ServerlessService');
  const blockedBy = move.value.blockedBy ?? (sks === 'foreign' ? 'ServerlessService' : undefined);
  const scaler = move.value.blockedBy === undefined ? move.value.steps : [];
  const scaling = scalingOf(intended.value);
  if (blockedBy !== undefined) return blocked(world, blockedBy, { children: scaler, findings, scaling });
  const byPods = isScaledByPods(intended.value) ? scaleByPods(world, intended.value) : undefined;
  const scale = byPods === undefined ? awake(world, intended.value) : byPods.step;
  const children = [
    ...scaler,
    ...(scale === undefined ? [] : [scale]),
    ...keep('ServerlessService', world.sks, serverlessServiceFor(world)),
  ];
  const activity = activityOf(world, intended.value, byPods);
  return { children, findings: { ...findings, activity, told: scale?.replicas }, scaling };
}

/** What a revision scales by and who scales it. */
export const scalingOf = ({ intent: { signal }, backend }: Intended): Scaling => ({
  signal: signal.from === 'resource' ? signal.resource : signal.from,
  backend,
});

function hearsOf(intended: Intended): Findings['hears'] {
  if (isScaledByPods(intended)) return 'none';
  return intended.backend === 'none' ? 'any' : 'own';
}

const startedIn = (world: World): boolean => hasStarted(world, readSettings(annotationsOf(world)).settings);

type Move = ScalerMove & { readonly mistakes: readonly Mistake[] };

function scalerMove(world: World, intended: Intended): Result<Move, readonly Mistake[]> {
  const { intent, backend, mistakes } = intended;
  if (backend === 'none') {
    const none: ScalerMove = isScaledByPods(intended) ? towardsNone(world) : { steps: [] };
    return ok({ ...none, mistakes });
  }
  const built = backend === 'keda' ? scaledObjectFor(intent) : horizontalPodAutoscalerFor(intent);
  const withBuilt = (later: readonly Mistake[]): readonly Mistake[] =>
    withConsequences(annotationsOf(world), mistakes, later);
  if (!built.ok) return err(withBuilt(built.error));
  const { object } = built.value;
  if (withheldBecause(world, intended) !== undefined)
    return ok({ steps: [], mistakes: withBuilt(built.value.mistakes) });
  const move = backend === 'keda' ? towardsKeda(world, object) : towardsHpa(world, object);
  return ok({ ...move, mistakes: withBuilt(built.value.mistakes) });
}

/** Everything that is wrong with the annotations of a revision, or may be meant otherwise. */
export function mistakesIn(world: World): readonly Mistake[] {
  const intended = intentOf(world);
  if (!intended.ok) return intended.error;
  const move = scalerMove(world, intended.value);
  return move.ok ? move.value.mistakes : move.error;
}

function activityOf(world: World, intended: Intended, byPods: PodScale | undefined): Findings['activity'] {
  if (byPods !== undefined) return { is: 'scaled', want: byPods.scaling.want, threshold: byPods.threshold };
  const withheld = withheldBecause(world, intended);
  if (withheld === undefined) return { is: 'active' };
  return isScaled(world) ? { is: 'unchanged' } : { is: 'pending', because: withheld };
}

/** Why no HPA is made of a query now; one that exists already is kept. */
const withheldBecause = (world: World, intended: Intended): Because | undefined =>
  intended.backend !== 'hpa' || intended.intent.signal.from !== 'query' || asksExternal(world)
    ? undefined
    : notServing(world.externalMetrics);

/** Nothing is built, and nothing that works is touched. */
function refusal(world: World, all: readonly Mistake[]): Considered {
  const mistakes = fewMistakes(all);
  const refused = mistakes.filter(({ effect }) => effect === 'refused');
  const activity: Findings['activity'] = isInitialised(world)
    ? { is: 'unchanged' }
    : { is: 'pending', because: { reason: 'InvalidAnnotation', message: sentences(refused) } };
  return {
    children: [],
    findings: { activity, mistakes, started: startedIn(world), hears: 'own', aside: 'unchanged' },
    scaling: { signal: 'invalid', backend: 'none' },
  };
}

function blocked(
  world: World,
  kind: ChildKind,
  { findings, ...rest }: Omit<Considered, 'findings'> & { readonly findings: Omit<Findings, 'activity'> },
): Considered {
  const message = notOwnedMessage(kind, world.pa.metadata.name);
  return {
    ...rest,
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
