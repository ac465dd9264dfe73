interface Row {
  readonly doc: string;
  /** In the sentence of a decision. */
  readonly said: (pods: number) => string;
}

const row = (said: Row['said'], doc: string): Row => ({ said, doc });

/** What can change a number of pods, once. */
export const LIMITS = {
  window: row(
    () => 'not fewer before a whole window of fresh answers',
    'Fewer pods than there are take a whole window of fresh answers.',
  ),
  evidence: row(
    () => 'not fewer without a fresh answer',
    'What is weaker than a fresh answer never asks for fewer pods than there are.',
  ),
  tolerance: row(
    () => 'within the tolerance of the HPA',
    'An HPA changes nothing while the value is within 10 % of what the pods carry. The cluster, or the HPA itself, may say another tolerance than these 10 %.',
  ),
  'scale-up-rate': row(
    (pods) => `at most ${pods} in one step`,
    'At most so many times the ready pods in one step (`max-scale-up-rate`).',
  ),
  'scale-down-rate': row(
    (pods) => `at least ${pods} in one step`,
    'At least such a part of the ready pods in one step (`max-scale-down-rate`).',
  ),
  'activation-scale': row(
    (pods) => `raised to activation-scale ${pods}`,
    'A revision that has any demand has so many pods.',
  ),
  panic: row((pods) => `panic keeps ${pods}`, 'In a panic the number of pods only rises.'),
  'scale-down-delay': row(
    (pods) => `scale-down-delay keeps ${pods}`,
    'The largest number that was decided within the delay counts.',
  ),
  'min-scale': row(
    (pods) => `at least ${pods}`,
    'At least so many pods: `min-scale`, what a starting revision begins with, or the one that every revision keeps.',
  ),
  'initial-scale': row(
    (pods) => `starts with ${pods}`,
    'A revision that is starting has at least so many pods.',
  ),
  'max-scale': row((pods) => `capped by max-scale ${pods}`, 'At most so many pods.'),
  'last-pod': row(
    (pods) => (pods === 0 ? 'the last pods go' : 'the last pod waits'),
    'The last pods go only when requests reach the activator and the grace period is over.',
  ),
} as const satisfies Readonly<Record<string, Row>>;

export type LimitName = keyof typeof LIMITS;

/** One limit that changed a number of pods. */
export interface Limit {
  readonly by: LimitName;
  readonly from: number;
  readonly to: number;
}

/** A number of pods after all limits, and those among them that changed it, in order. */
export interface Limited {
  readonly pods: number;
  readonly limits: readonly Limit[];
}

/** Leads a number of pods through limits, each of which may make another one of it. */
export const limited = (
  pods: number,
  through: readonly (readonly [LimitName, (pods: number) => number])[],
): Limited =>
  through.reduce<Limited>(
    (so, [by, limit]) => {
      const to = limit(so.pods);
      return to === so.pods ? so : { pods: to, limits: [...so.limits, { by, from: so.pods, to }] };
    },
    { pods, limits: [] },
  );
