/**
 * Where a revision stands. `serving`: there are pods, and they are asked for. `idle`: there are pods that nobody asks for, and requests go
 * to activators. `zero`: there are none. `waking`: some are on their way.
 */
export const LIFE_STATES = ['serving', 'idle', 'zero', 'waking'] as const;
export type LifeState = (typeof LIFE_STATES)[number];

/** What called a revision back that was on its way to zero. */
export const CANCELS = ['demand', 'in-flight'] as const;
export type Cancel = (typeof CANCELS)[number];
