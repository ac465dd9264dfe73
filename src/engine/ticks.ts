import { ms, type Ms } from '../domain/time.ts';

/** The first moment after `after` that is a whole number of intervals away from `phase`: the ticks of an interval meet those of its multiples. */
export const nextTick = (phase: Ms, interval: Ms, after: Ms): Ms =>
  ms(phase + (Math.floor((after - phase) / interval) + 1) * interval);
