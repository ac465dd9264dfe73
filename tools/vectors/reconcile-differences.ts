import { sameJson, type Json, type JsonObject } from '../../src/domain/json.ts';
import { RECONCILE_CHILD_RULES } from './reconcile-children.ts';
import { differencesBetween, type PartRule } from './reconcile-diff.ts';
import { RECONCILE_STATUS_RULES } from './reconcile-status.ts';
import type { IntendedDifference } from './replay.ts';

/** A rule that is asked about one part of the answer only. */
const about =
  (part: 'children' | 'status') =>
  (rule: PartRule): PartRule => ({
    ...rule,
    claims: (recorded, difference, ours) =>
      difference.path.startsWith(`${part}.`) && rule.claims(recorded, difference, ours),
  });

const RULES: readonly PartRule[] = [
  ...RECONCILE_CHILD_RULES.map(about('children')),
  ...RECONCILE_STATUS_RULES.map(about('status')),
];

/** A case is explained when each of its differences is claimed by some rule; it counts for the first one. */
export function explanation(recorded: JsonObject, expected: Json, actual: Json): string | undefined {
  if (sameJson(expected, actual)) return undefined;
  const claimed = differencesBetween(expected, actual).map(
    (difference) => RULES.find((rule) => rule.claims(recorded, difference, actual))?.name,
  );
  return claimed.includes(undefined) ? undefined : claimed[0];
}

/** Every way in which a reconcile of ours is meant to differ. */
export const RECONCILE_DIFFERENCES: readonly IntendedDifference[] = RULES.map(
  ({ name, reason, decision }) => ({
    name,
    reason,
    decision,
    explains: (recorded, expected, actual) => explanation(recorded, expected, actual) === name,
  }),
);
