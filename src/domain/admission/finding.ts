/** What a finding is about: the names of fields from the object's root. */
export type Path = readonly string[];

/** Something that was found wrong, or that may be meant otherwise, in an object that somebody is about to apply. */
export interface Finding {
  /** `error`: the API server refuses it, or nothing can be built from it. `warning`: it is taken, and may not do what is meant. */
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** One sentence: field, what is wrong, what would be right. */
  readonly message: string;
  /** Where in the text of the field, in UTF-16 units, if it is one place in it. */
  readonly at?: number;
}
