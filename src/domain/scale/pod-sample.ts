import { err, ok, type Result } from '../result.ts';
import type { Instant, Ms } from '../time.ts';
import { since } from '../time.ts';
import { sampleSize } from './sample-size.ts';
import type { ScrapeProblem } from './scrape-problem.ts';
import { extrapolated, type Stat } from './stat.ts';

/** A ready pod, as it can be asked. */
export interface ReadyPod {
  readonly address: string;
  /** undefined: it has not told when it started, and counts as young. */
  readonly startedAt: Instant | undefined;
}

/** Pods in random order (Fisher and Yates). `random` gives numbers from 0 to below 1. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const [moved] = mixed.splice(Math.floor(random() * (last + 1)), 1);
    if (moved !== undefined) mixed.push(moved);
  }
  return mixed;
}

/**
 * The pods in the order in which they are asked: those that have lived through a whole window first, because a young pod still warms up.
 * Those of whom some will not be asked are shuffled.
 */
export function scrapeOrder(
  pods: readonly ReadyPod[],
  window: Ms,
  now: Instant,
  random: () => number,
): readonly ReadyPod[] {
  if (pods.length < 2) return pods;
  const isOld = ({ startedAt }: ReadyPod): boolean =>
    startedAt !== undefined && since(startedAt, now) >= window;
  const old = pods.filter(isOld);
  const young = pods.filter((pod) => !isOld(pod));
  return old.length < sampleSize(pods.length)
    ? [...old, ...shuffled(young, random)]
    : [...shuffled(old, random), ...young];
}

/**
 * One round of asking pods by their addresses (serving: pkg/autoscaler/metrics/stats_scraper.go). As many as the sample needs are asked at
 * a time; for one that fails the next is asked, and when there is none left the round has failed.
 */
export class PodSample {
  readonly #pods: readonly ReadyPod[];
  readonly #stats: Stat[] = [];
  #next = 0;
  #exhausted = false;
  #sawOther = false;
  /** How many are to be asked at a time, and have to answer. */
  readonly size: number;

  /** `pods` in the order of `scrapeOrder`. */
  constructor(pods: readonly ReadyPod[]) {
    this.#pods = pods;
    this.size = sampleSize(pods.length);
  }

  /** The pod to be asked next, by one who has no answer yet; undefined: none is left, or none needs to be asked any more. */
  next(): ReadyPod | undefined {
    if (this.#exhausted || this.#stats.length === this.size) return undefined;
    const pod = this.#pods[this.#next++];
    if (pod === undefined) this.#exhausted = true;
    return pod;
  }

  answered(stat: Stat): void {
    this.#stats.push(stat);
  }

  /** `likeMesh`: the answer was 502 or 503, which a mesh gives to those who ask pods by address. */
  failed(likeMesh: boolean): void {
    if (!likeMesh) this.#sawOther = true;
  }

  /** What the round has given, once all who asked are done. Undefined: there are no pods, and nothing is to be recorded. */
  result(): Result<Stat | undefined, ScrapeProblem> {
    const { length: answered } = this.#stats;
    if (this.size === 0) return ok(undefined);
    if (answered >= this.size) return ok(extrapolated(this.#stats, this.size, this.#pods.length));
    return answered > 0 || this.#sawOther
      ? err({ is: 'pods-exhausted', answered, needed: this.size })
      : err({ is: 'not-addressable' });
  }
}
