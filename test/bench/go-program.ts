import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program built for a bench; its file goes when it is disposed of. */
export interface GoProgram extends Disposable {
  readonly path: string;
}

/**
 * Builds test/bench/NAME/main.go against Knative's modules that the cluster's lab pins. Undefined where it cannot be built, with the
 * reason said.
 */
export function goProgram(name: string): GoProgram | undefined {
  const folder = mkdtempSync(join(tmpdir(), `hpa-bridge-${name}-`));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const modules = join(import.meta.dirname, '../cluster/lab/modules/knative');
    for (const file of ['go.mod', 'go.sum']) copyFileSync(join(modules, file), join(folder, file));
    copyFileSync(join(import.meta.dirname, name, 'main.go'), join(folder, 'main.go'));
    // The modules are those of the lab, of which this program needs a part: Go may tidy its copy.
    const env = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-o', name, '.'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { path: join(folder, name), [Symbol.dispose]: dispose };
  } catch (thrown) {
    dispose();
    console.log(`Knative's own autoscaler is left out: ${(thrown as Error).message}`);
    return undefined;
  }
}
