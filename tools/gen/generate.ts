import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Output } from './output.ts';

/** An output that does not say what the tables say, and what it should say. */
export interface Stale {
  readonly path: string;
  readonly content: string;
}

/** The outputs under `root` that are not current. Throws with the file's path when one cannot be made. */
export function staleOutputs(root: string, outputs: readonly Output[]): readonly Stale[] {
  return outputs.flatMap(({ path, content }) => {
    const file = join(root, path);
    const current = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    try {
      const wanted = content(current);
      return wanted === current ? [] : [{ path, content: wanted }];
    } catch (thrown) {
      throw new Error(`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
        cause: thrown,
      });
    }
  });
}

/** Writes what is stale. */
export function write(root: string, stale: readonly Stale[]): void {
  for (const { path, content } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
