import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { codeIn } from '../http/cannot-listen.ts';

/** A text and how it is called. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

const YAML = /\.(ya?ml|json)$/;

/**
 * The texts of files, of the YAML and JSON files of folders, in their order, and of standard input (`-`). Rejects with one sentence that names
 * the first that cannot be read.
 */
export async function readInputs(names: readonly string[]): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const name of names) {
    if (name === '-') inputs.push({ name: 'stdin', text: await text(process.stdin) });
    else for (const file of await filesOf(name)) inputs.push({ name: file, text: await contentOf(file) });
  }
  return inputs;
}

async function filesOf(name: string): Promise<readonly string[]> {
  const found = await stat(name).catch((thrown: unknown) => {
    throw cannotRead(name, thrown);
  });
  if (!found.isDirectory()) return [name];
  const entries = await readdir(name, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && YAML.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const contentOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((thrown: unknown) => {
    throw cannotRead(file, thrown);
  });

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
};

function cannotRead(name: string, thrown: unknown): Error {
  const code = codeIn(thrown);
  return new Error(`${name} cannot be read: ${REASONS[code] ?? code}`, { cause: thrown });
}
