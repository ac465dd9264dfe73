/** Headers that concern one connection only (RFC 9110, 7.6.1; Go: net/http/httputil/reverseproxy.go). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const NONE: ReadonlySet<string> = new Set();

/**
 * The headers that the value of a header Connection says are for the next hop only, in lower case. The length of a body is never among
 * them: where a message ends is not the sender's to take away.
 */
export function namedByConnection(value: string): ReadonlySet<string> {
  // Nearly every request.
  if (value === '' || value === 'keep-alive' || value === 'close') return NONE;
  const names = new Set(tokensIn(value));
  names.delete('content-length');
  return names;
}

/** The members of a comma-separated list, in lower case. */
export const tokensIn = (value: string): readonly string[] =>
  value
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
