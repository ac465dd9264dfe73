import { z } from 'zod';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** A Knative condition. `severity` is absent for conditions that count towards Ready. */
export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly severity?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** Go prints a time that was never set as null. */
const maybe = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** zod view of `status.conditions`; an absent or null list reads as empty. */
export const conditionsView = z
  .array(
    z.object({
      type: z.string(),
      status: z.enum(['True', 'False', 'Unknown']),
      severity: maybe,
      lastTransitionTime: maybe,
      reason: maybe,
      message: maybe,
    }),
  )
  .nullish()
  .transform((list): readonly Condition[] => list ?? []);

export const conditionOf = (conditions: readonly Condition[], type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type);
