import type { Ms } from '../time.ts';

/** The limits of a revision's requests. Durations. */
export interface Limits {
  readonly timeout: Ms;
  readonly responseStartTimeout: Ms | undefined;
  readonly idleTimeout: Ms | undefined;
}

/** How far a request is. Readings of one clock. */
export interface Progress {
  readonly arrived: Ms;
  /** When something of the answer was last written; undefined: nothing was yet. */
  readonly lastWrite: Ms | undefined;
}

/**
 * When a request has taken too long, unless something is written before (serving: pkg/http/handler/timeout.go). Time in the queue counts;
 * silence counts from the arrival until something is written, so that an idle timeout shorter than a start from zero ends the request.
 */
export function deadlineOf(limits: Limits, { arrived, lastWrite }: Progress): Ms {
  const start = lastWrite === undefined ? (limits.responseStartTimeout ?? Infinity) : Infinity;
  const idle = (lastWrite ?? arrived) + (limits.idleTimeout ?? Infinity);
  return Math.min(arrived + limits.timeout, arrived + start, idle) as Ms;
}
