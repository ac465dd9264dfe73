import { ms, type Ms } from '../domain/time.ts';

/** The first moment after `after` that is a whole number of intervals away from `phase`: the ticks of an interval meet those of its multiples. */
export function nextTick(phase: Ms, interval: Ms, after: Ms): Ms {
  const tick = phase + (Math.floor((after - phase) / interval) + 1) * interval;
  // Fractions of milliseconds are rounded: a tick that is not ahead would come again and again at the same moment.
  return ms(tick > after ? tick : tick + interval);
}
