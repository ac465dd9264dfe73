import { rfc3339 } from '../rfc3339.ts';
import type { Instant } from '../time.ts';
import { conditionOf, type Condition } from './read/condition.ts';

/**
 * A living condition set in the manner of Knative (knative.dev/pkg: apis/condition_set.go): `Ready` sums up the dependents, which are
 * the conditions without a severity. Every function returns a new set.
 */
export interface ConditionSet {
  readonly dependents: readonly string[];
  readonly stored: readonly Condition[];
  readonly current: readonly Condition[];
  /** Types that were set during this round, oldest first: of several unhappy dependents the newest speaks for Ready. */
  readonly touched: readonly string[];
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

/** Puts a condition in, replacing the one of its type; one that says the same leaves the set as it is. */
export function withCondition(set: ConditionSet, condition: Condition): ConditionSet {
  const before = conditionOf(set.current, condition.type);
  if (before !== undefined && sameSaying(before, condition)) return set;
  return {
    ...set,
    current: [...set.current.filter(({ type }) => type !== condition.type), condition].sort(byType),
    touched: [...set.touched.filter((type) => type !== condition.type), condition.type],
  };
}

/** Starts a round: an absent Ready is Unknown, absent dependents are True if Ready is True and Unknown otherwise. */
export function beginConditions(stored: readonly Condition[], dependents: readonly string[]): ConditionSet {
  let set: ConditionSet = { dependents, stored, current: [...stored].sort(byType), touched: [] };
  const ready = conditionOf(stored, READY);
  if (ready === undefined) set = withCondition(set, { type: READY, status: 'Unknown' });
  const status = ready?.status === 'True' ? 'True' : 'Unknown';
  for (const type of dependents)
    if (conditionOf(stored, type) === undefined) set = withCondition(set, { type, status });
  return set;
}

/** The unhappy dependent that speaks for Ready: False before Unknown, the most recently changed first. */
function spokesman(set: ConditionSet): Omit<Condition, 'type'> | undefined {
  const age = ({ type, lastTransitionTime }: Condition): readonly [number, string] => [
    set.touched.indexOf(type),
    lastTransitionTime ?? '',
  ];
  const counted = set.current
    .filter(({ type, severity }) => type !== READY && (severity ?? '') === '')
    .map((condition) => ({ condition, age: age(condition) }))
    .sort((a, b) => b.age[0] - a.age[0] || (a.age[1] < b.age[1] ? 1 : a.age[1] > b.age[1] ? -1 : 0))
    .map(({ condition }) => condition);
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

/** Sets a condition of our own that is not part of Ready. */
export const markAside = (set: ConditionSet, condition: Omit<Condition, 'severity'>): ConditionSet =>
  withCondition(set, { ...condition, severity: 'Info' });

/**
 * Ends a round: the conditions, sorted by type. Those that say what the stored ones said keep their transition time, all others
 * share `at` in whole seconds.
 */
export function endConditions(set: ConditionSet, at: Instant): readonly Condition[] {
  return set.current.map((condition) => {
    const before = conditionOf(set.stored, condition.type);
    const kept =
      before !== undefined && sameSaying(before, condition) ? before.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: kept ?? rfc3339(at) };
  });
}
