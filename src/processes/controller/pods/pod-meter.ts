import { millis } from '../../../domain/go/duration.ts';
import type { PodSignal } from '../../../domain/plan/pod-signal.ts';
import { Collection, SCRAPE_INTERVAL } from '../../../domain/scale/collection.ts';
import type { Decision } from '../../../domain/scale/decide.ts';
import type { ReadyPod } from '../../../domain/scale/pod-sample.ts';
import { faultOfProblem, type ScrapeProblem } from '../../../domain/scale/scrape-problem.ts';
import type { PodStanding } from '../../../domain/scale/standing.ts';
import type { Stat } from '../../../domain/scale/stat.ts';
import { TICK, wakes } from '../../../domain/scale/ticks.ts';
import { ms, plus, seconds, since, type Instant } from '../../../domain/time.ts';
import type { RequestsSeen } from '../../../domain/zero/seen.ts';
import type { StatSource } from '../../../ports/stat-source.ts';
import { Decider } from './decider.ts';
import { scrapeRound } from './scrape-round.ts';

export interface PodMeterParts {
  readonly source: StatSource;
  /** The name under which the Service in front of the pods is asked. */
  readonly hostOf: (service: string) => string;
  readonly readyPods: () => readonly ReadyPod[];
  readonly random: () => number;
}

/** A problem that lasts less is one that is late or lost, and not told. */
const CONVINCED_AFTER = seconds(5);
/** Who was asked longer ago may have had requests since. */
const WATCHED = ms(3 * SCRAPE_INTERVAL);
/** A decision that is older was made of nothing that counts now. */
const CURRENT = ms(3 * TICK);

/** What one round of asking was. */
export interface Scrape {
  /** `answered`, `no-pods`, or what kept the pods from telling anything. */
  readonly outcome: string;
  /** Whether something has to be told of it now. */
  readonly news: boolean;
}

/** What one tick was. */
export interface Tick {
  readonly result: 'stable' | 'panic' | 'no-data';
  /** Whether there is something to do now. */
  readonly news: boolean;
  readonly decision?: Decision;
}

/** What is measured at the pods of one revision, and what is decided from it. */
export class PodMeter {
  readonly #parts: PodMeterParts;
  readonly #collection: Collection;
  #decider: Decider;
  #signal: PodSignal;
  #podsAddressable = true;
  #heardAt: Instant | undefined;
  #askedAt: Instant | undefined;
  #failingSince: Instant | undefined;
  #problem: ScrapeProblem | undefined;
  #busyAt: Instant | undefined;
  #heldAt: Instant | undefined;
  #watchedSince: Instant | undefined;
  #isQuiet = false;

  /** `found`: pods that are there, or are meant to be. */
  constructor(parts: PodMeterParts, signal: PodSignal, found: number) {
    this.#parts = parts;
    this.#signal = signal;
    this.#collection = new Collection(signal.metric);
    this.#decider = new Decider(signal.decider, found);
  }

  get standing(): PodStanding {
    return { status: this.#decider.status, problem: this.#problem };
  }

  /** What is known of the requests themselves. */
  requests(now: Instant): RequestsSeen {
    const isWatched = this.#askedAt !== undefined && since(this.#askedAt, now) <= WATCHED;
    return {
      busyAt: this.#busyAt,
      heldAt: this.#heldAt,
      watchedSince: isWatched ? this.#watchedSince : undefined,
    };
  }

  /** Whether requests have come or ceased, for a whole window, since this was asked last. */
  hasTurned(now: Instant): boolean {
    const { busyAt, watchedSince } = this.requests(now);
    const before = this.#isQuiet;
    const from = Math.max(busyAt ?? 0, watchedSince ?? Infinity);
    this.#isQuiet = now - from >= millis(this.#signal.metric.stableWindow);
    return before !== this.#isQuiet;
  }

  /** Replicas that were wanted just now; undefined: not known. */
  wanted(now: Instant): number | undefined {
    const { last } = this.#decider;
    if (last === undefined || this.#problem !== undefined || since(last.at, now) > CURRENT) return undefined;
    return last.pods;
  }

  /** Measures and decides otherwise from now on. What was measured stays; a revision that is scaled by it now is decided upon anew. */
  update(signal: PodSignal, found: number, now: Instant): void {
    const before = this.#signal;
    this.#signal = signal;
    this.#collection.update(signal.metric, now);
    if (before.use === signal.use) this.#decider.update(signal.decider);
    else this.#decider = new Decider(signal.decider, found);
  }

  /** Asks the pods once. Not to be called again before it has resolved. */
  async scrape(now: Instant): Promise<Scrape> {
    const { source, hostOf, readyPods, random } = this.#parts;
    const { metric, mesh, passthrough } = this.#signal;
    const { told, reach } = await scrapeRound(source, {
      pods: readyPods().filter(({ address }) => address !== ''),
      service: hostOf(metric.scrapeTarget),
      window: millis(metric.stableWindow),
      reach: { mesh, passthrough, podsAddressable: this.#podsAddressable },
      now,
      random,
    });
    this.#podsAddressable = reach.podsAddressable;
    const outcome = told.ok ? told.value : told.error;
    this.#watch(outcome, now);
    this.#record(outcome, now);
    return { outcome: nameOf(outcome), news: this.#judge(now) };
  }

  /** A report that a proxy in front of the pods sent. True when it is reason to decide at once. */
  reported(stat: Stat, at: Instant): boolean {
    this.#collection.pushed(stat, at);
    if (isBusy(stat)) this.#busyAt = at;
    if (stat.averageConcurrentRequests > 0) this.#heldAt = at;
    return wakes(this.#decider.status, stat);
  }

  tick(now: Instant): Tick {
    const { spec } = this.#decider;
    const averages = this.#isSilent(now)
      ? undefined
      : this.#collection.averages(spec.metric, this.#windowsEnd(now));
    if (averages === undefined) return { result: 'no-data', news: false };
    const { scrapedAt, pushedAt } = this.#collection;
    const ready = this.#parts.readyPods().length;
    const { decision, news } = this.#decider.decide({ ready, ...averages, scrapedAt, pushedAt }, now);
    return { result: decision.memory.panicAt === undefined ? 'stable' : 'panic', news, decision };
  }

  /** What each second says of requests, those that come through a proxy among them. */
  #watch(outcome: Stat | ScrapeProblem | undefined, now: Instant): void {
    const failed = outcome !== undefined && 'is' in outcome;
    const isGap = this.#askedAt === undefined || since(this.#askedAt, now) > WATCHED;
    this.#askedAt = now;
    if (failed) this.#watchedSince = undefined;
    else if (isGap || this.#watchedSince === undefined) this.#watchedSince = now;
    if (outcome !== undefined && !failed && isBusy(outcome)) this.#busyAt = now;
  }

  /**
   * Windows are sums of seconds, and one in which nothing was heard would be a zero between others. What pods tell stands for the seconds
   * since they were heard before, too: those in which they were not asked, or hung, or did not answer.
   */
  #record(outcome: Stat | ScrapeProblem | undefined, now: Instant): void {
    if (outcome !== undefined && 'is' in outcome) {
      this.#collection.scraped(outcome, now);
      return;
    }
    const passed = this.#heardAt === undefined ? SCRAPE_INTERVAL : secondOf(now) - secondOf(this.#heardAt);
    this.#heardAt = now;
    const counted = Math.min(passed, millis(this.#signal.metric.stableWindow));
    for (let ago = Math.ceil(counted / SCRAPE_INTERVAL) - 1; ago > 0; ago -= 1)
      this.#collection.scraped(outcome, plus(now, ms(-ago * SCRAPE_INTERVAL)));
    this.#collection.scraped(outcome, now);
  }

  /**
   * Whether nothing was recorded for a whole stable window. Upstream's windows are not yet empty in the second in which it ends, but their
   * average is zero: half of all outages would end in a decision by that.
   */
  #isSilent(now: Instant): boolean {
    const { scrapedAt, pushedAt, scrapeTarget } = this.#collection;
    const latest = Math.max(scrapedAt ?? -Infinity, pushedAt ?? -Infinity);
    const { stableWindow } = this.#signal.metric;
    return scrapeTarget !== '' && secondOf(now) - secondOf(latest) >= millis(stableWindow);
  }

  /**
   * With the newest second that the pods have told of. The present one may not have been asked about yet, and a panic window of a single
   * second would then be empty at each decision.
   */
  #windowsEnd(now: Instant): Instant {
    const heard = this.#heardAt;
    return heard !== undefined && secondOf(now) - secondOf(heard) === SCRAPE_INTERVAL ? heard : now;
  }

  #judge(now: Instant): boolean {
    const { problem } = this.#collection;
    this.#failingSince = problem === undefined ? undefined : (this.#failingSince ?? now);
    const lasts = this.#failingSince !== undefined && since(this.#failingSince, now) >= CONVINCED_AFTER;
    const before = this.#problem;
    this.#problem = lasts ? problem : undefined;
    return wordFor(before) !== wordFor(this.#problem);
  }
}

const isBusy = ({ averageConcurrentRequests, requestCount }: Stat): boolean =>
  averageConcurrentRequests > 0 || requestCount > 0;

const secondOf = (at: number): number => Math.floor(at / SCRAPE_INTERVAL) * SCRAPE_INTERVAL;

const wordFor = (problem: ScrapeProblem | undefined): string =>
  problem === undefined ? '' : faultOfProblem(problem);

function nameOf(outcome: Stat | ScrapeProblem | undefined): string {
  if (outcome === undefined) return 'no-pods';
  return 'is' in outcome ? outcome.is : 'answered';
}
