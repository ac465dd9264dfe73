import { both } from '../either.ts';
import { err, ok, type Result } from '../result.ts';
import { mayGiveSeveral, speaksOf } from './advice.ts';
import { wrongAt, type Problem } from './problem.ts';
import { syntaxOf, type Query } from './syntax.ts';
import { boundTo, unboundSelectors } from './tenancy.ts';
import { typeOf } from './types.ts';

/** What a query is held to. */
export interface QueryRules {
  readonly namespace: string;
  readonly tenancy: 'off' | 'warn' | 'enforce';
  /** Whether a query may give a scalar: KEDA cannot read one. */
  readonly scalar: boolean;
  /** Words that tie a selector to the revision; undefined: not to be looked at. */
  readonly words: readonly (string | undefined)[] | undefined;
}

export interface CheckedQuery {
  /** The query to ask, with the namespace in each selector under `enforce`. */
  readonly query: string;
  /** Clauses that follow the name of the query: what may be meant otherwise. */
  readonly advice: readonly string[];
}

/** Checks a query whose templates are filled in, and binds it to its namespace. The error is the first thing that is wrong. Never throws. */
export function checkQuery(text: string, rules: QueryRules): Result<CheckedQuery, Problem> {
  const parsed = syntaxOf(text);
  if (!parsed.ok) return parsed;
  const type = typeOf(parsed.value);
  if (!type.ok) return type;
  if (type.value === 'range vector')
    return wrongAt(
      parsed.value.expr.from,
      'gives a range vector',
      'one number, for example sum(rate(...)) of it',
    );
  if (type.value === 'string') return wrongAt(parsed.value.expr.from, 'gives a string', 'one number');
  if (type.value === 'scalar' && !rules.scalar)
    return wrongAt(
      parsed.value.expr.from,
      'gives a scalar',
      'an instant vector, because KEDA reads nothing else, for example vector(...) of it',
    );
  const bound = rules.tenancy === 'enforce' ? boundTo(parsed.value, rules.namespace) : ok(text);
  if (!bound.ok) return err(bound.error);
  return ok({ query: bound.value, advice: adviceOn(parsed.value, rules) });
}

function adviceOn(query: Query, { namespace, tenancy, words }: QueryRules): readonly string[] {
  const advice: string[] = [];
  if (mayGiveSeveral(query))
    advice.push(
      'may give several series, of which none can be chosen: expected an aggregation over all of it, for example sum(...)',
    );
  const unbound = tenancy === 'warn' ? unboundSelectors(query, namespace) : [];
  if (unbound.length > 0) {
    const names = both([...new Set(unbound.map(({ shownName }) => shownName))]);
    advice.push(`reads every namespace of ${names}: expected namespace="${namespace}" in each selector`);
  } else if (tenancy !== 'enforce' && words !== undefined && !speaksOf(query, words))
    advice.push(
      'has no selector that is tied to the revision or its namespace: expected one, for example namespace="{{ .namespace }}" or pod=~"{{ .revisionName }}-.*"',
    );
  return advice;
}
