import { insideString } from './string-literal.ts';

/** Where in a query a text stands: in a string of that quote, in a comment, or among the rest. */
export type Place = '"' | "'" | '`' | 'comment' | 'code';

const TURNS: Readonly<Record<Place, RegExp>> = {
  code: /["'`#]/g,
  comment: /[\r\n]/g,
  '"': /["\n]|\\[\s\S]?/g,
  "'": /['\n]|\\[\s\S]?/g,
  '`': /`/g,
};

const OPENS: Readonly<Record<string, Place>> = { '"': '"', "'": "'", '`': '`', '#': 'comment' };

/** Where a query stands behind a piece of it that began at a place. A backslash at the end of the piece counts as one by itself. */
export function placeAfter(begin: Place, piece: string): Place {
  let place = begin;
  let at = 0;
  for (;;) {
    const turn = TURNS[place];
    turn.lastIndex = at;
    const found = turn.exec(piece);
    if (found === null) return place;
    at = found.index + found[0].length;
    if (!found[0].startsWith('\\')) place = place === 'code' ? (OPENS[found[0]] ?? 'code') : 'code';
  }
}

/** What is one word of PromQL: a name or a number. */
const ONE_WORD = /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*|\d+(?:\.\d+)?)$/;

/** A value as it must be written at a place; undefined where it cannot stand. */
export function writtenAt(place: Place, value: string): string | undefined {
  if (place === 'comment') return /[\r\n]/.test(value) ? undefined : value;
  if (place !== 'code') return insideString(value, place);
  return ONE_WORD.test(value) ? value : undefined;
}
