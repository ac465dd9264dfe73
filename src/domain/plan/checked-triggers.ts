import { placeIn } from '../annotation/json-text.ts';
import type { Mistake } from '../annotation/mistake.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import { checkQuery } from '../promql/check.ts';
import type { Intent } from './intent.ts';
import { advised, part, refused, type Part } from './scaled-object-part.ts';
import { triggerProblems } from './scaled-object-triggers.ts';

/** The annotation that triggers stand in, and where: `spec.triggers` or nothing. */
interface Where {
  readonly key: string;
  readonly list: string;
}

/** Triggers as they are sent to KEDA: each judged, and the queries to Prometheus bound to their namespace where tenancy asks for it. */
export function checkedTriggers(
  triggers: readonly Trigger[],
  intent: Intent,
  { key, list }: Where,
): Part<readonly Trigger[]> {
  const parts = triggers.map((trigger, i) => {
    const path = `${list}[${i}]`;
    const problems = triggerProblems(trigger, intent.config).map((problem) =>
      refused(key, `${path} ${problem}`),
    );
    const asked = withQuery(trigger, intent, (clause) => [key, `${path} has a query that ${clause}`]);
    return part(asked.value, [...problems, ...asked.mistakes]);
  });
  return part(
    parts.map(({ value }) => value),
    parts.flatMap(({ mistakes }) => mistakes),
  );
}

type Said = (clause: string) => readonly [key: string, clause: string];

function withQuery(trigger: Trigger, { pa, config }: Intent, said: Said): Part<Trigger> {
  const { query } = trigger.metadata;
  if (trigger.type !== 'prometheus' || query === undefined || query.trim() === '') return part(trigger);
  const checked = checkQuery(query, {
    namespace: pa.metadata.namespace,
    tenancy: config.bridge.tenancy,
    scalar: false,
    // A trigger beside others often asks for what is not of the revision, such as a queue.
    words: undefined,
  });
  if (!checked.ok) {
    const { at, wrong, expected } = checked.error;
    return part(trigger, [refused(...said(`${wrong} at ${placeIn(query, at)}: expected ${expected}`))]);
  }
  const mistakes: readonly Mistake[] = checked.value.advice.map((clause) => advised(...said(clause)));
  if (checked.value.query === query) return part(trigger, mistakes);
  return part({ ...trigger, metadata: { ...trigger.metadata, query: checked.value.query } }, mistakes);
}
