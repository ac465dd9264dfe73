import type { Mistake } from '../annotation/mistake.ts';
import type { Fault } from '../fault.ts';
import { nameOf } from '../key.ts';
import type { Because } from '../k8s/conditions.ts';
import { conditionOf } from '../k8s/read/condition.ts';
import type { RevisionServicesParts } from '../k8s/write/revision-services.ts';
import { serverlessService } from '../k8s/write/serverless-service.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { awake } from './awake.ts';
import { readSettings, withConsequences } from '../annotation/parse.ts';
import { childCreationFailed, childNotOwned, childUpdateFailed, scalingFailed } from './events.ts';
import { asksExternal, isScaled, notServing } from './external-metrics.ts';
import { fewMistakes } from './few-mistakes.ts';
import { adoption, handBack, isHandingBack } from './change-keeper.ts';
import { keepServices } from './revision-services.ts';
import { horizontalPodAutoscalerFor } from './hpa.ts';
import { scaledObjectFor } from './scaled-object.ts';
import { annotationsOf, awaitsRevision, childAnnotations, intentOf, type Intended } from './intent-of.ts';
import { keep } from './keep.ts';
import { notOwnedMessage, ownershipOf } from './ownership.ts';
import { isScaledByPods } from './pod-signal.ts';
import { backendOf, type Keeper } from '../k8s/knative-services.ts';
import { err, ok, type Result } from '../result.ts';
import { isKeptByBridge } from '../zero/keeper.ts';
import { lifeOf, type Life } from '../zero/life.ts';
import { activatorCount, pathOf } from '../zero/path.ts';
import { scaleByPods, type PodScale } from './scale-by-pods.ts';
import { signalConditions } from './signal-conditions.ts';
import { hasStarted, isInitialised } from './start.ts';
import { sentences, statusSteps, type Findings } from './status.ts';
import { towardsHpa, towardsKeda, towardsNone, type ScalerMove } from './switch-backend.ts';
import type { ChildKind, LifeTold, Plan, Scaling, Step, World } from './world.ts';

/** Everything that is to be done about one revision now, derived from the world alone. Never throws. */
export function plan(world: World): Plan {
  if (world.pa.metadata.deletionTimestamp !== undefined || awaitsRevision(world)) return { steps: [] };
  if (world.leaving) return { steps: handBack(world, serverlessServiceFor(world)) };
  const { children, findings, scaling, life } = consider(world);
  const steps = [...children, ...statusSteps(world, findings)];
  if (life === undefined) return { steps, scaling };
  const { revisit } = life;
  return {
    steps,
    scaling,
    life: toldOf(world, life),
    ...(revisit === undefined ? {} : { requeueAfter: revisit }),
  };
}

/**
 * What is left to say when a step of the plan failed: a child that the API server will not create is told in the PodAutoscaler's status,
 * as Knative tells it; one that it will not change, or scale, goes on as it is, the status with it. Failures that pass by themselves change nothing.
 */
export function planAfterFault(world: World, failedStep: Step, fault: Fault): readonly Step[] {
  if (world.leaving) return [];
  const { findings } = consider(world);
  if (fault.code === 'already_exists' && failedStep.do === 'create')
    return statusSteps(world, notOwned(world, failedStep.kind, findings));
  if (fault.code !== 'rejected' && fault.code !== 'forbidden') return [];
  if (failedStep.do !== 'apply' && failedStep.do !== 'create' && failedStep.do !== 'scale') return [];
  if (failedStep.do === 'scale') {
    const message = `Failed to scale Deployment "${nameOf(failedStep.key)}" to ${failedStep.replicas}. ${fault.message}`;
    return [...statusSteps(world, findings), { do: 'event', event: scalingFailed(world.pa, message) }];
  }
  const { kind } = failedStep;
  const what = `${kind} "${world.pa.metadata.name}". ${fault.message}`;
  if (failedStep.do === 'apply' && childOf(world, kind) !== undefined) {
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
    // New ones are not applied but created.
    Service: world.services.publicService,
    Endpoints: world.services.publicEndpoints,
    EndpointSlice: world.services.slices[0],
  })[kind];

interface Considered {
  readonly children: readonly Step[];
  readonly findings: Findings;
  readonly scaling: Scaling;
  /** Of a revision whose Services we keep, or that sleeps behind those of Knative. */
  readonly life?: Life;
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
  const { blockedBy } = move.value;
  const steps = move.value.blockedBy === undefined ? move.value.steps : [];
  const scaling = scalingOf(intended.value);
  const parts = { scaler: { steps, blockedBy }, findings, scaling };
  if (intended.value.keeper === 'bridge') return keptByBridge(world, intended.value, parts);
  return isHandingBack(world)
    ? handedBack(world, intended.value, parts)
    : keptByKnative(world, intended.value, parts);
}

/** What is known before it is looked at who keeps the Services. */
interface Begun {
  readonly scaler: { readonly steps: readonly Step[]; readonly blockedBy: ChildKind | undefined };
  readonly findings: Omit<Findings, 'activity'>;
  readonly scaling: Scaling;
}

function keptByKnative(world: World, intended: Intended, { scaler, findings, scaling }: Begun): Considered {
  const { steps, blockedBy } = scaler;
  const foreign = ownershipOf(world, 'ServerlessService') === 'foreign' ? 'ServerlessService' : undefined;
  const inTheWay = blockedBy ?? foreign;
  if (inTheWay !== undefined)
    return { children: steps, scaling, findings: notOwned(world, inTheWay, findings) };
  if (intended.intent.sleeps) return sleepsBehind(world, intended, { scaler, findings, scaling });
  const byPods = isScaledByPods(intended) ? scaleByPods(world, intended) : undefined;
  const scale = byPods === undefined ? awake(world, intended) : byPods.step;
  const children = [
    ...steps,
    ...(scale === undefined ? [] : [scale]),
    ...keep('ServerlessService', world.sks, serverlessServiceFor(world)),
  ];
  const activity = activityOf(world, intended, byPods);
  return { children, findings: { ...findings, activity, told: scale?.replicas }, scaling };
}

/** The ServerlessService says whether requests go through activators of Knative, and its controller sees to it. */
function sleepsBehind(world: World, intended: Intended, { scaler, findings, scaling }: Begun): Considered {
  const life = lifeOf(world, intended);
  const activators = activatorCount(world, intended.intent.settings);
  const children = [
    ...keep(
      'ServerlessService',
      world.sks,
      serverlessServiceFor(world, life.proxied ? activators : undefined),
    ),
    ...scaler.steps,
    ...(life.step === undefined ? [] : [life.step]),
  ];
  const activity = activityOf(world, intended, life);
  return { children, findings: { ...findings, activity, told: life.step?.replicas }, scaling, life };
}

/** The Services come first: requests follow them. */
function keptByBridge(world: World, intended: Intended, { scaler, findings, scaling }: Begun): Considered {
  const life = lifeOf(world, intended);
  const path = pathOf(world, { settings: intended.intent.settings, proxied: life.proxied });
  const services = adoption(world) ?? keepServices(world, servicesParts(world), path);
  const inTheWay = services.blockedBy ?? scaler.blockedBy;
  const children = [
    ...(services.blockedBy === undefined ? services.steps : []),
    ...scaler.steps,
    ...(life.step === undefined || inTheWay !== undefined ? [] : [life.step]),
  ];
  if (inTheWay !== undefined)
    return { children, scaling, life, findings: notOwned(world, inTheWay, findings) };
  const activity = activityOf(world, intended, life);
  return { children, findings: { ...findings, activity, told: life.step?.replicas }, scaling, life };
}

/** The revision gets a ServerlessService, which takes the Services over as they stand. Nothing is scaled meanwhile. */
const handedBack = (
  world: World,
  intended: Intended,
  { scaler: { steps }, findings, scaling }: Begun,
): Considered => ({
  children: [...steps, ...handBack(world, serverlessServiceFor(world))],
  findings: { ...findings, activity: activityOf(world, intended, undefined) },
  scaling,
});

/** What is told of a life to those who do not plan. */
function toldOf(world: World, { state, proxied, cancelled, inquires }: Life): LifeTold {
  const { pa, services } = world;
  const version = services.publicEndpoints?.metadata.resourceVersion;
  const clusterIP = services.publicService?.spec.clusterIP;
  const inquiry =
    inquires && version !== undefined && typeof clusterIP === 'string'
      ? { endpoints: version, clusterIP, port: backendOf(pa.spec.protocolType).port, of: holdersOf(world) }
      : undefined;
  return { state, isHeld: proxied || state !== 'serving', cancelled, inquiry };
}

/** What a revision scales by and who scales it. */
export const scalingOf = ({ intent: { signal }, backend }: Intended): Scaling => ({
  signal: signal.from === 'resource' ? signal.resource : signal.from,
  backend,
});

/** Whose activators are to answer where ours, or none that tell, may stand behind a Service. */
const holdersOf = (world: World): Keeper =>
  isKeptByBridge(world) && world.activators.ours.length > 0 ? 'bridge' : 'knative';

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
  const rests = intent.sleeps && lifeOf(world, intended).scaling.want === 0;
  const built = backend === 'keda' ? scaledObjectFor(intent, { rests }) : horizontalPodAutoscalerFor(intent);
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

function activityOf(world: World, intended: Intended, by: PodScale | undefined): Findings['activity'] {
  const withheld = withheldBecause(world, intended);
  if (withheld !== undefined && !isScaled(world)) return { is: 'pending', because: withheld };
  if (by !== undefined) return { is: 'scaled', want: by.scaling.want, threshold: by.threshold };
  return { is: withheld === undefined ? 'active' : 'unchanged' };
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
    children: isKeptByBridge(world) ? servicesAsTheyAre(world) : [],
    findings: { activity, mistakes, started: startedIn(world), hears: 'own', aside: 'unchanged' },
    scaling: { signal: 'invalid', backend: 'none' },
  };
}

/** Requests still have to find the pods, or somebody who holds them. */
function servicesAsTheyAre(world: World): readonly Step[] {
  const { settings } = readSettings(annotationsOf(world));
  const proxied = conditionOf(world.pa.status.conditions, 'Active')?.status === 'False';
  const move = keepServices(world, servicesParts(world), pathOf(world, { settings, proxied }));
  return move.blockedBy === undefined ? move.steps : [];
}

function notOwned(world: World, kind: ChildKind, findings: Omit<Findings, 'activity'>): Findings {
  const message = notOwnedMessage(kind, world.pa.metadata.name);
  return {
    ...findings,
    activity: { is: 'blocked', because: { reason: 'NotOwned', message } },
    event: childNotOwned(world.pa, kind, message),
  };
}

const serverlessServiceFor = (world: World, proxiedBy?: number): ReturnType<typeof serverlessService> =>
  serverlessService({ ...servicesParts(world), ...(proxiedBy === undefined ? {} : { proxiedBy }) });

/** What a ServerlessService carries, and what it gives on to the Services. */
function servicesParts(world: World): RevisionServicesParts {
  const metric = keyOfSetting('metric');
  return {
    pa: world.pa,
    labels: world.pa.metadata.labels,
    annotations: Object.fromEntries(
      Object.entries(childAnnotations(world)).filter(([key]) => key !== metric),
    ),
  };
}
