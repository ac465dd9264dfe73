import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode, Tree, TreeCursor } from '@lezer/common';
import { nearest } from '../nearest.ts';
import { ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';
import { expressionOf, operands, type Expr } from './expression.ts';
import { CALLABLE } from './functions.ts';
import { wrongAt, type Problem } from './problem.ts';
import { readString } from './string-literal.ts';

/** A query without syntax errors, and its tree. */
export interface Query {
  readonly text: string;
  readonly root: SyntaxNode;
  readonly expr: Expr;
}

/** Longer and deeper than anybody writes; they bound our time and our stack. */
const LONGEST = 16_384;
const DEEPEST = 500;

/** Parses PromQL. The error is the first place that is not PromQL. Never throws. */
export function syntaxOf(text: string): Result<Query, Problem> {
  if (text.length > LONGEST)
    return wrongAt(LONGEST, `is ${text.length} characters long`, `at most ${LONGEST}`);
  const tree = parser.parse(text);
  const problem = firstProblem(tree, text);
  if (problem !== undefined) return problem;
  const [root] = operands(tree.topNode);
  return root === undefined ? nothing(text) : ok({ text, root, expr: expressionOf(root) });
}

const nothing = (text: string): Result<never, Problem> =>
  wrongAt(text.length, 'has no expression', 'PromQL that gives one number');

function firstProblem(tree: Tree, text: string): Result<never, Problem> | undefined {
  const cursor = tree.cursor();
  let depth = 0;
  for (;;) {
    const problem = depth > DEEPEST ? tooDeep(cursor.from) : problemOf(cursor, text);
    if (problem !== undefined) return problem;
    const deeper = step(cursor);
    if (deeper === undefined) return undefined;
    depth += deeper;
  }
}

/** Goes to the next node of the tree, in the order of the text, and answers how much deeper that is; undefined at the end. */
function step(cursor: TreeCursor): number | undefined {
  if (cursor.firstChild()) return 1;
  let deeper = 0;
  while (!cursor.nextSibling()) {
    if (!cursor.parent()) return undefined;
    deeper--;
  }
  return deeper;
}

const tooDeep = (at: number): Result<never, Problem> =>
  wrongAt(at, 'nests or joins too many expressions', `at most ${DEEPEST} levels`);

function problemOf({ name, from, to, node }: TreeCursor, text: string): Result<never, Problem> | undefined {
  if (name === '⚠') return unexpected(text, from, node.parent?.name ?? '');
  // A carriage return ends a comment for Prometheus and not for the grammar: what follows would be hidden from every check.
  if (name === 'LineComment') {
    const at = text.slice(from, to - 1).indexOf('\r');
    return at < 0 ? undefined : wrongAt(from + at, 'has a carriage return in a comment', 'a line break');
  }
  if (name !== 'StringLiteral') return undefined;
  const read = readString(text, from, to);
  return read.ok ? undefined : read;
}

const TOKEN = /[A-Za-z_:][\w:]*|[\d.]+\w*|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[\s\S]/uy;
const GAP = /(?:\s|#[^\n]*)*/y;

/** Where a token begins at or after a place. */
function skipGap(text: string, from: number): number {
  GAP.lastIndex = from;
  return from + (GAP.exec(text)?.[0].length ?? 0);
}

function unexpected(text: string, error: number, parent: string): Result<never, Problem> {
  const from = skipGap(text, error);
  if (from >= text.length) return endsEarly(text);
  const called = /([A-Za-z_:][\w:]*)\s*$/.exec(text.slice(0, from))?.[1];
  if (text[from] === '(' && called !== undefined) return unknownFunction(text, from, called);
  TOKEN.lastIndex = from;
  const token = TOKEN.exec(text)?.[0] ?? '';
  return wrongAt(
    from,
    `has ${shown(token)} where PromQL cannot go on`,
    INSIDE[parent] ?? BEFORE[token] ?? ELSE,
  );
}

/** What would be right inside of an unfinished part of a query. */
const INSIDE: Readonly<Record<string, string>> = {
  LabelMatchers: 'label matchers such as job="api" with a comma between two, and }',
  UnquotedLabelMatcher: 'a label, one of = != =~ !~, and a value in quotes',
  QuotedLabelMatcher: 'a label, one of = != =~ !~, and a value in quotes',
  GroupingLabels: 'names of labels with a comma between two, and )',
  MatrixSelector: 'a duration such as 5m, and ]',
  SubqueryExpr: 'two durations with a colon between, such as [1h:5m]',
  DurationExpr: 'a duration such as 5m, and ]',
};

const BEFORE: Readonly<Record<string, string>> = {
  ')': 'an expression before it, and as many ( before as )',
  ',': 'an expression before it, inside of parentheses',
  '=': '== to compare, or a label matcher in braces',
};

const ELSE = 'an operator, a bracket or the end';

function unknownFunction(text: string, at: number, name: string): Result<never, Problem> {
  const begin = text.lastIndexOf(name, at - 1);
  const near = name.length < 4 ? undefined : nearest(name, CALLABLE);
  return wrongAt(
    begin,
    `calls ${shown(name)}, which is no function of PromQL`,
    near ?? 'one such as rate, sum or max_over_time',
  );
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The text ends too early: a bracket that is still open is told by its kind. */
function endsEarly(text: string): Result<never, Problem> {
  if (skipGap(text, 0) === text.length) return nothing(text);
  const open: string[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|[()[\]{}]/gs)) {
    if (token in CLOSING) open.push(token);
    else if (/^[)\]}]$/.test(token)) open.pop();
  }
  const last = CLOSING[open.at(-1) ?? ''];
  return wrongAt(text.length, 'ends too early', last ?? 'an expression');
}
