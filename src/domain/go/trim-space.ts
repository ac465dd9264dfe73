const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const AROUND = new RegExp(`^${SPACE}|${SPACE}$`, 'g');

/** Go's `strings.TrimSpace`. Unlike `trim`, it takes U+0085 away and leaves U+FEFF. */
export const trimSpace = (text: string): string => text.replace(AROUND, '');
