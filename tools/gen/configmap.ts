import { bridgeConfigExample } from '../../src/domain/config/bridge-example.ts';
import { EXAMPLE_KEY } from '../../src/domain/config/unknown-keys.ts';

const INDENT = '    ';

/** The example as the block scalar of a ConfigMap's data. */
const block = (): string =>
  `  ${EXAMPLE_KEY}: |\n` +
  bridgeConfigExample()
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : INDENT + line))
    .join('\n')
    .concat('\n');

/** The manifest of config-hpa-bridge with its example as the table of keys has it. Throws when the manifest has none. */
export function withExample(manifest: string): string {
  const shown = new RegExp(`^  ${EXAMPLE_KEY}: \\|\\n(?:(?: {4}.*)?\\n)*`, 'm');
  if (!shown.test(manifest)) throw new Error(`expected data.${EXAMPLE_KEY} as a block ("${EXAMPLE_KEY}: |")`);
  return manifest.replace(shown, block);
}
