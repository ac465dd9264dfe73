import { operands, textOf, type Expr } from '../promql/expression.ts';
import { selectorsOf, type Matcher } from '../promql/selectors.ts';
import { insideString } from '../promql/string-literal.ts';
import type { Query } from '../promql/syntax.ts';

/** One way to ask for a query together with others: by one query that has all their values of a label, and gives a series for each. */
export interface Grouping {
  /** Equal for queries that differ in the value only; `groupedQuery` makes a query of it. */
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

/** Between what stands before the matcher, its label, and what stands behind it: no query holds it outside of a comment. */
const HOLE = '\0';
/** A longer query is asked as it is: a template of it for each of its matchers would need much memory. */
const LONGEST = 4_000;

/**
 * The ways in which a query can be grouped. There are some where all of this holds: it reads one selector; a matcher there says `=` and
 * is the only one of its label; everything around it treats each series by itself or aggregates; so that with the label kept by every
 * aggregation, the series of one value are computed from the same samples in the same order as the query alone computes its only one.
 */
export function groupingsOf({ text, root, expr }: Query): readonly Grouping[] {
  const selectors = selectorsOf({ text, root, expr });
  const [selector] = selectors;
  if (selector === undefined || selectors.length > 1 || text.length > LONGEST || text.includes(HOLE))
    return [];
  return selector.matchers.flatMap((matcher) => {
    const { label, value } = matcher;
    if (!isVariable(matcher, selector.matchers, text)) return [];
    const by = keepingAt(expr, { text, label });
    // Without any aggregation to change, the answer has as many series as there are, and may be large.
    if (by === undefined || by.length === 0) return [];
    return [{ key: templateOf(text, matcher, by), label, value }];
  });
}

/** A value that is none of its own (an absent label has the empty one too) or that cannot be told from its text is never grouped. */
const isVariable = (
  { at, label, operator, value }: Matcher,
  all: readonly Matcher[],
  text: string,
): boolean =>
  operator === '=' &&
  label !== '__name__' &&
  /^[a-zA-Z_]$/.test(text.charAt(at)) &&
  value !== '' &&
  !value.includes('\ufffd') &&
  all.filter((other) => other.label === label).length === 1;

/** The text with ` by (label)` behind the name of each aggregation, and a hole where the matcher was. */
function templateOf(text: string, { at, to, label }: Matcher, by: readonly number[]): string {
  const inserts = [...by].sort((a, b) => a - b);
  const written = (from: number, end: number): string => {
    const cuts = [from, ...inserts.filter((place) => place >= from && place < end), end];
    return cuts
      .slice(1)
      .map((cut, i) => text.slice(cuts[i], cut))
      .join(` by (${label}) `);
  };
  return [written(0, at), label, written(to, text.length)].join(HOLE);
}

/** The query that gives one series for each of the values that has any; the values are written by `alternative`. */
export function groupedQuery(key: string, alternatives: readonly string[]): string {
  const [before = '', label = '', after = ''] = key.split(HOLE);
  return `${before}${label}=~"${alternatives.join('|')}"${after}`;
}

/** What matches exactly this text in RE2 (go: regexp.QuoteMeta), as it is written in a string of PromQL. */
export const alternative = (value: string): string =>
  insideString(value.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'), '"') ?? value;

interface Kept {
  readonly text: string;
  readonly label: string;
}

/** Where ` by (label)` must be written so that each series of the result has the label of what it was made of; undefined where it is lost. */
function keepingAt(expr: Expr, kept: Kept): readonly number[] | undefined {
  return RULES[expr.kind]?.(expr, kept);
}

type Rule = (expr: Expr, kept: Kept) => readonly number[] | undefined;

const inner: Rule = ({ parts: [first] }, kept) => (first === undefined ? undefined : keepingAt(first, kept));

/** A subquery is not here: in which order the series of its result come is not defined, and sums depend on it. */
const RULES: Readonly<Record<string, Rule>> = {
  VectorSelector: () => [],
  MatrixSelector: inner,
  OffsetExpr: inner,
  StepInvariantExpr: inner,
  ParenExpr: inner,
  UnaryExpr: inner,
  BinaryExpr: onlyVector,
  FunctionCall: call,
  AggregateExpr: aggregate,
};

/** A number that is the same for every series. */
const isConstant = ({ kind, parts }: Expr): boolean =>
  kind === 'NumberDurationLiteral' ||
  (['ParenExpr', 'UnaryExpr', 'BinaryExpr'].includes(kind) && parts.every(isConstant));

/** All operands or arguments but one are numbers. */
function onlyVector({ parts }: Expr, kept: Kept): readonly number[] | undefined {
  const vectors = parts.filter((part) => !isConstant(part));
  const [vector] = vectors;
  return vector === undefined || vectors.length > 1 ? undefined : keepingAt(vector, kept);
}

/** Functions that make one series of each, with all of its labels but the name. */
const BY_SERIES = new Set(
  [
    'abs acos acosh asin asinh atan atanh ceil clamp clamp_max clamp_min cos cosh deg exp floor ln log10 log2 rad round sgn sin sinh sqrt',
    'tan tanh timestamp changes delta deriv idelta increase irate predict_linear rate resets',
    'avg_over_time count_over_time last_over_time max_over_time min_over_time present_over_time quantile_over_time stddev_over_time',
    'stdvar_over_time sum_over_time',
  ]
    .join(' ')
    .split(' '),
);

/** The name of a function or an aggregation. */
const nameOf = ({ node }: Expr, text: string): string =>
  textOf(text, operands(node)[0] ?? node).toLowerCase();

function call(expr: Expr, kept: Kept): readonly number[] | undefined {
  const name = nameOf(expr, kept.text);
  // The buckets of a histogram are told apart by `le`, which goes.
  const keeps = BY_SERIES.has(name) || (name === 'histogram_quantile' && kept.label !== 'le');
  return keeps ? onlyVector(expr, kept) : undefined;
}

/** Aggregations that make one series of each group, of nothing but the samples of that group. */
const BY_GROUP = new Set(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile']);

function aggregate(expr: Expr, kept: Kept): readonly number[] | undefined {
  const [operator] = operands(expr.node);
  if (operator === undefined || !BY_GROUP.has(nameOf(expr, kept.text))) return undefined;
  const within = onlyVector(expr, kept);
  if (within === undefined) return undefined;
  if (expr.node.getChild('AggregateModifier') === null) return [...within, operator.to];
  return keepsBy(expr, kept) ? within : undefined;
}

/** Whether the modifier of an aggregation keeps the label as it is written. */
function keepsBy({ node }: Expr, { text, label }: Kept): boolean {
  const modifier = node.getChild('AggregateModifier');
  const labels = modifier?.getChild('GroupingLabels');
  if (modifier === null || labels === null || labels === undefined) return false;
  const names = operands(labels).map((one) => textOf(text, one).replaceAll(/^["'`]|["'`]$/g, ''));
  return names.includes(label) === (modifier.getChild('Without') === null);
}
