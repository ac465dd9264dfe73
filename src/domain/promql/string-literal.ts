import { ok, type Result } from '../result.ts';
import { wrongAt, type Problem } from './problem.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** The escapes with a code: octal digits, or x, u, U and hexadecimal ones (prometheus: promql/parser/lex.go). */
const CODED = /\\(?:([0-3][0-7]{2})|x([\da-fA-F]{2})|(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})))/y;

/** The character of an escape with a code, and its length in the text; undefined for one that Prometheus refuses. */
function coded(text: string, at: number): readonly [string, number] | undefined {
  CODED.lastIndex = at;
  const [whole, octal, hex, short, long] = CODED.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const point = short ?? long;
  if (point === undefined)
    return [byteOf(octal === undefined ? parseInt(hex ?? '', 16) : parseInt(octal, 8)), whole.length];
  const code = parseInt(point, 16);
  const exists = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return exists ? [String.fromCodePoint(code), whole.length] : undefined;
}

/** A byte above ASCII is part of a character that need not be known. */
const byteOf = (code: number): string => (code < 0x80 ? String.fromCharCode(code) : '\ufffd');

function escapeAt(text: string, at: number, quote: string): readonly [string, number] | undefined {
  const letter = text[at + 1] ?? '';
  if (letter === quote) return [quote, 2];
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  return simple === undefined ? coded(text, at) : [simple, 2];
}

/**
 * The text that a string literal of PromQL stands for, which begins at `from` and must end at `to`. The grammar that the tree is made
 * with takes strings that Prometheus does not: without an end, with a line break or with an escape of JavaScript.
 */
export function readString(text: string, from: number, to: number): Result<string, Problem> {
  const quote = text[from] ?? '';
  const end = to - 1;
  if (end <= from || text[end] !== quote) return unclosed(from, quote);
  if (quote === '`') return ok(text.slice(from + 1, end));
  let value = '';
  let at = from + 1;
  while (at < end) {
    const [read, length] = characterAt(text, at, quote) ?? [];
    if (read === undefined || length === undefined)
      return wrongAt(at, 'has an escape that PromQL does not know', 'two backslashes for one');
    if (read === '\n' && length === 1) break;
    value += read;
    at += length;
  }
  return at === end ? ok(value) : unclosed(from, quote);
}

const unclosed = (at: number, quote: string): Result<never, Problem> =>
  wrongAt(at, 'has a string that is not closed', `${quote} at its end`);

const characterAt = (text: string, at: number, quote: string): readonly [string, number] | undefined =>
  text[at] === '\\' ? escapeAt(text, at, quote) : [text[at] ?? '', 1];

/** Writes a value into a string literal of that quote; undefined where it cannot be written. */
export function insideString(value: string, quote: string): string | undefined {
  if (quote === '`') return value.includes('`') ? undefined : value;
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
