import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Jest knows the address of a module, and not its folder.
const folder = fileURLToPath(new URL('.', import.meta.url));

/** Builds the pod, the bare proxy and the load of this folder as one program at `path`. Needs Go, and nothing but its standard library. */
export function buildProgram(path: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.go'));
  execFileSync('go', ['build', '-o', path, ...files], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0' },
  });
}
