import { millis } from '../go/duration.ts';
import { max, min, toInt32 } from '../go/math.ts';
import type { Instant } from '../time.ts';
import { excessBurstCapacity } from './burst.ts';
import { DelayWindow } from './delay-window.ts';
import type { DeciderSpec } from './spec.ts';

/** What was measured when a decision was made. */
export interface Seen {
  /** Ready pods; 0 counts as 1 where it divides. */
  readonly ready: number;
  /** Averages over the two windows, of all pods together. */
  readonly stable: number;
  readonly panic: number;
  /** When the newest pods' report and the newest report of a proxy came in; undefined: none ever did. */
  readonly scrapedAt?: Instant | undefined;
  readonly pushedAt?: Instant | undefined;
}

/** What is remembered between decisions. */
export interface Memory {
  /** Since when, or for the last time when, the panic threshold was crossed; undefined: no panic. */
  readonly panicAt: Instant | undefined;
  /** The most pods that were wanted in this panic. Before the first panic: the pods that were ready at the start. */
  readonly peak: number;
  /** Decisions of the last while, where lower ones have to wait. The only part that changes in place. */
  readonly delay: DelayWindow | undefined;
}

/** One answer to "how many pods?", with every number that led to it. */
export interface Decision {
  readonly at: Instant;
  readonly spec: DeciderSpec;
  readonly seen: Seen;
  /** The limits of one step, from the rates. */
  readonly least: number;
  readonly most: number;
  /** Pods for the averages, rounded up; neither limited nor cut to int32. */
  readonly stableNeeds: number;
  readonly panicNeeds: number;
  /** The same within the limits, and at least the activation scale if there is any demand. int32. */
  readonly stablePods: number;
  readonly panicPods: number;
  readonly overThreshold: boolean;
  /** What panic made of it: never less than the peak. */
  readonly undelayed: number;
  /** The result before min-scale and max-scale. int32. */
  readonly pods: number;
  /** See `excessBurstCapacity`. */
  readonly excessBurst: number;
  readonly memory: Memory;
}

/**
 * What is remembered at first, when `ready` pods were found. More than one means that we have forgotten what they were needed for: a panic
 * holds them until a full window was measured. The delay is the one of the start for ever.
 */
export const firstMemory = (spec: DeciderSpec, ready: number, now: Instant): Memory => ({
  panicAt: ready > 1 ? now : undefined,
  peak: toInt32(ready),
  delay: spec.scaleDownDelay > 0n ? new DelayWindow(millis(spec.scaleDownDelay)) : undefined,
});

/** The activation scale lifts what is wanted, but not from nothing. */
const activated = (pods: number, needs: number, activationScale: number): number =>
  activationScale > 1 && needs > 0 && activationScale > pods ? activationScale : pods;

/** A panic begins and is prolonged above the threshold, and ends after more than a stable window below it. */
function panicAfter(
  was: Memory,
  overThreshold: boolean,
  spec: DeciderSpec,
  now: Instant,
): Instant | undefined {
  if (overThreshold) return now;
  const ends = was.panicAt !== undefined && was.panicAt + millis(spec.stableWindow) < now;
  return ends ? undefined : was.panicAt;
}

/**
 * The next scale from what is measured and remembered now (serving: pkg/autoscaler/scaling/autoscaler.go). Same inputs, same answer. Where
 * nothing was measured there is nothing to call this with: no data is no decision, and the memory stays as it is.
 */
export function decide(spec: DeciderSpec, seen: Seen, was: Memory, now: Instant): Decision {
  const ready = Math.max(1, seen.ready);
  const most = Math.ceil(spec.maxScaleUpRate * ready);
  const least = spec.reachable ? Math.floor(ready / spec.maxScaleDownRate) : 0;
  const stableNeeds = Math.ceil(seen.stable / spec.target);
  const panicNeeds = Math.ceil(seen.panic / spec.target);
  const { activationScale } = spec;
  const stablePods = activated(toInt32(min(max(stableNeeds, least), most)), stableNeeds, activationScale);
  const panicPods = activated(toInt32(min(max(panicNeeds, least), most)), panicNeeds, activationScale);
  const overThreshold = panicNeeds / ready >= spec.panicThreshold;

  const panicAt = panicAfter(was, overThreshold, spec, now);
  const left = panicAt === undefined && was.panicAt !== undefined;
  const peak = panicAt === undefined ? (left ? 0 : was.peak) : Math.max(was.peak, stablePods, panicPods);
  const undelayed = panicAt === undefined ? stablePods : peak;
  const pods = spec.reachable && was.delay !== undefined ? was.delay.record(now, undelayed) : undelayed;
  return {
    at: now,
    spec,
    seen,
    least,
    most,
    stableNeeds,
    panicNeeds,
    stablePods,
    panicPods,
    overThreshold,
    undelayed,
    pods,
    excessBurst: excessBurstCapacity(spec, seen.ready, seen.panic),
    memory: { panicAt, peak, delay: was.delay },
  };
}
