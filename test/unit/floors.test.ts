import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect, test } from '@jest/globals';
import { filesUnder } from '../files.ts';

/**
 * What each floor may import besides its own place. `node:crypto` in domain is for pure hashes (ChildName, content hashes); lezer is the
 * grammar of PromQL, text in and tree out.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: ['zod', 'node:crypto', '@prometheus-io/lezer-promql', '@lezer/common'],
  ports: ['domain'],
  engine: ['domain', 'ports'],
  adapters: ['domain', 'ports', 'node', 'npm'],
  processes: ['domain', 'ports', 'engine'],
  playground: ['domain', 'ports', 'engine', 'adapters', 'node', 'npm'],
};

/** A process's place is its own folder, not its neighbours'. */
const placeOf = (file: string): string =>
  file
    .split('/')
    .slice(1, file.startsWith('src/processes/') ? 3 : 2)
    .join('/');

const targetsOf = (file: string, specifier: string): readonly string[] => {
  if (specifier.startsWith('.')) return [placeOf(join(file, '..', specifier))];
  return specifier.startsWith('node:') ? [specifier, 'node'] : [specifier, 'npm'];
};

const ROOTS = ['src/main.ts'];

test.each(filesUnder('src', '.ts').filter((file) => !ROOTS.includes(file)))('%s keeps its floor', (file) => {
  const may = [placeOf(file), ...(MAY_IMPORT[placeOf(file).split('/')[0] ?? ''] ?? [])];
  if (file.endsWith('/wire.ts')) may.push('adapters', 'node', 'npm', 'playground');
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/\b(?:from|import) '([^']+)'/g)) {
    const allowed = targetsOf(file, specifier).some((target) => may.includes(target));
    expect({ file, imports: specifier, allowed }).toEqual({ file, imports: specifier, allowed: true });
  }
});

test('relative imports name the file', () => {
  for (const file of filesUnder('src', '.ts'))
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/\bfrom '(\.[^']+)'/g))
      expect(`${file}: ${specifier}`).toMatch(/\.ts$/);
});
