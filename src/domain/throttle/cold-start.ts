/** What happens between the first request that finds no pod and the first answer of one, in order. */
export const COLD_START_PHASES = ['scaled', 'pod', 'address', 'serving', 'answered'] as const;
export type ColdStartPhase = (typeof COLD_START_PHASES)[number];
