import { millis, type Nanos } from '../go/duration.ts';
import { ms, seconds, type Instant, type Ms } from '../time.ts';
import { BucketWindow } from './bucket-window.ts';
import { isSameProblem, type ScrapeProblem } from './scrape-problem.ts';
import type { MetricSpec } from './spec.ts';
import { ownConcurrency, ownRequests, type Stat } from './stat.ts';

/** How often pods are asked. */
export const SCRAPE_INTERVAL = seconds(1);

/** Averages over both windows, of all pods together. */
export interface Averages {
  readonly stable: number;
  readonly panic: number;
}

const SHORTEST = 1;
/** The longest window that Knative's admission lets through; a longer one, set past it, would only take memory. */
const LONGEST = 3600_000;

const windowOf = (duration: Nanos): Ms => ms(Math.min(LONGEST, Math.max(SHORTEST, millis(duration))));

/**
 * What is measured of one revision: concurrency and requests per second, each over the stable and the panic window, from the pods and from
 * proxies in front of them (serving: pkg/autoscaler/metrics/collector.go).
 */
export class Collection {
  readonly #weighted: boolean;
  readonly #concurrency: readonly [stable: BucketWindow, panic: BucketWindow];
  readonly #rps: readonly [stable: BucketWindow, panic: BucketWindow];
  #scrapeTarget: string;
  #problem: ScrapeProblem | undefined;
  #scrapedAt: Instant | undefined;
  #pushedAt: Instant | undefined;

  /** The algorithm is the one of the beginning for ever. */
  constructor({ stableWindow, panicWindow, algorithm, scrapeTarget }: MetricSpec) {
    const windows = (): readonly [BucketWindow, BucketWindow] => [
      new BucketWindow(windowOf(stableWindow)),
      new BucketWindow(windowOf(panicWindow)),
    ];
    this.#weighted = algorithm === 'weighted-exponential';
    this.#concurrency = windows();
    this.#rps = windows();
    this.#scrapeTarget = scrapeTarget;
  }

  /** The Service whose pods are to be scraped; empty: none. */
  get scrapeTarget(): string {
    return this.#scrapeTarget;
  }

  /** What kept the last round of scraping from telling anything. */
  get problem(): ScrapeProblem | undefined {
    return this.#problem;
  }

  /** When the pods' reports were recorded last. */
  get scrapedAt(): Instant | undefined {
    return this.#scrapedAt;
  }

  /** When a proxy's report was recorded last. */
  get pushedAt(): Instant | undefined {
    return this.#pushedAt;
  }

  /** A change of windows keeps what fits into them (see `BucketWindow.resize`). */
  update({ stableWindow, panicWindow, scrapeTarget }: MetricSpec, now: Instant): void {
    this.#scrapeTarget = scrapeTarget;
    for (const [stable, panic] of [this.#concurrency, this.#rps]) {
      stable.resize(windowOf(stableWindow), now);
      panic.resize(windowOf(panicWindow), now);
    }
  }

  /** A report that a proxy sent; `at` is its own time, which may lie behind. */
  pushed(stat: Stat, at: Instant): void {
    this.#pushedAt = at;
    this.#record(stat, at);
  }

  /**
   * The end of a round of scraping: a report for all pods, nothing because there are none (or none are to be scraped), or a problem. True
   * when whoever watches should hear of it, because it went wrong in another way than before, or no longer.
   */
  scraped(outcome: Stat | ScrapeProblem | undefined, at: Instant): boolean {
    const problem = outcome !== undefined && 'is' in outcome ? outcome : undefined;
    const news = !isSameProblem(problem, this.#problem);
    if (news) this.#problem = problem;
    if (outcome !== undefined && !('is' in outcome)) {
      this.#scrapedAt = at;
      this.#record(outcome, at);
    }
    return news;
  }

  /**
   * The averages of `rps`, or of concurrency for any other metric. Undefined: nothing was recorded for longer than the stable window, which
   * is no evidence of anything. Where no pods are scraped it is: of the proxies' silence then, and it is zero.
   */
  averages(metric: string, now: Instant): Averages | undefined {
    const [stable, panic] = metric === 'rps' ? this.#rps : this.#concurrency;
    if (this.#scrapeTarget !== '' && stable.isEmpty(now)) return undefined;
    return this.#weighted
      ? { stable: stable.weightedAverage(now), panic: panic.weightedAverage(now) }
      : { stable: stable.average(now), panic: panic.average(now) };
  }

  #record(stat: Stat, at: Instant): void {
    const concurrency = ownConcurrency(stat);
    const rps = ownRequests(stat);
    this.#concurrency[0].record(at, concurrency);
    this.#concurrency[1].record(at, concurrency);
    this.#rps[0].record(at, rps);
    this.#rps[1].record(at, rps);
  }
}
