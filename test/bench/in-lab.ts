import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A bench of test/cluster/bench: needs what the lab of test:cluster needs (Linux, root, Go). */
export const inLab = (name: string): { run(args: readonly string[]): Promise<void> } => ({
  run: (args) => {
    const script = join(import.meta.dirname, '../cluster/bench.sh');
    const { status } = spawnSync('bash', [script, name, ...args], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
    return Promise.resolve();
  },
});
