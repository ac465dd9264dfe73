import { operands, textOf, type Expr } from './expression.ts';
import { selectorsOf } from './selectors.ts';
import type { Query } from './syntax.ts';

type Rule = (expr: Expr, text: string) => boolean;

const every: Rule = ({ parts }, text) => parts.length > 0 && parts.every((one) => isSingle(one, text));

const RULES: Readonly<Record<string, Rule>> = {
  NumberDurationLiteral: () => true,
  ParenExpr: every,
  OffsetExpr: every,
  StepInvariantExpr: every,
  AnchoredExpr: every,
  SmoothedExpr: every,
  SubqueryExpr: every,
  UnaryExpr: every,
  BinaryExpr: binary,
  AggregateExpr: aggregate,
  FunctionCall: call,
};

const isSingle = (expr: Expr, text: string): boolean => RULES[expr.kind]?.(expr, text) ?? false;

/** Both sides: what has no labels matches nothing else. Of `and` and `unless` only the left side is given. */
function binary({ node, parts }: Expr, text: string): boolean {
  const leftOnly = node.getChild('And') !== null || node.getChild('Unless') !== null;
  return (leftOnly ? parts.slice(0, 1) : parts).every((one) => isSingle(one, text));
}

const KEEPS_SERIES = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio', 'count_values']);
const CHOOSES = new Set(['topk', 'bottomk', 'limitk']);

/** The labels that an aggregation leaves; undefined when it cannot be told. */
function labelsLeft({ node }: Expr, text: string): readonly string[] | undefined {
  const modifier = node.getChild('AggregateModifier');
  if (modifier === null) return [];
  const labels = modifier.getChild('GroupingLabels');
  if (modifier.getChild('Without') !== null || labels === null) return undefined;
  return operands(labels).map((label) => textOf(text, label));
}

/** The name of a function or an aggregation. */
const nameOf = ({ node }: Expr, text: string): string =>
  textOf(text, operands(node)[0] ?? node).toLowerCase();

/** An aggregation without labels left, or of what is one series anyway. */
function aggregate(expr: Expr, text: string): boolean {
  const name = nameOf(expr, text);
  const joins = labelsLeft(expr, text)?.length === 0;
  if (joins && !KEEPS_SERIES.has(name)) return true;
  const [first, vector = first] = expr.parts;
  if (name === 'count_values' || first === undefined || vector === undefined) return false;
  return (joins && CHOOSES.has(name) && textOf(text, first) === '1') || isSingle(vector, text);
}

const GIVES_ONE = new Set(['vector', 'scalar', 'absent', 'absent_over_time']);
const OF_BUCKETS = new Set(['histogram_quantile', 'histogram_fraction']);

function call(expr: Expr, text: string): boolean {
  const name = nameOf(expr, text);
  const series = expr.parts.filter(({ kind }) => kind !== 'StringLiteral');
  if (GIVES_ONE.has(name) || series.every((one) => isSingle(one, text))) return true;
  // The label of buckets that were joined `by (le)` goes with them.
  const buckets = series.at(-1);
  return (
    OF_BUCKETS.has(name) &&
    buckets?.kind === 'AggregateExpr' &&
    labelsLeft(buckets, text)?.every((label) => label === 'le') === true
  );
}

/**
 * True when nothing in the query joins its series into one: no aggregation over all labels, no function that gives one. It may still
 * give one series, where there is only one.
 */
export const mayGiveSeveral = ({ expr, text }: Query): boolean => !isSingle(expr, text);

/** True when no series is read, or a matcher of some selector holds one of the words by itself, such as the name of the revision or its namespace. */
export function speaksOf(query: Query, words: readonly (string | undefined)[]): boolean {
  const selectors = selectorsOf(query);
  if (selectors.length === 0) return true;
  const values = selectors.flatMap(({ matchers }) =>
    matchers.filter(({ label }) => label !== '__name__').map(({ value }) => value),
  );
  return values.some((value) => words.some((word) => word !== undefined && holds(value, word)));
}

const isWordly = (char: string | undefined): boolean => char !== undefined && /[a-z0-9]/i.test(char);

function holds(value: string, word: string): boolean {
  for (let at = value.indexOf(word); word !== '' && at >= 0; at = value.indexOf(word, at + 1))
    if (!isWordly(value[at - 1]) && !isWordly(value[at + word.length])) return true;
  return false;
}
