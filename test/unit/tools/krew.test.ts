import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Plugin {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly shortDescription: string;
    readonly platforms: readonly {
      readonly uri: string;
      readonly sha256: string;
      readonly bin: string;
      readonly files: readonly { readonly from: string; readonly to: string }[];
    }[];
  };
}

const folder = mkdtempSync(join(tmpdir(), 'krew-test-'));
const krew = resolve('tools/krew.mjs');
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [krew, ...args], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  for (const file of ['package.json', 'LICENSE']) writeFileSync(join(folder, file), readFileSync(file));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('without a bundle there is nothing to pack', () =>
  expect(run('https://example.com')).toMatchObject({
    status: 1,
    stderr: 'krew: dist/hpa-bridge.mjs is not there: run npm run build\n',
  }));

test('the manifest names an archive that holds the program, with its hash, and the version of package.json', () => {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/hpa-bridge.mjs'), '#!/usr/bin/env node\nconsole.log("it runs")\n', {
    mode: 0o755,
  });
  expect(run('https://example.com/releases/', 'out')).toMatchObject({ status: 0, stderr: '' });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const archive = join(folder, 'out', `hpa-bridge-v${version}.tar.gz`);
  const { metadata, spec } = parse(readFileSync(join(folder, 'out/hpa-bridge.yaml'), 'utf8')) as Plugin;
  const [platform] = spec.platforms;
  expect([metadata.name, spec.version]).toEqual(['hpa-bridge', `v${version}`]);
  // Krew shows no more of it.
  expect(spec.shortDescription.length).toBeLessThanOrEqual(50);
  expect(platform?.uri).toBe(`https://example.com/releases/hpa-bridge-v${version}.tar.gz`);
  expect(platform?.sha256).toBe(createHash('sha256').update(readFileSync(archive)).digest('hex'));

  // As Krew installs it: what `files` names is moved, and `bin` gets a link of the plugin's name.
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  for (const { from } of platform?.files ?? []) readFileSync(join(unpacked, from));
  expect(execFileSync(process.execPath, [join(unpacked, platform?.bin ?? '')], { encoding: 'utf8' })).toBe(
    'it runs\n',
  );
});

test('the same bundle gives the same archive', () => {
  const hashOf = () => /sha256 \w+/.exec(run('https://example.com', 'out').stdout)?.[0];
  const first = hashOf();
  expect(first).toBeDefined();
  writeFileSync(join(folder, 'dist/hpa-bridge.mjs'), readFileSync(join(folder, 'dist/hpa-bridge.mjs')));
  expect(hashOf()).toBe(first);
});

test('the program is also called as kubectl finds its plugins', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  expect(Object.keys(bin)).toEqual(['hpa-bridge', 'kubectl-hpa_bridge']);
  expect(new Set(Object.values(bin)).size).toBe(1);
});
