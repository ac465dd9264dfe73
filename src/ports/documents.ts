import type { Json } from '../domain/json.ts';

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One document of a text in which objects are written. */
export interface SourceDocument {
  /** Undefined where the document cannot be read. */
  readonly value: Json | undefined;
  /** Why not. */
  readonly problems: readonly { readonly message: string; readonly position: Position }[];
  /**
   * Where the field of this path is written, else the innermost one on the way to it that is. With `at`, the place in its text, where that can be
   * told from how the text is written; else where the text begins.
   */
  readonly positionOf: (path: readonly string[], at?: number) => Position;
}

/** Takes a text apart into its documents; those without content are left out. Never throws. */
export type ReadDocuments = (text: string) => readonly SourceDocument[];
