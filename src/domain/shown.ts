import { quote } from './go/quote.ts';
import { withoutSecrets } from './without-secrets.ts';

const LONGEST = 60;
/** So much of each end is looked through for secrets; megabytes are not. */
const EDGE = 2048;

/**
 * A user's text for a sentence: in quotes, without what looks like a secret, with what does not print escaped, and shortened in the
 * middle when it is long.
 */
export function shown(text: string): string {
  const safe = withoutSecrets(text.length > 2 * EDGE ? text.slice(0, EDGE) + text.slice(-EDGE) : text);
  const characters = Array.from(safe);
  if (characters.length <= LONGEST && text.length <= 2 * EDGE) return quote(safe);
  const half = LONGEST / 2;
  return quote(`${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`);
}
