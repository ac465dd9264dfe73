import type { SyntaxNode } from '@lezer/common';

/** An expression of a query, and the expressions in it, in the order of the text. */
export interface Expr {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** Where it stands in the tree of the grammar, with its operator, name and modifiers. */
  readonly node: SyntaxNode;
  readonly parts: readonly Expr[];
}

/** The children of a node, without comments; brackets and commas are no nodes. */
export function operands(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== 'LineComment') found.push(child);
  return found;
}

/** The text of a node. */
export const textOf = (text: string, { from, to }: { readonly from: number; readonly to: number }): string =>
  text.slice(from, to);

const POSTFIX = new Set([
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'AnchoredExpr',
  'SmoothedExpr',
]);

/** The parts of what is not written behind an expression. */
function partsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const inside = operands(node);
  if (node.name === 'FunctionCall' || node.name === 'AggregateExpr') {
    const body = node.getChild('FunctionCallBody');
    return body === null ? [] : operands(body);
  }
  if (node.name === 'BinaryExpr') return [...inside.slice(0, 1), ...inside.slice(-1)];
  if (node.name === 'UnaryExpr') return inside.slice(-1);
  return node.name === 'ParenExpr' ? inside : [];
}

/**
 * The expression of a node without errors. For Prometheus a range, `offset` and `@` bind to the operand that they stand behind; the
 * grammar lets them bind weaker than any operator, as if `a + b offset 5m` were `(a + b) offset 5m`, which is put right here. The
 * order among operators may then differ from Prometheus's, the kinds of values do not.
 */
export function expressionOf(node: SyntaxNode): Expr {
  const [first] = operands(node);
  if (POSTFIX.has(node.name) && first !== undefined) return behind(expressionOf(first), node);
  const { name: kind, from, to } = node;
  return { kind, from, to, node, parts: partsOf(node).map(expressionOf) };
}

function behind(expr: Expr, node: SyntaxNode): Expr {
  const last = expr.parts.at(-1);
  if ((expr.kind === 'BinaryExpr' || expr.kind === 'UnaryExpr') && last !== undefined)
    return { ...expr, to: node.to, parts: [...expr.parts.slice(0, -1), behind(last, node)] };
  return { kind: node.name, from: expr.from, to: node.to, node, parts: [expr] };
}
