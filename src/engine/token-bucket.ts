import type { Ms } from '../domain/time.ts';

export interface TokenRate {
  /** Tokens at the start, and the most that are kept. */
  readonly burst: number;
  /** One token comes back after so long. */
  readonly every: Ms;
}

/** Permits a burst, and then one thing in a while. Readings are of one monotonic clock. */
export class TokenBucket {
  readonly #rate: TokenRate;
  #tokens: number;
  #at: Ms;

  constructor(rate: TokenRate, now: Ms) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes a token if there is one. */
  take(now: Ms): boolean {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (now - this.#at) / this.#rate.every);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
