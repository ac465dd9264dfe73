import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import type { Json } from '../../domain/json.ts';
import type { Position, SourceDocument } from '../../ports/documents.ts';
import { offsetIn } from './scalar-offset.ts';

/** Reads YAML, of which JSON is a part, in the version that kubectl reads: `on` and `off` without quotes are truth values there. */
export function readDocuments(text: string): readonly SourceDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, version: '1.1' });
  const all: readonly Document.Parsed[] = Array.isArray(documents) ? documents : [];
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return all
    .filter(({ contents, errors }) => !isNothing(contents) || errors.length > 0)
    .map((document) => {
      const problems = document.errors.map(({ message, pos }) => ({
        message: firstLine(message),
        position: place(pos[0]),
      }));
      return {
        value: problems.length > 0 ? undefined : valueOf(document),
        problems,
        positionOf: (path, at) => place(offsetOf(text, document, path, at)),
      };
    });
}

const isNothing = (contents: unknown): boolean =>
  contents === null || (isScalar(contents) && contents.value === null);

/** What the library says beside it, a drawing of the place, is ours to show. */
const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

function valueOf(document: Document.Parsed): Json | undefined {
  try {
    return document.toJS({ maxAliasCount: 100 }) as Json;
  } catch {
    return undefined;
  }
}

function offsetOf(source: string, document: Document.Parsed, path: readonly string[], at?: number): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, name] of path.entries()) {
    const [key, value] = entryOf(node, name);
    if (value === undefined) return offset;
    offset = startOf(key) ?? offset;
    node = value;
    if (depth === path.length - 1 && at !== undefined && isScalar(node))
      return inText(source, node, at) ?? offset;
  }
  return offset;
}

/** The name of a field and what it holds, or an item of a list by its number. */
function entryOf(node: unknown, name: string): readonly [key: unknown, value: unknown] {
  if (isSeq(node)) return [node.items[Number(name)], node.items[Number(name)]];
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
  return [pair?.key, pair?.value];
}

const startOf = (node: unknown): number | undefined => (node as Partial<Node> | null)?.range?.[0];

function inText(source: string, { range, type, value }: Scalar, at: number): number | undefined {
  if (range == null || typeof value !== 'string') return undefined;
  const [start, end] = range;
  if (at > value.length) return start;
  return start + (offsetIn({ written: source.slice(start, end), type: type ?? 'PLAIN', value }, at) ?? 0);
}
