import { ms, type Ms } from '../domain/time.ts';

export interface BackoffRange {
  /** The first wait. */
  readonly base: Ms;
  /** No wait is longer. */
  readonly max: Ms;
}

/**
 * The wait after the `failures`-th failure in a row (from 1): doubles each time up to `max`, and is shortened by up to half so that
 * callers that failed together do not come back together. `random` returns values in [0, 1).
 */
export function backoffAfter(failures: number, range: BackoffRange, random: () => number): Ms {
  const whole = Math.min(range.max, range.base * 2 ** Math.min(failures - 1, 60));
  return ms(whole * (0.5 + random() / 2));
}
