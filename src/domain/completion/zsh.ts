import { PROGRAM, type CommandWords, type OptionWords } from './words.ts';

/** Within single quotes, where `_arguments` gives brackets and colons a meaning. */
const safe = (text: string): string =>
  text.replaceAll(/[\\[\]:]/g, (sign) => `\\${sign}`).replaceAll("'", "'\\''");

function valueOf(takes: OptionWords['takes']): string {
  if (takes === 'nothing') return '';
  if (takes === 'file') return ':file:_files';
  return takes === 'text' ? ':value: ' : `:value:(${takes.join(' ')})`;
}

const argumentsOf = ({ words, about, takes }: OptionWords): string => {
  const rest = `'[${safe(about)}]${valueOf(takes)}'`;
  return words.length === 1
    ? `${words[0] ?? ''}${rest}`
    : `'(${words.join(' ')})'{${words.join(',')}}${rest}`;
};

/** For a file `_hpa-bridge` on the fpath, or `source <(hpa-bridge completion zsh)`. */
export const zshCompletion = (commands: readonly CommandWords[]): string =>
  [
    `#compdef ${PROGRAM}`,
    '_hpa_bridge() {',
    '  local -a commands',
    '  commands=(',
    ...commands.map(({ name, about }) => `    '${name}:${safe(about)}'`),
    '  )',
    '  if (( CURRENT == 2 )); then _describe command commands; return; fi',
    '  local command=$words[2]',
    '  shift words; (( CURRENT-- ))',
    '  case $command in',
    ...commands.flatMap(({ name, options, arguments: given }) => [
      `    ${name})`,
      `      _arguments ${[...options.map(argumentsOf), given.length > 0 ? `'1:argument:(${given.join(' ')})'` : "'*: :_default'"].join(' \\\n        ')} ;;`,
    ]),
    '  esac',
    '}',
    // As a file on the fpath it is called; sourced, it has to be made known.
    `if [ "$funcstack[1]" = _hpa-bridge ]; then _hpa_bridge; else compdef _hpa_bridge ${PROGRAM}; fi`,
    '',
  ].join('\n');
