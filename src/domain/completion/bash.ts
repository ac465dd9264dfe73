import { PROGRAM, type CommandWords, type OptionWords } from './words.ts';

const reply = (words: readonly string[]): string =>
  `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`;

const patternOf = (command: string, { words }: OptionWords): string =>
  words.map((word) => `${command}:${word}`).join('|');

/** After an option that takes a text or a file, `-o default` completes files. */
function valueCases({ name, options }: CommandWords): readonly string[] {
  const free = options.filter(({ takes }) => takes === 'text' || takes === 'file');
  const cases = options.flatMap((option) =>
    typeof option.takes === 'string'
      ? []
      : [`    ${patternOf(name, option)}) ${reply(option.takes)}; return ;;`],
  );
  if (free.length === 0) return cases;
  return [...cases, `    ${free.map((option) => patternOf(name, option)).join('|')}) return ;;`];
}

/** For `source <(hpa-bridge completion bash)`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const wordsOf = ({ options, arguments: given }: CommandWords): readonly string[] => [
    ...given,
    ...options.flatMap(({ words }) => words.filter((word) => word.startsWith('--'))),
  ];
  return [
    '_hpa_bridge() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    `  if [ "$COMP_CWORD" = 1 ]; then ${reply(commands.map(({ name }) => name))}; return; fi`,
    '  case ${COMP_WORDS[1]}:$prev in',
    ...commands.flatMap(valueCases),
    '  esac',
    '  case ${COMP_WORDS[1]} in',
    ...commands.map((command) => `    ${command.name}) ${reply(wordsOf(command))} ;;`),
    '  esac',
    '}',
    `complete -o default -F _hpa_bridge ${PROGRAM}`,
    '',
  ].join('\n');
}
