/** Headers as they came: name and value in turn. Names may be in any case, and may come several times. */
export type HeaderList = readonly string[];

/** Headers by lower-case name, several of one name joined. */
export type HeaderLookup = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header's value; empty where there is none. */
export function headerIn(headers: HeaderLookup, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
}

/** An answer of our own. */
export interface Reply {
  readonly status: number;
  /** Without length and content type. */
  readonly headers: HeaderList;
  /** Text; may be empty. */
  readonly body: string;
}

/** All values of one header, given in lower case, of a list, joined; undefined where there is none. */
export function joinedIn(list: HeaderList, wanted: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? '';
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue;
    found = found === undefined ? (list[at + 1] ?? '') : `${found}, ${list[at + 1] ?? ''}`;
  }
  return found;
}

/** Characters of all names and values. */
export const sizeOf = (list: HeaderList): number => list.reduce((sum, { length }) => sum + length, 0);
