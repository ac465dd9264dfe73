import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly unknown[];
}
interface Bom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
}

const MODULES = 'node_modules/';
/** `npm sbom` came with npm 10; whoever has an older one can do everything else. */
const npm = Number(execFileSync('npm', ['--version'], { encoding: 'utf8' }).split('.')[0]);

(npm < 10 ? test.skip : test)(
  'the bill of materials names the program and every package that it runs with, with version, licence and hash',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
    try {
      const out = join(folder, 'sbom.cdx.json');
      execFileSync(process.execPath, ['tools/sbom.mjs', out], { encoding: 'utf8' });
      const { bomFormat, metadata, components } = JSON.parse(readFileSync(out, 'utf8')) as Bom;
      const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as Component;
      expect([bomFormat, metadata.component.name, metadata.component.version]).toEqual([
        'CycloneDX',
        name,
        version,
      ]);
      const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
      const locked = Object.entries(packages)
        .filter(([path, { dev }]) => path !== '' && dev !== true)
        .map(([path, found]) => `${path.slice(path.lastIndexOf(MODULES) + MODULES.length)}@${found.version}`);
      expect(new Set(components.map((each) => `${each.name}@${each.version}`))).toEqual(new Set(locked));
      expect(
        components.filter(({ licenses = [], hashes = [] }) => licenses.length === 0 || hashes.length === 0),
      ).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
