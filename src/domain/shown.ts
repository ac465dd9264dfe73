import { quote } from './go/quote.ts';

const LONGEST = 60;

/** A user's text for a sentence: in quotes, with what does not print escaped, and shortened in the middle when it is long. */
export function shown(text: string): string {
  const characters = Array.from(text.length > 4 * LONGEST ? edges(text) : text);
  if (characters.length <= LONGEST) return quote(text);
  const half = LONGEST / 2;
  return quote(`${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`);
}

/** Both ends of a long text: as much as can be shown, so that megabytes are not taken apart for it. */
const edges = (text: string): string => text.slice(0, 2 * LONGEST) + text.slice(-2 * LONGEST);
