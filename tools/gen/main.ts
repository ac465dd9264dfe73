import { staleOutputs, write } from './generate.ts';
import { OUTPUTS } from './outputs.ts';

const root = process.cwd();
const check = process.argv.includes('--check');

try {
  const stale = staleOutputs(root, OUTPUTS);
  if (check) {
    for (const { path } of stale)
      process.stderr.write(`${path} is stale: run \`npm run gen\` and commit it.\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    write(root, stale);
    for (const { path } of stale) process.stdout.write(`wrote ${path}\n`);
  }
} catch (thrown) {
  process.stderr.write(`gen: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
