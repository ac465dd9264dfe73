/** A file that is made from the tables. */
export interface Output {
  /** Relative to the repository. */
  readonly path: string;
  /** What the file must say, given what it says now; undefined: there is no such file. */
  readonly content: (current: string | undefined) => string;
}
