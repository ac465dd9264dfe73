declare const unit: unique symbol;

/** A length of time in milliseconds. */
export type Ms = number & { readonly [unit]: 'ms' };
/** A wall-clock moment: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [unit]: 'instant' };

export const ms = (n: number): Ms => n as Ms;
export const seconds = (n: number): Ms => (n * 1000) as Ms;
export const minutes = (n: number): Ms => (n * 60_000) as Ms;
export const instant = (millisSinceEpoch: number): Instant => millisSinceEpoch as Instant;
export const plus = (at: Instant, by: Ms): Instant => (at + by) as Instant;
/** How long it is from `start` to `now`; negative when `start` lies ahead. */
export const since = (start: Instant, now: Instant): Ms => (now - start) as Ms;
