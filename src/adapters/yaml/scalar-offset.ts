/** A text as it is written in YAML, from its first sign to its last, and what it says. */
export interface Written {
  readonly written: string;
  readonly type: string;
  readonly value: string;
}

/** Where in what is written a place of the value stands; undefined where the lines are put together in a way that is not followed here. */
export function offsetIn({ written, type, value }: Written, at: number): number | undefined {
  switch (type) {
    case 'QUOTE_SINGLE':
      return inQuotes(written, at, /''|[^\n]/y);
    case 'QUOTE_DOUBLE':
      return inQuotes(written, at, /\\x..|\\u.{4}|\\[^xuU\n]|[^\\\n]/y);
    case 'BLOCK_LITERAL':
      return inBlock(written, value, at, '\n');
    case 'BLOCK_FOLDED':
      return inBlock(written, value, at, ' ');
    default:
      return written.startsWith(value) ? at : undefined;
  }
}

/** Goes over the signs one by one, each of which stands for one unit of the value. */
function inQuotes(written: string, at: number, sign: RegExp): number | undefined {
  sign.lastIndex = 1;
  for (let i = 0; i < at; i += 1) if (!sign.test(written)) return undefined;
  return sign.lastIndex;
}

/** Lines under a `|` or `>`, each with the same indentation, are joined by one sign in the value. */
function inBlock(written: string, value: string, at: number, joint: '\n' | ' '): number | undefined {
  const [head = '', ...lines] = written.split('\n');
  const indent = /^ */.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const bare = lines.map((line) => line.slice(indent));
  const length = value.trimEnd().length;
  if (bare.join(joint).slice(0, length) !== value.slice(0, length) || at > length) return undefined;
  const row = lineAt(bare, at);
  const before = lines.slice(0, row.index).reduce((sum, line) => sum + line.length + 1, head.length + 1);
  return before + indent + row.column;
}

function lineAt(lines: readonly string[], at: number): { readonly index: number; readonly column: number } {
  let left = at;
  for (const [index, { length }] of lines.entries()) {
    if (left <= length) return { index, column: left };
    left -= length + 1;
  }
  return { index: Math.max(0, lines.length - 1), column: left };
}
