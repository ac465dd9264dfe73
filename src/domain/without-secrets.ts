/** What stands where a secret stood. */
const HIDDEN = '…';

/** Credentials of a URL: all between `//` and the last `@` of the word. */
const CREDENTIALS = /\/\/[^\s"'`,]*@/g;
/** A header's scheme and what follows it. */
const SCHEME = /\b(bearer|basic)(\s+)[\w.~+/=-]{8,}/gi;
/** `password=...`, `"apiKey": "..."` and the like. */
const NAMED =
  /\b([\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|authorization)["']?\s*[=:]\s*["']?)(?!\s*(?:bearer|basic)\b)[^\s"'`&,;}]+/gi;
/** A JSON web token. */
const WEB_TOKEN = /\beyJ[\w-]{8,}[\w.-]*/g;

/** A text for people to read, without what looks like a secret in it. A guess: what must not be told is not to be passed here at all. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(CREDENTIALS, `//${HIDDEN}@`)
    .replace(SCHEME, `$1$2${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
    .replace(WEB_TOKEN, HIDDEN);

/** So much of a text is looked through. */
const EDGE = 4096;

/** Whether the beginning of a text has something in it that looks like a secret. */
export function holdsSecret(text: string): boolean {
  const beginning = text.slice(0, EDGE);
  return withoutSecrets(beginning) !== beginning;
}
