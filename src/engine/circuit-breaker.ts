import { ms, type Ms } from '../domain/time.ts';
import { backoffAfter, type BackoffRange } from './backoff.ts';

export interface CircuitBreakerOptions {
  /** Failures in a row after which it opens, at least 1. */
  readonly failures: number;
  /** How long it stays open: longer after each trial that fails. */
  readonly open: BackoffRange;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
}

type State =
  | { readonly is: 'closed'; readonly failures: number }
  | { readonly is: 'open'; readonly until: Ms; readonly times: number }
  /** One trial is under way. */
  | { readonly is: 'half-open'; readonly times: number };

const CLOSED: State = { is: 'closed', failures: 0 };

/** Keeps calls away from what fails: opens after failures in a row, and lets one call through now and then to see. Readings are of one monotonic clock. */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #state: State = CLOSED;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  get state(): State['is'] {
    return this.#state.is;
  }

  /** Whether a call may be made. When it was open for long enough, this one is the trial: until its outcome is told, there is no other. */
  admits(now: Ms): boolean {
    if (this.#state.is === 'closed') return true;
    if (this.#state.is === 'half-open' || now < this.#state.until) return false;
    this.#state = { is: 'half-open', times: this.#state.times };
    return true;
  }

  succeeded(): void {
    this.#state = CLOSED;
  }

  /** `atLeast`: how long the other side wants to be left alone; it opens at once then. */
  failed(now: Ms, atLeast?: Ms): void {
    const state = this.#state;
    if (state.is === 'closed' && atLeast === undefined && state.failures + 1 < this.#options.failures) {
      this.#state = { is: 'closed', failures: state.failures + 1 };
      return;
    }
    // Calls that were made before it opened say nothing new, unless they say how long.
    if (state.is === 'open' && atLeast === undefined) return;
    const times = state.is === 'closed' ? 1 : state.times + (state.is === 'half-open' ? 1 : 0);
    const wait = Math.max(atLeast ?? 0, backoffAfter(times, this.#options.open, this.#options.random));
    const until = ms(Math.max(now + wait, state.is === 'open' ? state.until : 0));
    this.#state = { is: 'open', until, times };
  }
}
