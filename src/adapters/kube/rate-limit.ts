import { ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** At most `perSecond` on average and `burst` at once; whoever comes first goes first. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  /** Below zero: tokens promised to those who wait. */
  #tokens: number;
  #at: number;

  constructor(limit: { readonly perSecond: number; readonly burst: number }, clock: Clock) {
    this.#perSecond = limit.perSecond;
    this.#burst = limit.burst;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#at = clock.monotonic();
  }

  /** Resolves when it is the caller's turn; rejects with the signal's reason, and then the turn is given back. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond) - 1;
    this.#at = now;
    if (this.#tokens >= 0) return;
    try {
      await this.#clock.sleep(ms(Math.ceil((-this.#tokens / this.#perSecond) * 1000)), signal);
    } catch (error) {
      this.#tokens += 1;
      throw error;
    }
  }
}
