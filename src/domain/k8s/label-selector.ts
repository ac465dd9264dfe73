import { err, ok, type Result } from '../result.ts';
import { shown } from '../shown.ts';

/** One requirement of a label selector. `In` and `NotIn` have at least one value, `Gt` and `Lt` exactly one whole number, the others none. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** Longer selectors are refused: nobody means them. */
const LONGEST = 4096;

const TOKEN = /\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)/y;
const LABEL = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const WHOLE = /^[+-]?\d{1,18}$/;
const SYMBOL = /^(==|!=|[=!(),<>])$/;

/** What is wrong with a selector, to be thrown inside this file only. */
class Unreadable extends Error {}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) tokens.push(found[1] ?? '');
  return tokens;
}

/** `app`, or `example.com/app` with a DNS subdomain before the slash. */
function isKey(key: string): boolean {
  const [last = '', prefix, ...more] = key.split('/').reverse();
  if (more.length > 0 || !NAME.test(last)) return false;
  return prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix));
}

/** Reads tokens one after the other; the words `in` and `notin` are operators only behind a key. */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  take(): string | undefined {
    return this.#tokens[this.#at++];
  }

  takeIf(token: string): boolean {
    if (this.peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  requirements(): readonly Requirement[] {
    const all: Requirement[] = [];
    if (this.peek() === undefined) return all;
    do all.push(this.#requirement());
    while (this.takeIf(','));
    const rest = this.peek();
    if (rest !== undefined) throw new Unreadable(`has ${shown(rest)} where a comma is expected`);
    return all;
  }

  #requirement(): Requirement {
    const absent = this.takeIf('!');
    const key = this.#key();
    if (absent) return { key, operator: 'DoesNotExist', values: [] };
    const operator = this.peek() === undefined || this.peek() === ',' ? undefined : this.take();
    switch (operator) {
      case undefined:
        return { key, operator: 'Exists', values: [] };
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value()] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value()] };
      case 'in':
        return { key, operator: 'In', values: this.#values() };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#values() };
      case '>':
        return { key, operator: 'Gt', values: [this.#whole()] };
      case '<':
        return { key, operator: 'Lt', values: [this.#whole()] };
      default:
        throw new Unreadable(`has ${shown(operator)} behind the key ${shown(key)}`);
    }
  }

  #key(): string {
    const key = this.take() ?? '';
    if (!isKey(key)) throw new Unreadable(`has ${shown(key)} where the key of a label is expected`);
    return key;
  }

  /** A value may be absent, which is the empty text. */
  #value(): string {
    const next = this.peek();
    const value = next === undefined || SYMBOL.test(next) ? '' : (this.take() ?? '');
    if (!LABEL.test(value)) throw new Unreadable(`has ${shown(value)}, which no label can have as its value`);
    return value;
  }

  #whole(): string {
    const value = this.#value();
    if (!WHOLE.test(value)) throw new Unreadable(`compares with ${shown(value)}, which is no whole number`);
    return value;
  }

  #values(): readonly string[] {
    if (!this.takeIf('(')) throw new Unreadable('has a set that does not begin with a parenthesis');
    if (this.takeIf(')')) throw new Unreadable('has an empty set');
    const values = new Set<string>();
    do values.add(this.#value());
    while (this.takeIf(','));
    if (!this.takeIf(')')) throw new Unreadable('has a set that does not end with a parenthesis');
    return [...values];
  }
}

/**
 * Reads a selector as it stands in `?labelSelector=`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, joined by
 * commas (apimachinery: pkg/labels/selector.go). The empty text has no requirements. The error completes "labelSelector ...".
 */
export function parseLabelSelector(text: string): Result<readonly Requirement[], string> {
  if (text.length > LONGEST) return err(`is longer than ${LONGEST} characters`);
  try {
    return ok(new Reader(tokensOf(text)).requirements());
  } catch (thrown) {
    if (thrown instanceof Unreadable) return err(thrown.message);
    throw thrown;
  }
}

/** Whether labels meet a requirement. `NotIn` is met by a label that is absent too; `Gt` and `Lt` only by whole numbers. */
export function meets(
  { key, operator, values }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compared(value, values, (a, b) => a > b);
    case 'Lt':
      return compared(value, values, (a, b) => a < b);
  }
}

const compared = (
  value: string | undefined,
  [bound = '']: readonly string[],
  holds: (a: bigint, b: bigint) => boolean,
): boolean => value !== undefined && WHOLE.test(value) && holds(BigInt(value), BigInt(bound));
