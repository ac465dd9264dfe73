const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const PRINTS = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

function escaped(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (PRINTS.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** The text in double quotes as Go's `strconv.Quote` writes it: what does not print is escaped. */
export const quote = (text: string): string => `"${Array.from(text, escaped).join('')}"`;
