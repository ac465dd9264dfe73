import type { Command } from 'commander';
import { SHELLS, type Shell } from '../../domain/completion/shells.ts';
import type { CommandWords, OptionWords } from '../../domain/completion/words.ts';
import { either } from '../../domain/either.ts';
import { failing, TERMINAL, type Line, type Said } from './terminal.ts';

const USAGE = 2;
const NAMES = Object.keys(SHELLS) as readonly Shell[];

/** `hpa-bridge completion SHELL`: prints a script that completes the command line of `program`. */
export function completion(program: Command, line: Line, say: Said = TERMINAL): number {
  const [asked = ''] = line.arguments;
  const shell = NAMES.find((name) => name === asked);
  if (shell === undefined)
    return failing(say, USAGE)(`expected ${either(NAMES)}, and not ${JSON.stringify(asked)}`);
  say.out(SHELLS[shell](program.commands.map(wordsOf)));
  return 0;
}

const wordsOf = (command: Command): CommandWords => ({
  name: command.name(),
  about: command.description(),
  options: [...command.options.map(optionWords), HELP],
  arguments: command.name() === 'completion' ? NAMES : [],
});

const HELP: OptionWords = { words: ['-h', '--help'], about: 'tell more', takes: 'nothing' };

function optionWords({
  short,
  long,
  description,
  required,
  flags,
  argChoices,
}: Command['options'][number]): OptionWords {
  const words = [short, long].filter((word) => word !== undefined);
  if (!required) return { words, about: description, takes: 'nothing' };
  const isFile = /<(?:path|file)/.test(flags);
  return { words, about: description, takes: argChoices ?? (isFile ? 'file' : 'text') };
}
