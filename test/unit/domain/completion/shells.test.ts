import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { SHELLS, type Shell } from '../../../../src/domain/completion/shells.ts';
import type { CommandWords } from '../../../../src/domain/completion/words.ts';

const COMMANDS: readonly CommandWords[] = [
  {
    name: 'top',
    about: "List what's [decided]: all of it",
    options: [
      { words: ['-o', '--output'], about: 'text or json', takes: ['text', 'json'] },
      { words: ['-n', '--namespace'], about: 'of one', takes: 'text' },
      { words: ['--watch'], about: 'go on', takes: 'nothing' },
    ],
    arguments: [],
  },
  {
    name: 'lint',
    about: 'Check',
    options: [{ words: ['-f', '--filename'], about: 'a file', takes: 'file' }],
    arguments: [],
  },
  { name: 'completion', about: 'Print', options: [], arguments: ['bash', 'zsh'] },
];

const has = (shell: Shell): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const shells = Object.keys(SHELLS) as readonly Shell[];

test.each(shells.filter(has))('%s takes its script without a word', (shell) => {
  const { status, stderr } = spawnSync(shell, ['-n', '-c', SHELLS[shell](COMMANDS)], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** Each with words that were written, of which the last is completed, and what is offered. */
const LINES: readonly [readonly string[], readonly string[]][] = [
  [[''], ['completion', 'lint', 'top']],
  [['t'], ['top']],
  [
    ['top', '--'],
    ['--namespace', '--output', '--watch'],
  ],
  [
    ['top', '-o', ''],
    ['json', 'text'],
  ],
  [['top', '--output', 'j'], ['json']],
  [
    ['completion', ''],
    ['bash', 'zsh'],
  ],
];

describe('bash', () => {
  const offered = (words: readonly string[]): readonly string[] => {
    const script = `${SHELLS.bash(COMMANDS)}
COMP_WORDS=(hpa-bridge "$@"); COMP_CWORD=$#; _hpa_bridge; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    return stdout.split('\n').filter(Boolean).sort();
  };
  test.each(LINES)('%j', (words, expected) => expect(offered(words)).toEqual(expected));
  test('after an option that takes a text, files may follow and no option', () =>
    expect(offered(['top', '-n', ''])).toEqual([]));
});

(has('fish') ? describe : describe.skip)('fish', () => {
  test.each(LINES)('%j', (words, expected) => {
    const script = `${SHELLS.fish(COMMANDS)}\ncomplete -C "$argv"`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script, ['hpa-bridge', ...words].join(' ')], {
      encoding: 'utf8',
    });
    const offered = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0]);
    expect(offered.sort()).toEqual(expected);
  });
});

test('what would end a word of the script is no part of it', () => {
  expect(SHELLS.zsh(COMMANDS)).toContain(`'top:List what'\\''s \\[decided\\]\\: all of it'`);
  expect(SHELLS.fish(COMMANDS)).toContain(`-d 'List what\\'s [decided]: all of it'`);
});
