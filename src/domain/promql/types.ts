import type { SyntaxNode } from '@lezer/common';
import { err, ok, type Result } from '../result.ts';
import { operands, textOf, type Expr } from './expression.ts';
import {
  aggregationTakes,
  FUNCTIONS,
  SCALAR_FUNCTIONS,
  type Parameter,
  type ValueType,
} from './functions.ts';
import { wrongAt, type Problem } from './problem.ts';
import { checkSelector } from './selectors.ts';
import type { Query } from './syntax.ts';

type Typed = Result<ValueType, Problem>;
type Rule = (expr: Expr, text: string) => Typed;

/**
 * What kind of value a query gives, or the first place where its parts do not fit together, as Prometheus judges it when it parses
 * (prometheus: promql/parser/parse.go).
 */
export const typeOf = ({ expr, text }: Query): Typed => typeAt(expr, text);

const A: Readonly<Record<ValueType, string>> = {
  scalar: 'a scalar',
  string: 'a string',
  'instant vector': 'an instant vector',
  'range vector': 'a range vector',
};

const always =
  (type: ValueType): Rule =>
  () =>
    ok(type);

/** The type of what is in it. */
const inner: Rule = (expr, text) => typeAt(firstOf(expr), text);

const RULES: Readonly<Record<string, Rule>> = {
  NumberDurationLiteral: always('scalar'),
  StringLiteral: always('string'),
  VectorSelector: ({ node }, text) => {
    const problem = checkSelector(node, text);
    return problem === undefined ? ok('instant vector') : err(problem);
  },
  ParenExpr: inner,
  AnchoredExpr: inner,
  SmoothedExpr: inner,
  MatrixSelector: matrix,
  SubqueryExpr: subquery,
  OffsetExpr: moved,
  StepInvariantExpr: moved,
  UnaryExpr: unary,
  BinaryExpr: binary,
  FunctionCall: call,
  AggregateExpr: aggregate,
};

function typeAt(expr: Expr, text: string): Typed {
  return RULES[expr.kind]?.(expr, text) ?? ok('instant vector');
}

const firstOf = (expr: Expr): Expr => expr.parts[0] ?? expr;

const isModified = ({ kind }: Expr): boolean => kind === 'OffsetExpr' || kind === 'StepInvariantExpr';

function matrix(expr: Expr, text: string): Typed {
  const selector = firstOf(expr);
  const [, range] = operands(expr.node);
  if (isModified(selector))
    return wrongAt(selector.to, 'has a range behind offset or @', 'the range directly behind the selector');
  if (selector.kind !== 'VectorSelector')
    return wrongAt(
      selector.to,
      'has a range behind what is no selector',
      `a subquery such as [${range === undefined ? '5m' : textOf(text, range)}:]`,
    );
  const type = typeAt(selector, text);
  return type.ok ? durations(expr, text) : type;
}

function subquery(expr: Expr, text: string): Typed {
  const type = typeAt(firstOf(expr), text);
  if (!type.ok) return type;
  return type.value === 'instant vector'
    ? durations(expr, text)
    : wrongAt(expr.from, `takes a subquery of ${A[type.value]}`, 'an instant vector');
}

/** A duration that is written as a number must be above 0; one that is computed is not looked at. */
function durations({ node }: Expr, text: string): Typed {
  const zero = operands(node).find(({ name, from, to }) => {
    const written = textOf(text, { from, to });
    return name === 'DurationExpr' && /^[\d.]+[a-z]*$/.test(written) && !/[1-9]/.test(written);
  });
  return zero === undefined
    ? ok('range vector')
    : wrongAt(zero.from, 'has a duration of 0', 'one above 0, such as 5m');
}

const MOVABLE = new Set(['VectorSelector', 'MatrixSelector', 'SubqueryExpr']);

/** `offset` and `@` stand behind a selector or a subquery, each once. */
function moved(expr: Expr, text: string): Typed {
  const word = expr.kind === 'OffsetExpr' ? 'offset' : '@';
  let within = firstOf(expr);
  const seen = new Set([expr.kind]);
  while (isModified(within)) {
    if (seen.has(within.kind)) return wrongAt(within.to, `has ${word} twice`, 'it once');
    seen.add(within.kind);
    within = firstOf(within);
  }
  const type = typeAt(within, text);
  if (!type.ok || MOVABLE.has(within.kind)) return type;
  return wrongAt(within.to, `has ${word} behind what is no selector`, 'it behind a selector or a subquery');
}

function unary(expr: Expr, text: string): Typed {
  const operand = firstOf(expr);
  const type = typeAt(operand, text);
  if (!type.ok || type.value === 'scalar' || type.value === 'instant vector') return type;
  return wrongAt(operand.from, `has a sign before ${A[type.value]}`, 'an instant vector or a scalar');
}

const COMPARISONS = new Set(['Eql', 'Neq', 'Gtr', 'Gte', 'Lss', 'Lte']);
const SETS = new Set(['And', 'Or', 'Unless']);

function binary({ node, parts }: Expr, text: string): Typed {
  const [, operator] = operands(node);
  const written = operator === undefined ? '' : textOf(text, operator);
  const sides: ValueType[] = [];
  for (const part of parts) {
    const type = typeAt(part, text);
    if (!type.ok) return type;
    if (type.value === 'range vector' || type.value === 'string')
      return wrongAt(part.from, `joins ${A[type.value]} by ${written}`, wanted(type.value));
    sides.push(type.value);
  }
  const clauses = wrongOperator(operands(node), sides, written);
  if (clauses !== undefined) return wrongAt(operator?.from ?? node.from, ...clauses);
  return ok(sides.includes('instant vector') ? 'instant vector' : 'scalar');
}

const wanted = (given: ValueType): string =>
  given === 'range vector'
    ? 'an instant vector, for example rate(...) of it'
    : 'an instant vector or a scalar';

type Clauses = readonly [wrong: string, expected: string];

function wrongOperator(
  parts: readonly SyntaxNode[],
  sides: readonly ValueType[],
  written: string,
): Clauses | undefined {
  const operator = parts[1]?.name ?? '';
  const bool = parts.some(({ name }) => name === 'BoolModifier');
  if (bool && !COMPARISONS.has(operator))
    return [`has bool behind ${written}`, 'it behind a comparison only'];
  if (sides.includes('scalar')) {
    if (COMPARISONS.has(operator) && !bool && !sides.includes('instant vector'))
      return [`compares two scalars by ${written}`, `${written} bool`];
    return wrongWithScalar(parts, written);
  }
  if (SETS.has(operator) && grouping(parts)) return [`groups ${written}`, 'no group_left or group_right'];
  return undefined;
}

function wrongWithScalar(parts: readonly SyntaxNode[], written: string): Clauses | undefined {
  if (SETS.has(parts[1]?.name ?? ''))
    return [`joins a scalar by ${written}`, 'instant vectors on both sides'];
  return parts.some(({ name }) => name === 'MatchingModifierClause')
    ? ['matches labels of a scalar', 'on or ignoring between instant vectors only']
    : undefined;
}

const grouping = (parts: readonly SyntaxNode[]): boolean =>
  parts.some((one) => one.getChild('GroupLeft') !== null || one.getChild('GroupRight') !== null);

interface Called {
  readonly name: string;
  readonly from: number;
  readonly parameters: readonly Parameter[];
}

const nameOf = ({ node }: Expr, text: string): string => textOf(text, operands(node)[0] ?? node);

function call(expr: Expr, text: string): Typed {
  const name = nameOf(expr, text);
  const type: ValueType = SCALAR_FUNCTIONS.has(name) ? 'scalar' : 'instant vector';
  const parameters = FUNCTIONS.get(name);
  if (parameters !== undefined)
    return takes({ name, from: expr.from, parameters }, expr.parts, text) ?? ok(type);
  // The grammar knows it and we do not: what is in it must be right by itself.
  return expr.parts.map((one) => typeAt(one, text)).find((one) => !one.ok) ?? ok(type);
}

function aggregate(expr: Expr, text: string): Typed {
  const name = nameOf(expr, text).toLowerCase();
  const called: Called = { name, from: expr.from, parameters: aggregationTakes(name) };
  return takes(called, expr.parts, text) ?? ok('instant vector');
}

/** What is wrong with the arguments. */
function takes(
  { name, from, parameters }: Called,
  given: readonly Expr[],
  text: string,
): Result<never, Problem> | undefined {
  const least = parameters.filter(({ optional }) => !optional).length;
  const most = parameters.at(-1)?.repeats === true ? Infinity : parameters.length;
  if (given.length < least || given.length > most)
    return wrongAt(from, `calls ${name} with ${counted(given.length)}`, range(least, most));
  for (const [i, one] of given.entries()) {
    const type = typeAt(one, text);
    if (!type.ok) return type;
    const expected = (parameters[i] ?? parameters.at(-1))?.type;
    if (expected !== undefined && type.value !== expected)
      return wrongAt(
        one.from,
        `calls ${name} with ${A[type.value]}`,
        `${A[expected]}${hint(expected, type.value, name)}`,
      );
  }
  return undefined;
}

const counted = (count: number): string =>
  count === 0 ? 'no argument' : `${count} argument${count === 1 ? '' : 's'}`;

function range(least: number, most: number): string {
  if (most === least) return counted(least);
  return most === Infinity ? `at least ${counted(least)}` : `${least} to ${counted(most)}`;
}

function hint(expected: ValueType, given: ValueType, name: string): string {
  if (expected === 'range vector' && given === 'instant vector')
    return ', for example [5m] behind the selector';
  if (expected === 'instant vector' && given === 'range vector') return `, for example ${name}(rate(...))`;
  return '';
}
