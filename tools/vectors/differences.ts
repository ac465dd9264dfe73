import type { IntendedDifference } from './replay.ts';

/** Every difference that we want, from the replays that meet them. Names are unique: a report counts by name. */
export const INTENDED_DIFFERENCES: readonly IntendedDifference[] = [];
