/** What the command line says beside the settings. */
export interface Line {
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** Where is said what came of a command, and why it came to nothing. */
export interface Said {
  readonly out: (text: string) => unknown;
  readonly problem: (text: string) => unknown;
}

export const TERMINAL: Said = {
  out: (text) => process.stdout.write(text),
  problem: (text) => process.stderr.write(text),
};
