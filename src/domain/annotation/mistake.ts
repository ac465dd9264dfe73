/**
 * Something wrong with an annotation.
 * `ignored`: the value has no effect, exactly as upstream ignores it; the objects are built as if it were absent.
 * `used`: the value is used as it is, as upstream uses it, although Knative's admission would refuse it.
 * `refused`: nothing can be built from it; what exists stays as it is.
 * `advice`: nothing is wrong, but it may be meant otherwise.
 * `unknown`: a key with our prefix that we do not know.
 */
export interface Mistake {
  readonly effect: 'ignored' | 'used' | 'refused' | 'advice' | 'unknown';
  /** The annotation key as the user wrote it. */
  readonly key: string;
  /** One sentence: key, value, what is expected. */
  readonly message: string;
  /** Where in the annotation's text, in UTF-16 units, if it is one place in it. */
  readonly at?: number;
}
