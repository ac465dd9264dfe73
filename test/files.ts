import { readdirSync } from 'node:fs';
import { join } from 'node:path/posix';

/** Paths, relative to the repository, of the files under `folder` that end in `suffix`. Tests run with the repository as working directory. */
export const filesUnder = (folder: string, suffix: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
