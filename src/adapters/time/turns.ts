import { performance } from 'node:perf_hooks';

/** Milliseconds of work after which timers and sockets have a turn. */
const SLICE = 8;

/**
 * Shares the event loop among everything in the process that has much to do: work goes on while the turn is short, then whoever asked
 * first goes on in the next one.
 */
export class Turns {
  /** When the turn that is under way has lasted long enough; undefined before anybody asked in it. */
  #end: number | undefined;
  readonly #waiting: (() => void)[] = [];

  /** Undefined while the turn has time left; else resolves in a later one. */
  giveWay(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#end === undefined) this.#begin(now);
    else if (now >= this.#end) return new Promise((resolve) => this.#waiting.push(resolve));
    return undefined;
  }

  #begin(now: number): void {
    this.#end = now + SLICE;
    setImmediate(() => {
      this.#end = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#begin(performance.now());
      next();
    });
  }
}
