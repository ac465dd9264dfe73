import { BRIDGE_KEYS } from './bridge.ts';

const WIDTH = 78;

/** The text in lines of comments, broken between words. */
export function commented(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line !== '#' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

const HEAD =
  'This block is not read. It shows every key with its default value; copy a key one level up, beside _example, to change it.';

/** The `_example` of config-hpa-bridge: every key, what it does, and its default, as YAML. */
export const bridgeConfigExample = (): string =>
  [
    commented(HEAD),
    ...Object.values(BRIDGE_KEYS).map(({ key, doc, fallback }) => [
      '',
      ...commented(doc),
      `${key}: "${fallback}"`,
    ]),
  ]
    .flat()
    .join('\n')
    .concat('\n');
