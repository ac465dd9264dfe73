/** What happens between the first request that finds no pod and the moment at which one takes it, in order. */
export const COLD_START_PHASES = ['scaled', 'pod', 'address', 'serving'] as const;
export type ColdStartPhase = (typeof COLD_START_PHASES)[number];
