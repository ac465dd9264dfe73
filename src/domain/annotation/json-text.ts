import type { Json } from '../json.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';

/** A JSON value that remembers where it stands; `at` is an offset in characters from the start of the text. */
export type JsonNode =
  | { readonly kind: 'object'; readonly at: number; readonly fields: readonly JsonField[] }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'text'; readonly at: number; readonly value: string }
  | { readonly kind: 'number'; readonly at: number; readonly value: number; readonly written: string }
  | { readonly kind: 'boolean'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'null'; readonly at: number };

/** One `"name": value` of an object; `at` is where the name stands. */
export interface JsonField {
  readonly name: string;
  readonly at: number;
  readonly value: JsonNode;
}

/** Where a text stops being JSON, and what was expected there instead of what was found. */
export interface JsonProblem {
  readonly at: number;
  readonly message: string;
}

/** Deeper nesting than anybody writes; it bounds our stack. */
const DEEPEST = 64;

/** `line 2 column 7`, both counted from 1. */
export function placeIn(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length} column ${(before.at(-1) ?? '').length + 1}`;
}

/** Reads one JSON text (RFC 8259), keeping duplicates and positions. Never throws. */
export function readJson(text: string): Result<JsonNode, JsonProblem> {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (value !== undefined) reader.end();
  return reader.problem === undefined && value !== undefined
    ? ok(value)
    : err(reader.problem ?? { at: 0, message: 'expected a JSON value' });
}

/** The plain value. Of fields given twice the last one counts. */
export function jsonOf(node: JsonNode): Json {
  if (node.kind === 'object')
    return Object.fromEntries(node.fields.map((field) => [field.name, jsonOf(field.value)]));
  if (node.kind === 'list') return node.items.map(jsonOf);
  return node.kind === 'null' ? null : node.value;
}

const WORDS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A cursor over the text. The first problem ends the reading; every step after it answers undefined. */
class Reader {
  readonly #text: string;
  #at = 0;
  problem: JsonProblem | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode | undefined {
    this.#space();
    if (depth > DEEPEST) return this.#expected(`at most ${DEEPEST} levels of nesting`);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#list(depth);
    if (first === '"') return this.#string();
    return /[-\d]/.test(first ?? '') ? this.#number() : this.#word();
  }

  end(): void {
    this.#space();
    if (this.problem === undefined && this.#at < this.#text.length) this.#expected('nothing after the value');
  }

  #object(depth: number): JsonNode | undefined {
    const at = this.#at++;
    const fields: JsonField[] = [];
    if (this.#take('}')) return { kind: 'object', at, fields };
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') return this.#expected('a field name in double quotes');
      const name = this.#string();
      if (name?.kind !== 'text') return undefined;
      if (!this.#take(':')) return this.#expected('a colon after the field name');
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      fields.push({ name: name.value, at: name.at, value });
    } while (this.#take(','));
    return this.#take('}') ? { kind: 'object', at, fields } : this.#expected('a comma or }');
  }

  #list(depth: number): JsonNode | undefined {
    const at = this.#at++;
    const items: JsonNode[] = [];
    if (this.#take(']')) return { kind: 'list', at, items };
    do {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#take(','));
    return this.#take(']') ? { kind: 'list', at, items } : this.#expected('a comma or ]');
  }

  #string(): JsonNode | undefined {
    const at = this.#at++;
    for (let char = this.#text[this.#at]; char !== '"'; char = this.#text[this.#at]) {
      if (char === undefined) return this.#expected('a closing double quote');
      if (char < ' ') return this.#expected('an escape such as \\n instead of a control character');
      if (char === '\\' && !this.#escape()) return this.#expected('a JSON escape such as \\n or \\u0041');
      this.#at++;
    }
    const value = JSON.parse(this.#text.slice(at, ++this.#at)) as string;
    // Half a surrogate pair cannot be sent as UTF-8.
    return { kind: 'text', at, value: value.toWellFormed() };
  }

  /** Leaves the cursor on the last character of a good escape. */
  #escape(): boolean {
    const length = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0]
      .length;
    this.#at += (length ?? 1) - 1;
    return length !== undefined;
  }

  #number(): JsonNode | undefined {
    const at = this.#at;
    const digits = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    digits.lastIndex = at;
    const written = digits.exec(this.#text)?.[0];
    if (written === undefined) return this.#expected('a digit');
    if (!Number.isFinite(Number(written))) return this.#expected('a number that a double can hold');
    this.#at += written.length;
    return { kind: 'number', at, value: Number(written), written };
  }

  #word(): JsonNode | undefined {
    const at = this.#at;
    const word = /^[a-z]*/.exec(this.#text.slice(at, at + 6))?.[0] ?? '';
    const value = WORDS.get(word);
    if (value === undefined) return this.#expected('a JSON value');
    this.#at += word.length;
    return value === null ? { kind: 'null', at } : { kind: 'boolean', at, value };
  }

  #take(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #expected(what: string): JsonNode | undefined {
    const found = this.#text.codePointAt(this.#at);
    const shown = found === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(found));
    this.problem ??= { at: this.#at, message: `expected ${what}, found ${shown}` };
    return undefined;
  }
}
