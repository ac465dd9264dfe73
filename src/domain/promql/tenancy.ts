import { shown } from '../shown.ts';
import { ok, type Result } from '../result.ts';
import { wrongAt, type Problem } from './problem.ts';
import { selectorsOf, wordsOf, type Matcher, type Selector } from './selectors.ts';
import { textOf } from './expression.ts';
import type { Query } from './syntax.ts';

const LABEL = 'namespace';

const isBound = (namespace: string, { matchers }: Selector): boolean =>
  matchers.some(({ label, operator, value }) => label === LABEL && operator === '=' && value === namespace);

/** The selectors that may read another namespace: without `namespace="..."`. */
export const unboundSelectors = (query: Query, namespace: string): readonly Selector[] =>
  selectorsOf(query).filter((selector) => !isBound(namespace, selector));

/** True when a matcher leaves nothing of the namespace, as far as that can be told without compiling it. */
function excludes(namespace: string, { label, operator, value }: Matcher): boolean {
  if (label !== LABEL) return false;
  if (operator === '=') return value !== namespace;
  if (operator === '!=') return value === namespace;
  const holds = wordsOf(value)?.includes(namespace);
  return operator === '=~' ? holds === false : holds === true;
}

/**
 * The query with `namespace="..."` in each selector that lacks it; the rest of the text stays as it is. Refused where a selector
 * asks for another namespace, and for `info()`, which reads series that the query does not name.
 */
export function boundTo(query: Query, namespace: string): Result<string, Problem> {
  const selectors = selectorsOf(query);
  const foreign = selectors
    .flatMap(({ matchers }) => matchers)
    .find((matcher) => excludes(namespace, matcher));
  if (foreign !== undefined)
    return wrongAt(
      foreign.at,
      `selects the namespace ${foreign.operator}${shown(foreign.value)}`,
      `${LABEL}=${shown(namespace)} or no such matcher, because tenancy in config-hpa-bridge is enforce`,
    );
  const info = infoAt(query);
  if (info !== undefined)
    return wrongAt(
      info,
      'calls info',
      'a query without it, because it reads series of every namespace and tenancy in config-hpa-bridge is enforce',
    );
  let { text } = query;
  // From the end, so that the places before it stay what they are.
  for (const selector of selectors.filter((one) => !isBound(namespace, one)).reverse())
    text =
      text.slice(0, selector.matcherAt) + matcherFor(selector, namespace) + text.slice(selector.matcherAt);
  return ok(text);
}

function matcherFor({ braces, filled }: Selector, namespace: string): string {
  const matcher = `${LABEL}=${JSON.stringify(namespace)}`;
  if (!braces) return `{${matcher}}`;
  return filled ? `${matcher},` : matcher;
}

function infoAt({ root, text }: Query): number | undefined {
  let at: number | undefined;
  root.cursor().iterate((node) => {
    if (node.name === 'FunctionIdentifier' && textOf(text, node.node) === 'info') at ??= node.from;
  });
  return at;
}
