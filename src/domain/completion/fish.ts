import { PROGRAM, type CommandWords, type OptionWords } from './words.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function optionLine(command: string, { words, about, takes }: OptionWords): string {
  const named = words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`));
  const value =
    takes === 'nothing'
      ? []
      : takes === 'file'
        ? ['-r', '-F']
        : ['-x', ...(takes === 'text' ? [] : ['-a', quoted(takes.join(' '))])];
  return `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${command}' ${[...named, ...value].join(' ')} -d ${quoted(about)}`;
}

/** For `hpa-bridge completion fish | source`. */
export const fishCompletion = (commands: readonly CommandWords[]): string =>
  [
    `complete -c ${PROGRAM} -f`,
    ...commands.map(
      ({ name, about }) => `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
    ),
    ...commands.flatMap(({ name, options }) => options.map((option) => optionLine(name, option))),
    ...commands
      .filter(({ arguments: given }) => given.length > 0)
      .map(
        ({ name, arguments: given }) =>
          `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${name}' -a ${quoted(given.join(' '))}`,
      ),
    '',
  ].join('\n');
