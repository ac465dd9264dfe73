import { namespaceOf, type Key } from '../../../domain/key.ts';
import type { PodSignal } from '../../../domain/plan/pod-signal.ts';
import { SCRAPE_INTERVAL } from '../../../domain/scale/collection.ts';
import type { Decision } from '../../../domain/scale/decide.ts';
import type { ReadyPod } from '../../../domain/scale/pod-sample.ts';
import type { PodStanding } from '../../../domain/scale/standing.ts';
import type { Stat } from '../../../domain/scale/stat.ts';
import type { RequestsSeen } from '../../../domain/zero/seen.ts';
import { nextTick as nextDecision, TICK } from '../../../domain/scale/ticks.ts';
import { instant, ms, since, type Instant, type Ms } from '../../../domain/time.ts';
import { orAborted } from '../../../engine/abort.ts';
import type { Gate } from '../../../engine/controller.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import { nextTick } from '../../../engine/ticks.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { StatSource } from '../../../ports/stat-source.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { PodMeter } from './pod-meter.ts';

export interface PodSignalsParts {
  readonly source: StatSource;
  readonly readyPods: (key: Key) => readonly ReadyPod[];
  /** Pods that a revision has, or is meant to have, when its pods are first asked. */
  readonly found: (key: Key) => number;
  /** Open for revisions that we lead for: only their leader scales. */
  readonly gate: Pick<Gate, 'isOpen'>;
  /** Whether what the pods carry does not count at present. */
  readonly isQuiet: (key: Key) => boolean;
  /** Told of a revision for which there is something to do. */
  readonly onNews: (key: Key, use: PodSignal['use']) => void;
  /** Told of a revision that has requests again, or has had none for a window. */
  readonly onRequests: (key: Key) => void;
  /** Whether nothing but requests keeps the revision from going to sleep. */
  readonly isIdle: (key: Key) => boolean;
  /** Told of each decision about a revision that is scaled by it, and whether it is another one than before. */
  readonly onDecision: (key: Key, decision: Decision, news: boolean) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

interface Entry {
  signal: PodSignal;
  /** Undefined while another replica scales the revision. */
  meter: PodMeter | undefined;
  /** Where in a second, or in an interval, its pods are asked: no two revisions at once. */
  readonly place: number;
  /** Whether a round runs, or waits to. */
  asking: boolean;
  cancelScrape: () => void;
  cancelTick: () => void;
}

/** Rounds at a time, each of at most 16 requests: so many that pods which hang until the deadline keep no other revision waiting. */
const ROUNDS = 1000;
/** The part of a second in which no round begins, at both ends: one that begins near its end would now and then count for the next. */
const MARGIN = 0.1;
/**
 * Rounds and decisions begin together with others, at a multiple of this: to wake up costs more than a decision, and a hundred times in a
 * second is often enough to spread the work.
 */
const GRID = ms(10);

/**
 * Asks the pods of every revision that is scaled by what they carry once in a second, and decides upon each every 2 s. It writes nothing:
 * whoever is told of news reads `standing`. Revisions that may fall back to their concurrency are measured the same way, at leisure.
 */
export class PodSignals {
  readonly #parts: PodSignalsParts;
  readonly #entries = new Map<Key, Entry>();
  readonly #rounds = new Semaphore(ROUNDS);
  readonly #stop = new AbortController();

  constructor(parts: PodSignalsParts) {
    this.#parts = parts;
  }

  /** What is measured at the pods of a revision from now on; undefined: nothing. */
  set(key: Key, signal: PodSignal | undefined): void {
    const before = this.#entries.get(key);
    if (signal === undefined) {
      if (before !== undefined) this.#forget(key, before);
      return;
    }
    if (before !== undefined) {
      before.signal = signal;
      before.meter?.update(signal, this.#parts.found(key), this.#parts.clock.now());
      return;
    }
    if (this.#stop.signal.aborted) return;
    const place =
      onGrid(SCRAPE_INTERVAL * (MARGIN + this.#parts.random() * (1 - 2 * MARGIN))) / SCRAPE_INTERVAL;
    const idle = (): void => undefined;
    const entry: Entry = {
      signal,
      meter: undefined,
      place,
      asking: false,
      cancelScrape: idle,
      cancelTick: idle,
    };
    this.#entries.set(key, entry);
    this.#armScrape(key, entry);
    this.#armTick(key, entry, this.#firstTick());
  }

  /** How it stands with a revision that is scaled by what its pods carry; undefined for all others. */
  standing(key: Key): PodStanding | undefined {
    const entry = this.#entries.get(key);
    return entry?.signal.use === 'scale' ? entry.meter?.standing : undefined;
  }

  /** What is known of the requests of a revision; undefined while nobody looks. */
  requests(key: Key): RequestsSeen | undefined {
    return this.#entries.get(key)?.meter?.requests(this.#parts.clock.now());
  }

  /** Replicas that the concurrency of a revision asks for just now; undefined: not known. */
  wanted(key: Key): number | undefined {
    return this.#entries.get(key)?.meter?.wanted(this.#parts.clock.now());
  }

  /**
   * Takes a report of a proxy in front of the pods; `at` is its own time. Where requests wait and there is no pod, it is decided at once.
   * False: the revision is not measured here.
   */
  reported(key: Key, stat: Stat, at: Instant): boolean {
    const entry = this.#entries.get(key);
    const meter = entry === undefined ? undefined : this.#meterOf(key, entry);
    if (entry === undefined || meter === undefined) return false;
    const held = meter.requests(at).heldAt;
    if (meter.reported(stat, at)) this.#decide(key, entry, meter);
    const now = this.#parts.clock.now();
    // A request that waits where none did is told at once: the revision may have no pods.
    const isFirst = held === undefined || since(held, now) > TICK;
    if (meter.hasTurned(now) || (isFirst && meter.requests(now).heldAt !== held)) this.#parts.onRequests(key);
    return true;
  }

  /** Resolves when the signal aborts; then nothing is asked any more. */
  async run(signal: AbortSignal): Promise<void> {
    await orAborted(new Promise(() => undefined), signal);
    this.#stop.abort(new Error('stopping'));
    for (const [key, entry] of this.#entries) this.#forget(key, entry);
  }

  #forget(key: Key, entry: Entry): void {
    entry.cancelScrape();
    entry.cancelTick();
    this.#entries.delete(key);
  }

  /** What is known of the revision; nothing is while we may not scale it, and who may again begins anew. */
  #meterOf(key: Key, entry: Entry): PodMeter | undefined {
    const { source, gate, readyPods, found, random } = this.#parts;
    if (entry.signal.use === 'scale' && !gate.isOpen(key)) entry.meter = undefined;
    else
      entry.meter ??= new PodMeter(
        {
          source,
          hostOf: (service) => `${service}.${namespaceOf(key)}`,
          readyPods: () => readyPods(key),
          random,
        },
        entry.signal,
        found(key),
      );
    return entry.meter;
  }

  #intervalOf(key: Key, { signal: { use, interval, sleeps } }: Entry): Ms {
    if (use === 'scale') return interval;
    const { isQuiet, isIdle } = this.#parts;
    return isQuiet(key) && !(sleeps && isIdle(key)) ? interval : SCRAPE_INTERVAL;
  }

  /** `after`: the last time that was due, because a timer may fire a little before it by the wall clock. */
  #armScrape(key: Key, entry: Entry, after?: Instant): void {
    const { clock } = this.#parts;
    const now = clock.now();
    const interval = this.#intervalOf(key, entry);
    // Whole seconds, and the place within one: what is asked at leisure is spread over its interval.
    const phase = SCRAPE_INTERVAL * (Math.floor((entry.place * interval) / SCRAPE_INTERVAL) + entry.place);
    const due = instant(
      nextTick(ms(Math.round(phase)), interval, ms(Math.max(now, isNear(after, now) ? after : now))),
    );
    entry.cancelScrape = clock.after(since(now, due), () => {
      this.#armScrape(key, entry, due);
      this.#scrape(key, entry, due).catch((cause: unknown) => {
        if (!this.#stop.signal.aborted) this.#parts.log.error('asking pods broke', { key, cause });
      });
    });
  }

  async #scrape(key: Key, entry: Entry, due: Instant): Promise<void> {
    const meter = this.#meterOf(key, entry);
    if (meter === undefined || entry.asking) return;
    entry.asking = true;
    try {
      await this.#rounds.run(() => this.#ask(key, entry, meter, due), this.#stop.signal);
    } finally {
      entry.asking = false;
    }
  }

  async #ask(key: Key, entry: Entry, meter: PodMeter, due: Instant): Promise<void> {
    const { clock, telemetry, onNews } = this.#parts;
    await clock.giveWay();
    const late = Math.max(0, since(due, clock.now()));
    telemetry.observe('hpa_bridge_scrape_lateness_seconds', {}, late / 1000);
    const began = clock.monotonic();
    const { outcome, news } = await meter.scrape(clock.now());
    telemetry.observe('hpa_bridge_scrape_seconds', {}, (clock.monotonic() - began) / 1000);
    telemetry.add('hpa_bridge_scrapes_total', { outcome });
    if (entry.meter !== meter) return;
    if (news) onNews(key, entry.signal.use);
    this.#review(key, meter);
  }

  #review(key: Key, meter: PodMeter): void {
    if (meter.hasTurned(this.#parts.clock.now())) this.#parts.onRequests(key);
  }

  /** Where within two seconds a revision is decided upon: not all of those that a start finds at once. */
  #firstTick(): Instant {
    const { clock, random } = this.#parts;
    return instant(onGrid(clock.now() + random() * TICK));
  }

  #armTick(key: Key, entry: Entry, due: Instant): void {
    const { clock } = this.#parts;
    entry.cancelTick = clock.after(ms(Math.max(0, since(clock.now(), due))), () => {
      this.#armTick(key, entry, nextDecision(due, clock.now()));
      const meter = this.#meterOf(key, entry);
      if (meter !== undefined) this.#decide(key, entry, meter);
    });
  }

  #decide(key: Key, entry: Entry, meter: PodMeter): void {
    const { clock, telemetry, onNews, onDecision } = this.#parts;
    const { result, news, decision } = meter.tick(clock.now());
    telemetry.add('hpa_bridge_ticks_total', { result });
    if (decision !== undefined && entry.signal.use === 'scale') onDecision(key, decision, news);
    if (news) onNews(key, entry.signal.use);
  }
}

/** The multiple of `GRID` at or after a time. */
const onGrid = (at: number): number => Math.ceil(at / GRID) * GRID;

/** A clock that was set back by more than this begins anew. */
const isNear = (after: Instant | undefined, now: Instant): after is Instant =>
  after !== undefined && Math.abs(since(after, now)) < SCRAPE_INTERVAL;
