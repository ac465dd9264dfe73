import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What runs: a version and the commit it was built from. */
export interface Build {
  readonly version: string;
  readonly commit: string;
}

// The bundler replaces these two words; in the sources they do not exist.
declare const HPA_BRIDGE_VERSION: string | undefined;
declare const HPA_BRIDGE_COMMIT: string | undefined;

const packageView = z.object({ version: z.string() });

/** The build that this program is. Run from the sources, the version is package.json's and the commit is `sources`. */
export function readBuild(): Build {
  if (typeof HPA_BRIDGE_VERSION === 'string' && typeof HPA_BRIDGE_COMMIT === 'string')
    return { version: HPA_BRIDGE_VERSION, commit: HPA_BRIDGE_COMMIT };
  const file = new URL('../../../package.json', import.meta.url);
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return { version: packageView.parse(read).version, commit: 'sources' };
}
