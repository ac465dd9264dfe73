import type { SyntaxNode } from '@lezer/common';
import { shown } from '../shown.ts';
import type { Problem } from './problem.ts';
import { readString } from './string-literal.ts';
import { operands, textOf } from './expression.ts';
import type { Query } from './syntax.ts';

/** One `label="value"` of a selector. */
export interface Matcher {
  readonly at: number;
  readonly to: number;
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** One vector selector of a query. */
export interface Selector {
  readonly from: number;
  /** Where a first matcher can be written: behind the opening brace, or behind the name where there are no braces. */
  readonly matcherAt: number;
  readonly braces: boolean;
  /** True when something stands between the braces. */
  readonly filled: boolean;
  /** What it is called in a sentence: the name of its metric, or how it is written. */
  readonly shownName: string;
  /** With the metric's name as a matcher of `__name__`, in the order of the text. */
  readonly matchers: readonly Matcher[];
}

/** Every vector selector of a query, wherever it stands, in the order of the text. */
export function selectorsOf({ text, root }: Query): readonly Selector[] {
  const found: Selector[] = [];
  root.cursor().iterate((node) => {
    if (node.name === 'VectorSelector') found.push(selectorAt(node.node, text));
  });
  return found;
}

function selectorAt(node: SyntaxNode, text: string): Selector {
  const name = node.getChild('Identifier');
  const braces = node.getChild('LabelMatchers');
  const inside = braces === null ? [] : operands(braces).map((one) => matcherAt(one, text));
  const named: readonly Matcher[] =
    name === null
      ? []
      : [{ at: name.from, to: name.to, label: '__name__', operator: '=', value: textOf(text, name) }];
  const matchers = [...named, ...inside];
  const metric = matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value;
  return {
    from: node.from,
    matcherAt: braces === null ? node.to : braces.from + 1,
    braces: braces !== null,
    filled: inside.length > 0,
    shownName: shown(metric ?? textOf(text, node)),
    matchers,
  };
}

const isOperator = (word: string): word is Matcher['operator'] => ['=', '!=', '=~', '!~'].includes(word);

const unquoted = (text: string, { from, to }: SyntaxNode): string => {
  const read = readString(text, from, to);
  return read.ok ? read.value : '';
};

function matcherAt(node: SyntaxNode, text: string): Matcher {
  const [label, operator, value] = operands(node);
  // A string alone between the braces is the metric's name.
  if (node.name === 'QuotedLabelName' || label === undefined || operator === undefined || value === undefined)
    return { at: node.from, to: node.to, label: '__name__', operator: '=', value: unquoted(text, node) };
  const word = textOf(text, operator);
  return {
    at: node.from,
    to: node.to,
    label: label.name === 'QuotedLabelName' ? unquoted(text, label) : textOf(text, label),
    operator: isOperator(word) ? word : '=',
    value: unquoted(text, value),
  };
}

/** The alternatives of a regular expression that is made of plain words; undefined for any other, which only Prometheus can judge. */
export const wordsOf = (pattern: string): readonly string[] | undefined =>
  /^[\w|-]*$/.test(pattern) ? pattern.split('|') : undefined;

/** Matches the empty text, as far as that can be told: then it selects nothing by itself. */
function matchesEmpty({ operator, value }: Matcher): boolean {
  if (operator === '=') return value === '';
  if (operator === '!=') return value !== '';
  const words = wordsOf(value);
  return operator === '=~' ? value === '.*' || words?.includes('') === true : words?.includes('') === false;
}

/** What Prometheus refuses of a selector: a name given twice, or nothing that it selects by. */
export function checkSelector(node: SyntaxNode, text: string): Problem | undefined {
  const { matchers, from } = selectorAt(node, text);
  const quoted = node.getChild('LabelMatchers')?.getChild('QuotedLabelName') ?? null;
  const named = node.getChild('Identifier') !== null || quoted !== null;
  const names = matchers.filter(({ label, operator }) => label === '__name__' && operator === '=');
  const second = names[1];
  if (named && second !== undefined)
    return { at: second.at, wrong: 'names the metric of a selector twice', expected: 'one name' };
  if (matchers.every(matchesEmpty))
    return {
      at: from,
      wrong: 'has a selector of every series',
      expected: 'the name of a metric, or a matcher that an empty label does not match',
    };
  return undefined;
}
