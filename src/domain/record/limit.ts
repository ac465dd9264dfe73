import type { Moved } from '../scale/limits.ts';

/** What can change the number of pods of a query, and how the sentence of its decision says so. */
export const SAID = {
  window: () => 'not fewer before a whole window of fresh answers',
  evidence: () => 'not fewer without a fresh answer',
  tolerance: () => 'within the tolerance of the HPA',
  'min-scale': (pods: number) => `at least ${pods}`,
  'max-scale': (pods: number) => `capped by max-scale ${pods}`,
} as const;

export type QueryLimit = keyof typeof SAID;

/** What can change a number of pods, once. */
export const LIMITS = {
  window: 'Fewer pods than there are take a whole window of fresh answers.',
  evidence: 'What is weaker than a fresh answer never asks for fewer pods than there are.',
  tolerance:
    'An HPA changes nothing while the value is within 10 % of what the pods carry. The cluster, or the HPA itself, may say another tolerance than these 10 %.',
  'max-scale-up-rate': 'At most so many times the ready pods in one step.',
  'max-scale-down-rate': 'At least such a part of the ready pods in one step.',
  'activation-scale': 'A revision that has any demand has so many pods.',
  panic: 'In a panic the number of pods only rises.',
  'scale-down-delay': 'The largest number that was decided within the delay counts.',
  'min-scale':
    'At least so many pods: `min-scale`, what a starting revision begins with, or the one that every revision keeps.',
  'initial-scale': 'A revision that is starting has at least so many pods.',
  'max-scale': 'At most so many pods.',
  'scale-to-zero': 'The last pods go only when requests reach the activator and the grace period is over.',
} as const satisfies Readonly<Record<QueryLimit | Moved['by'], string>>;

export type LimitName = keyof typeof LIMITS;

/** One limit that changed a number of pods. */
export interface Limit<By extends LimitName = LimitName> {
  readonly by: By;
  readonly from: number;
  readonly to: number;
}

/** The number of pods of a query after all limits, and those among them that changed it, in order. */
export interface Limited {
  readonly pods: number;
  readonly limits: readonly Limit<QueryLimit>[];
}

/** Leads a number of pods through limits, each of which may make another one of it. */
export const limited = (
  pods: number,
  through: readonly (readonly [QueryLimit, (pods: number) => number])[],
): Limited =>
  through.reduce<Limited>(
    (so, [by, limit]) => {
      const to = limit(so.pods);
      return to === so.pods ? so : { pods: to, limits: [...so.limits, { by, from: so.pods, to }] };
    },
    { pods, limits: [] },
  );
