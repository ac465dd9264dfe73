import { millis } from '../go/duration.ts';
import { conditionOf } from '../k8s/read/condition.ts';
import type { Intended } from '../plan/intent-of.ts';
import { asksUs } from '../plan/measurement.ts';
import { ownershipOf } from '../plan/ownership.ts';
import { isScaledByPods } from '../plan/pod-signal.ts';
import { kedaFails } from '../plan/signal-conditions.ts';
import type { World } from '../plan/world.ts';
import { stableWindowOf } from '../scale/spec.ts';
import { instant, ms, seconds, since, type Instant, type Ms } from '../time.ts';
import { kedaNeverRests } from './keda-rest.ts';
import type { RequestsSeen } from './seen.ts';

/** How many pods are asked for. */
export interface Demand {
  /** -1: not known. 0: nobody has asked for any for a stable window. Where an HPA or KEDA says how many, 1 is any number. */
  readonly wanted: number;
  /** When time alone makes another answer of it. */
  readonly revisit?: Ms;
}

/** What one of those who may ask for pods says. */
type Voice =
  | { readonly is: 'busy' | 'unknown' }
  /** Has asked for nothing for so long. */
  | { readonly is: 'quiet'; readonly for: Ms };

const BUSY: Voice = { is: 'busy' };
const UNKNOWN: Voice = { is: 'unknown' };
const ALWAYS = ms(Infinity);
const quietFor = (length: Ms): Voice => ({ is: 'quiet', for: length });

/** Activators tell of a request that waits each second. */
const HELD_JUST_NOW = seconds(3);

/** What the requests and the signal of a revision ask for. Nobody is idle of whom it is not known. */
export function demandOf(world: World, intended: Intended): Demand {
  const window = millis(stableWindowOf(intended.intent.settings, world.config.autoscaler));
  const voices = [
    requestsIn(world, window),
    ...(isScaledByPods(intended) ? [] : signalVoices(world, intended)),
  ];
  const heard = together(voices, window);
  if (!isScaledByPods(intended)) return heard;
  const decided = world.pods?.status.desiredScale ?? -1;
  if (decided > 0 || heard.wanted > 0) return { wanted: Math.max(decided, heard.wanted) };
  return decided < 0 && !isStarting(world) ? { wanted: -1 } : heard;
}

/** Where no pod has come up there is nothing to measure, and a start can fail all the same (serving: pkg/reconciler/autoscaling/kpa/scaler.go). */
const isStarting = ({ pa, readyPods }: World): boolean =>
  readyPods === 0 && conditionOf(pa.status.conditions, 'Active')?.status === 'Unknown';

function together(voices: readonly Voice[], window: Ms): Demand {
  if (voices.some(({ is }) => is === 'busy')) return { wanted: 1 };
  const least = Math.min(...voices.map((voice) => (voice.is === 'quiet' ? voice.for : -1)));
  if (least < 0) return { wanted: -1 };
  return least >= window ? { wanted: 0 } : { wanted: -1, revisit: ms(window - least) };
}

function requestsIn(world: World, window: Ms): Voice {
  const { requests, deployment, at, evidence } = world;
  if (requests?.heldAt !== undefined && since(requests.heldAt, at) < HELD_JUST_NOW) return BUSY;
  // Without pods nobody but activators sees requests, and they tell of each.
  if (deployment?.spec.replicas === 0) return quietFor(ALWAYS);
  if (evidence?.inFlight !== undefined && evidence.inFlight > 0) return BUSY;
  return requests === undefined ? UNKNOWN : sinceRequests(requests, at, window);
}

function sinceRequests({ busyAt, watchedSince }: RequestsSeen, at: Instant, window: Ms): Voice {
  if (busyAt !== undefined && since(busyAt, at) < window) return BUSY;
  if (watchedSince === undefined) return UNKNOWN;
  return quietFor(since(instant(Math.max(busyAt ?? 0, watchedSince)), at));
}

function signalVoices(world: World, intended: Intended): readonly Voice[] {
  return [
    ...(asksUs(intended) ? [ourQuery(world)] : []),
    ...(intended.backend === 'keda' && !kedaNeverRests(world, intended) ? [kedasTriggers(world)] : []),
  ];
}

function ourQuery({ queryActivity, measured, at }: World): Voice {
  if (queryActivity === undefined) return UNKNOWN;
  if (queryActivity.active) return BUSY;
  return measured?.rung === 'fresh' ? quietFor(since(queryActivity.since, at)) : UNKNOWN;
}

/** What KEDA itself asked its triggers (keda: pkg/scaling/executor/scale_scaledobjects.go). */
function kedasTriggers(world: World): Voice {
  if (ownershipOf(world, 'ScaledObject') !== 'ours' || world.scaledObject === undefined) return UNKNOWN;
  const { status } = world.scaledObject;
  const active = conditionOf(status.conditions, 'Active')?.status;
  if (active === 'True') return BUSY;
  if (active !== 'False' || kedaFails(status)) return UNKNOWN;
  return quietFor(status.lastActiveTime === undefined ? ALWAYS : since(status.lastActiveTime, world.at));
}
