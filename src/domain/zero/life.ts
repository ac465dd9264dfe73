import { conditionOf } from '../k8s/read/condition.ts';
import { keyOfMeta } from '../k8s/meta.ts';
import type { Deployment } from '../k8s/read/workload.ts';
import type { Intended } from '../plan/intent-of.ts';
import { isScaledByPods } from '../plan/pod-signal.ts';
import { isInitialised } from '../plan/start.ts';
import type { Step, World } from '../plan/world.ts';
import { parseRfc3339 } from '../rfc3339.ts';
import { activeThreshold, bounded } from '../scale/bounded.ts';
import type { Scaled } from '../scale/scaled.ts';
import type { Scaling } from '../scale/scaling.ts';
import { toZero } from '../scale/to-zero.ts';
import { instant, seconds, since, type Ms } from '../time.ts';
import { demandOf, type Demand } from './demand.ts';
import { kedaLetsGo } from './keda-rest.ts';
import { wakersOf } from './keeper.ts';
import { pointsAt } from './path.ts';
import type { Evidence } from './seen.ts';
import type { Cancel, LifeState } from './words.ts';

/** What is to be done with a revision that may sleep, or whose Services the bridge keeps. */
export interface Life {
  readonly state: LifeState;
  readonly scaling: Scaling;
  /** Ready pods from which on the revision is active. */
  readonly threshold: number;
  /** Whether requests are to go through activators, though there may be pods. */
  readonly proxied: boolean;
  readonly step?: Extract<Step, { do: 'scale' }>;
  /** Whether it has to be found out if the last pods may go. */
  readonly inquires: boolean;
  /** When time alone changes it. */
  readonly revisit?: Ms;
  readonly cancelled?: Cancel;
}

/** What was found out may be acted upon for so long. */
const FRESH = seconds(3);

type Found = Pick<Life, 'scaling'> & Partial<Pick<Life, 'inquires' | 'revisit'>>;

const standing = (pods: number, replicas?: number): Pick<Life, 'scaling'> => ({
  scaling: { want: pods, replicas, limited: { pods } },
});

/**
 * The life of a revision between zero and N, derived from the world alone: the condition `Active` with its time, the replicas, the pods, and
 * where the Endpoints lead. Who moves the replicas from 1 to N does not matter here.
 */
export function lifeOf(world: World, intended: Intended): Life {
  const scaled = scaledOf(world, intended);
  const threshold = activeThreshold(scaled);
  const { deployment } = world;
  const demand = demandOf(world, intended);
  const found =
    deployment?.spec.replicas === 0
      ? asleep(scaled, Math.max(demand.wanted, leastAsleep(intended, scaled, threshold)))
      : awake({ world, intended, scaled, demand });
  const { want, replicas } = found.scaling;
  const step = deployment === undefined ? undefined : stepTo(deployment, replicas);
  const proxied = isProxied(world, intended, { want, inactive: scaled.active?.status === 'False' });
  const cancelled = cancelOf(world, scaled, want);
  return {
    ...found,
    state: stateOf(world, step, { want, proxied }),
    threshold: deployment?.spec.replicas === 0 && want === 0 ? threshold : Math.max(1, threshold),
    proxied,
    inquires: found.inquires ?? false,
    ...(step === undefined ? {} : { step }),
    ...(cancelled === undefined ? {} : { cancelled }),
  };
}

function scaledOf({ pa, config }: World, { intent }: Intended): Scaled {
  const active = conditionOf(pa.status.conditions, 'Active');
  const changed = parseRfc3339(active?.lastTransitionTime ?? '') ?? instant(0);
  const at = active && { status: active.status, since: changed };
  return {
    settings: intent.settings,
    config: config.autoscaler,
    progressDeadline: config.deployment.progressDeadline,
    reachability: pa.spec.reachability,
    active: at,
    initialized: isInitialised({ pa }),
    // Requests go to activators from the very plan on that makes the revision inactive: Endpoints are written before the status.
    proxy: { wanted: at?.status === 'False', since: at?.status === 'False' ? at.since : undefined },
  };
}

/** A revision that may not sleep, or has never started, has pods. */
function leastAsleep({ intent: { sleeps } }: Intended, { initialized }: Scaled, threshold: number): number {
  if (!initialized) return threshold;
  return sleeps ? 0 : 1;
}

/** No pods: they are brought back to what is asked for, at least by min-scale and activation-scale. */
function asleep(scaled: Scaled, wanted: number): Found {
  const least = Math.max(0, bounded(scaled, 0).pods, wanted);
  if (least === 0) return standing(0);
  const pods = bounded(scaled, Math.max(least, scaled.settings.activationScale ?? 0)).pods;
  return standing(pods, pods);
}

interface Awake {
  readonly world: World;
  readonly intended: Intended;
  readonly scaled: Scaled;
  readonly demand: Demand;
}

function awake(one: Awake): Found {
  const { world, intended, scaled, demand } = one;
  const least = Math.max(0, bounded(scaled, 0).pods);
  const isWoken = scaled.active?.status === 'False' && world.readyPods === 0;
  const ours = isScaledByPods(intended);
  if (demand.wanted > 0) {
    const { pods } = bounded(scaled, demand.wanted);
    return standing(pods, ours ? pods : undefined);
  }
  // Somebody gave it a pod: a request, the query, KEDA or a person.
  if (isWoken) return standing(Math.max(1, least));
  if (demand.wanted < 0) return { ...unknown(world, ours ? least : 0), ...revisitOf(demand) };
  if (least > 0) return standing(least, ours ? least : undefined);
  return downwards(one);
}

const revisitOf = ({ revisit }: Demand): Pick<Life, 'revisit'> => (revisit === undefined ? {} : { revisit });

/** Nothing is known: pods stay, and are only ever raised to the minimum. */
function unknown({ deployment }: World, least: number): Pick<Life, 'scaling'> {
  const replicas = deployment?.spec.replicas ?? 0;
  return standing(-1, deployment !== undefined && replicas < least ? least : undefined);
}

/** Nobody has asked for pods for a window: one step on the way to zero. */
function downwards(one: Awake): Found {
  const { world, intended, scaled } = one;
  const stays = (zero: ZeroReason): Found => keepsOne(isScaledByPods(intended), zero);
  if (!intended.intent.sleeps) return stays('scale-to-zero-disabled');
  if (wakersOf(world, intended.keeper).length === 0) return stays('nobody-wakes');
  const known = evidenceOf(world);
  const zero = toZero(scaled, world.at, known?.inPath);
  if (zero.then === 'prove') return asksFor('activator-not-in-path');
  const { because, revisit } = zero;
  const later = revisit === undefined ? {} : { revisit };
  if (zero.then === 'wait')
    return { ...inactive(zero.want, because), inquires: because === 'activator-not-in-path', ...later };
  if (zero.pods === 1) return { ...stays(because), ...later };
  if (because === 'activation-timed-out') return afterTimeout(one);
  if (!kedaLetsGo(world, intended)) return asksFor(because);
  return known !== undefined && mayGo(world, intended, known) ? gone(because) : asksFor('grace-period');
}

/** What was found out about the Endpoints that stand there now. */
const evidenceOf = ({ evidence, services: { publicEndpoints } }: World): Evidence | undefined =>
  evidence?.endpoints === publicEndpoints?.metadata.resourceVersion ? evidence : undefined;

/** Requests reach activators, none is in flight, and all that is known just now. */
const mayGo = (world: World, { keeper }: Intended, { inPath, inFlight, at }: Evidence): boolean =>
  inPath && inFlight === 0 && since(at, world.at) <= FRESH && pointsAt(world, wakersOf(world, keeper));

/** A start that failed. Knative takes Active=False before the first one has succeeded for a failure that lasts for ever. */
function afterTimeout({ world, scaled }: Awake): Found {
  if (!scaled.initialized) return inactive(-1, 'activating');
  return world.readyPods === 0 ? gone('activation-timed-out') : asksFor('activation-timed-out');
}

type ZeroReason = NonNullable<Scaling['zero']>;

const keepsOne = (ours: boolean, zero: ZeroReason): Found => ({
  scaling: { want: 1, replicas: ours ? 1 : undefined, limited: { pods: 0 }, zero },
});

const inactive = (want: 0 | -1, zero: ZeroReason): Found => ({
  scaling: { want, replicas: undefined, limited: { pods: 0 }, zero },
});

const gone = (zero: ZeroReason): Found => ({
  scaling: { want: 0, replicas: 0, limited: { pods: 0 }, zero },
});

/** Inactive until it is known whether the last pods may go. */
const asksFor = (zero: ZeroReason): Found => ({ ...inactive(0, zero), inquires: true });

function stepTo({ metadata, spec }: Deployment, replicas: number | undefined): Life['step'] {
  if (replicas === undefined || replicas === spec.replicas || metadata.deletionTimestamp !== undefined)
    return undefined;
  return { do: 'scale', key: keyOfMeta(metadata), replicas, resourceVersion: metadata.resourceVersion };
}

function stateOf(
  world: World,
  step: Life['step'],
  { want, proxied }: { readonly want: number; readonly proxied: boolean },
): LifeState {
  const replicas = step?.replicas ?? world.deployment?.spec.replicas;
  if (want === 0 && replicas === 0) return 'zero';
  if (world.readyPods === 0 && want !== 0) return 'waking';
  return want > 0 || !proxied ? 'serving' : 'idle';
}

function cancelOf({ readyPods, evidence }: World, { active }: Scaled, want: number): Cancel | undefined {
  if (want <= 0 || active?.status !== 'False' || readyPods === 0) return undefined;
  return (evidence?.inFlight ?? 0) > 0 ? 'in-flight' : 'demand';
}

/** While nobody asks for pods; and while the pods could not take a burst by themselves (serving: pkg/reconciler/autoscaling/kpa/kpa.go). */
function isProxied(
  world: World,
  intended: Intended,
  { want, inactive }: { readonly want: number; readonly inactive: boolean },
): boolean {
  if (want === 0 || (want < 0 && inactive)) return true;
  const { pods, activators } = world;
  const bursts =
    isScaledByPods(intended) &&
    pods !== undefined &&
    pods.status.desiredScale >= 0 &&
    pods.status.excessBurstCapacity < 0;
  const wakers = wakersOf(world, intended.keeper);
  return bursts && wakers.length > 0 && (wakers !== activators.ours || activators.heard);
}
