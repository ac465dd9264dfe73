import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import type { CommandWords } from './words.ts';
import { zshCompletion } from './zsh.ts';

/** Scripts that complete the command line, by shell. */
export const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Readonly<Record<string, (commands: readonly CommandWords[]) => string>>;

export type Shell = keyof typeof SHELLS;
