import { instant, ms, plus, type Instant, type Ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lets everything that is already possible happen: microtasks, and work that gave way with `setImmediate`. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Time that stands still until a test lets it pass. */
export class ManualClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** The wall clock starts at 2026-01-01T00:00:00Z unless told otherwise; the monotonic reading at 0. */
  constructor(start: Instant = instant(1_767_225_600_000)) {
    this.#wall = start;
  }

  now(): Instant {
    return instant(this.#wall);
  }

  monotonic(): Ms {
    return ms(this.#monotonic);
  }

  after(wait: Ms, run: () => void): () => void {
    const timer = { due: this.#monotonic + Math.max(0, wait), order: this.#order++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(wait: Ms, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const cancel = this.after(wait, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Whether every turn of the event loop has been long; no time passes while work is done, so by itself none has. */
  busy = false;

  giveWay(): Promise<void> | undefined {
    return this.busy ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets `by` pass: runs what falls due, in order, and lets the work that each timer started settle before the next. */
  async pass(by: Ms | number): Promise<void> {
    const end = this.#monotonic + by;
    await settled();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#moveTo(timer.due);
      timer.run();
      await settled();
    }
    this.#moveTo(end);
  }

  /** Lets time pass from timer to timer until `claim` holds. Throws when it does not within `bound`. */
  async until(claim: () => boolean, bound: Ms | number): Promise<void> {
    const end = this.#monotonic + bound;
    await settled();
    while (!claim()) {
      const timer = this.#next(end);
      if (timer === undefined) throw new Error(`still not so after ${bound} ms: ${claim.toString()}`);
      await this.pass(timer.due - this.#monotonic);
    }
  }

  /** The wall clock is set by `by`, as by an operator or NTP; the monotonic reading does not notice. */
  setWall(by: Ms | number): void {
    this.#wall += by;
  }

  /** The same passing of time seen by a machine whose wall clock is off by `by`. */
  skewed(by: Ms | number): Clock {
    return {
      now: () => plus(this.now(), ms(by)),
      monotonic: () => this.monotonic(),
      sleep: (wait, signal) => this.sleep(wait, signal),
      after: (wait, run) => this.after(wait, run),
      giveWay: () => this.giveWay(),
    };
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer;
    return next;
  }

  #moveTo(reading: number): void {
    const step = Math.max(0, reading - this.#monotonic);
    this.#monotonic += step;
    this.#wall += step;
  }
}
