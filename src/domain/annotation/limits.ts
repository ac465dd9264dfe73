import { HOUR, isWholeSeconds, SECOND, type Nanos } from '../go/duration.ts';
import type { Limit } from './columns.ts';

// Comparisons are written as Knative's webhook writes them: NaN breaks none of them.

/** At least `least` and at most `most`. */
export const within = (least: number, most: number, effect: Limit<number>['effect']): Limit<number> => ({
  effect,
  holds: (value) => !(value < least || value > most),
});

/** A duration between two others, both included. */
export const lasting = (least: Nanos, most: Nanos): Limit<Nanos> => ({
  effect: 'used',
  holds: (value) => value >= least && value <= most,
});

export const wholeSeconds: Limit<Nanos> = {
  effect: 'used',
  holds: isWholeSeconds,
  expects: 'whole seconds',
};

/** The bounds that Knative's webhook sets to `window`. */
export const SHORTEST_WINDOW = (6n * SECOND) as Nanos;
export const LONGEST_WINDOW = HOUR;
