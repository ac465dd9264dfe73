import { err, ok, type Result } from '../result.ts';
import type { Ms } from '../time.ts';
import { sampleSize } from './sample-size.ts';
import type { ScrapeProblem } from './scrape-problem.ts';
import { extrapolated, type Stat } from './stat.ts';

const MOST_TRIES = 10;

/** What one who asks does after an answer. */
export type Next = 'again' | 'done';

/**
 * One round of asking the Service, behind which a mesh chooses the pod (serving: pkg/autoscaler/metrics/stats_scraper.go). As many ask as
 * the sample needs; each is done with a pod that has lived through a whole window. Reports of younger ones are kept for what is missing.
 */
export class ServiceSample {
  readonly #ready: number;
  readonly #window: number;
  readonly #seen = new Set<string>();
  readonly #old: Stat[] = [];
  readonly #young: Stat[] = [];
  #problem: ScrapeProblem | undefined;
  /** How many ask at a time. */
  readonly size: number;

  /** `ready` pods are behind the Service. */
  constructor(ready: number, window: Ms) {
    this.#ready = ready;
    this.#window = window / 1000;
    this.size = sampleSize(ready);
  }

  /** The `attempt`th answer, from 1, to one who asks. */
  answered(stat: Stat, attempt: number): Next {
    if (this.#seen.has(stat.podName)) return this.failed({ is: 'seen-before' }, attempt);
    this.#seen.add(stat.podName);
    if (this.#problem !== undefined) return 'done';
    if (stat.processUptime >= this.#window) {
      this.#old.push(stat);
      return 'done';
    }
    if (this.#young.length === this.size) return 'done';
    this.#young.push(stat);
    return 'again';
  }

  /** The `attempt`th try of one who asks has failed. Who gives up ends the round for all. */
  failed(problem: ScrapeProblem, attempt: number): Next {
    if (attempt < MOST_TRIES) return this.#problem === undefined ? 'again' : 'done';
    this.#problem ??= problem;
    return 'done';
  }

  /** What the round has given, once all who asked are done. Undefined: there are no pods, and nothing is to be recorded. */
  result(): Result<Stat | undefined, ScrapeProblem> {
    if (this.size === 0) return ok(undefined);
    const enough = this.#old.length + this.#young.length >= this.size;
    if (this.#problem !== undefined && (this.#problem.is !== 'seen-before' || !enough))
      return err({ is: 'too-few-by-service', needed: this.size, because: this.#problem });
    const missing = this.#young.slice(0, Math.max(0, this.size - this.#old.length));
    return ok(extrapolated([...this.#old, ...missing], this.size, this.#ready));
  }
}
