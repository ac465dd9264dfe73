import { rfc3339 } from '../rfc3339.ts';
import type { Instant } from '../time.ts';
import { conditionOf, type Condition } from './read/condition.ts';

/**
 * A living condition set in the manner of Knative (knative.dev/pkg: apis/condition_set.go): `Ready` sums up the dependents.
 * Conditions of other types, ours or somebody's, are kept and do not count. Every function returns a new set.
 */
export interface ConditionSet {
  readonly dependents: readonly string[];
  /** As they were before this round. */
  readonly stored: readonly Condition[];
  /**
   * Sorted by type, with their transition times: the stored one where a condition says what it said before, else this round's. Several
   * changes within a round that end where they began have changed nothing.
   */
  readonly current: readonly Condition[];
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

export interface Because {
  readonly reason: string;
  readonly message: string;
}

const READY = 'Ready';

const byType = (a: Condition, b: Condition): number => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0);

const sameSaying = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  (a.reason ?? '') === (b.reason ?? '') &&
  (a.message ?? '') === (b.message ?? '') &&
  (a.severity ?? '') === (b.severity ?? '');

/** Puts a condition in, replacing the one of its type. */
export function withCondition(set: ConditionSet, condition: Condition): ConditionSet {
  const before = conditionOf(set.stored, condition.type);
  const kept = before !== undefined && sameSaying(before, condition) ? before.lastTransitionTime : undefined;
  const timed = { ...condition, lastTransitionTime: kept ?? set.now };
  return {
    ...set,
    current: [...set.current.filter(({ type }) => type !== condition.type), timed].sort(byType),
  };
}

/** Starts a round at `at`: an absent Ready is Unknown, absent dependents are True if Ready is True and Unknown otherwise. */
export function beginConditions(
  stored: readonly Condition[],
  dependents: readonly string[],
  at: Instant,
): ConditionSet {
  const ready = conditionOf(stored, READY);
  const absent = dependents.filter((type) => conditionOf(stored, type) === undefined);
  const status = ready?.status === 'True' ? 'True' : 'Unknown';
  const begun: readonly Condition[] = [
    ...stored,
    ...(ready === undefined ? [{ type: READY, status: 'Unknown' } as const] : []),
    ...absent.map((type) => ({ type, status }) as const),
  ];
  return begun.reduce<ConditionSet>(withCondition, { dependents, stored, current: [], now: rfc3339(at) });
}

/**
 * The unhappy dependent that speaks for Ready: False before Unknown, the most recently changed first, then by type. It depends on nothing
 * but what is written, so that the next round comes to the same result.
 */
function spokesman(set: ConditionSet): Omit<Condition, 'type'> | undefined {
  const time = ({ lastTransitionTime }: Condition): string => lastTransitionTime ?? '';
  const counted = set.current
    .filter(({ type }) => set.dependents.includes(type))
    .toSorted((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0));
  return (
    counted.find(({ status }) => status === 'False') ??
    counted.find(({ status }) => status === 'Unknown') ??
    (set.dependents.length > counted.length ? { status: 'Unknown' } : undefined)
  );
}

/** Sets a dependent True and computes Ready anew. */
export function markTrue(set: ConditionSet, type: string): ConditionSet {
  const marked = withCondition(set, { type, status: 'True' });
  const unhappy = spokesman(marked);
  if (unhappy === undefined) return withCondition(marked, { type: READY, status: 'True' });
  const { status, reason, message } = unhappy;
  return withCondition(marked, { type: READY, status, reason, message });
}

/** Sets a dependent, and with it Ready, False. */
export function markFalse(set: ConditionSet, type: string, because: Because): ConditionSet {
  const marked = withCondition(set, { type, status: 'False', ...because });
  return withCondition(marked, { type: READY, status: 'False', ...because });
}

/** Sets a dependent Unknown; Ready too, unless another dependent is False. */
export function markUnknown(set: ConditionSet, type: string, because: Because): ConditionSet {
  const marked = withCondition(set, { type, status: 'Unknown', ...because });
  const failed = marked.dependents.some((name) => conditionOf(marked.current, name)?.status === 'False');
  if (!failed) return withCondition(marked, { type: READY, status: 'Unknown', ...because });
  if (conditionOf(marked.current, READY)?.status === 'False') return marked;
  return withCondition(marked, { type: READY, status: 'False', ...because });
}

/** Takes a condition of our own out. */
export const withoutCondition = (set: ConditionSet, type: string): ConditionSet => ({
  ...set,
  current: set.current.filter((condition) => condition.type !== type),
});

/** Sets a condition of our own that is not part of Ready. */
export const markAside = (set: ConditionSet, condition: Omit<Condition, 'severity'>): ConditionSet =>
  withCondition(set, { ...condition, severity: 'Info' });
