/** An option, as a shell completes it. */
export interface OptionWords {
  /** `-o` and `--output` */
  readonly words: readonly string[];
  readonly about: string;
  /** What may follow: nothing, one of these words, or a text that is a file or not. */
  readonly takes: 'nothing' | 'file' | 'text' | readonly string[];
}

export interface CommandWords {
  readonly name: string;
  readonly about: string;
  readonly options: readonly OptionWords[];
  /** What may stand in the place of its argument, where that is known. */
  readonly arguments: readonly string[];
}

/** The names by which the program is called. kubectl has completion of its own for its plugins. */
export const PROGRAM = 'hpa-bridge';
