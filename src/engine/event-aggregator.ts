import type { BridgeEvent } from '../domain/event.ts';
import { faultOf } from '../domain/fault.ts';
import type { Key } from '../domain/key.ts';
import { minutes } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventSink } from '../ports/event-sink.ts';
import type { Log } from '../ports/log.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { LruMap } from './lru-map.ts';
import { TokenBucket, type TokenRate } from './token-bucket.ts';

export interface EventAggregatorParts {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'add'>;
  readonly log: Log;
  /** Per subject; 25 at once and one in five minutes by default, as client-go's spam filter. */
  readonly rate?: TokenRate;
  /** Events and subjects that are remembered, each; 4096 by default. */
  readonly memory?: number;
  /** Events that may wait to be written; more are dropped. 1000 by default. */
  readonly backlog?: number;
}

/** What makes events one event. */
interface Series {
  latest: BridgeEvent;
  count: number;
  /** The Event object, once written. */
  written: Key | undefined;
  /** True while it waits for, or is in, a write; what is said meanwhile goes along with the next one. */
  queued: boolean;
}

const RATE: TokenRate = { burst: 25, every: minutes(5) };

/**
 * Makes Event objects of what is published: repeats are counted in one object, a talkative subject is cut short, and writing goes on
 * behind, one at a time. Nobody waits for an event and none is worth an error.
 */
export class EventAggregator implements Recorder {
  readonly #parts: EventAggregatorParts;
  readonly #series: LruMap<string, Series>;
  readonly #buckets: LruMap<string, TokenBucket>;
  readonly #waiting: Series[] = [];
  #writing: Promise<void> | undefined;

  constructor(parts: EventAggregatorParts) {
    this.#parts = parts;
    this.#series = new LruMap(parts.memory ?? 4096);
    this.#buckets = new LruMap(parts.memory ?? 4096);
  }

  publish(event: BridgeEvent): void {
    const series = this.#series.use(identityOf(event), () => ({
      latest: event,
      count: 0,
      written: undefined,
      queued: false,
    }));
    series.latest = event;
    series.count += 1;
    if (series.queued) return;
    if (this.#waiting.length >= (this.#parts.backlog ?? 1000) || !this.#isPermitted(event)) {
      this.#count('dropped');
      return;
    }
    series.queued = true;
    this.#waiting.push(series);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #isPermitted({ about }: BridgeEvent): boolean {
    const { clock, rate = RATE } = this.#parts;
    const now = clock.monotonic();
    return this.#buckets.use(subjectOf(about), () => new TokenBucket(rate, now)).take(now);
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      await this.#write(next).catch((thrown: unknown) => {
        const { code, message } = faultOf(thrown);
        this.#count('failed');
        this.#parts.log.debug('event could not be written', { fault: code, detail: message });
      });
    this.#writing = undefined;
  }

  async #write(series: Series): Promise<void> {
    // What is published from here on needs another write.
    series.queued = false;
    const { sink, clock } = this.#parts;
    const { written, latest } = series;
    if (written !== undefined)
      try {
        await sink.increment(written, { count: series.count, at: clock.now() }, latest.message);
        this.#count('counted');
        return;
      } catch (thrown) {
        if (faultOf(thrown).code !== 'not_found') throw thrown;
        series.count = 1; // the object expired: the count starts anew
      }
    series.written = await sink.create(latest, { count: series.count, at: clock.now() });
    this.#count('written');
  }

  #count(outcome: 'written' | 'counted' | 'dropped' | 'failed'): void {
    this.#parts.telemetry.add('hpa_bridge_events_total', { outcome });
  }
}

const subjectOf = ({ kind, key, uid }: BridgeEvent['about']): string => JSON.stringify([kind, key, uid]);

const identityOf = ({ about, type, reason, sameAs }: BridgeEvent): string =>
  JSON.stringify([subjectOf(about), type, reason, sameAs]);
