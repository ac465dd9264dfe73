import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/** Stands in for npm: `ci` installs what the lock file names, and what it was told to do is kept in a file. */
const NPM = `
import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
const args = process.argv.slice(2);
appendFileSync('asked', args.join(' ') + '\\n');
if (args[0] === 'config') console.log(process.env.SCRIPTS_OFF ?? 'false');
else if (process.env.NPM_FAILS) { console.error('registry away'); process.exit(1); }
else { mkdirSync('node_modules', { recursive: true }); cpSync('package-lock.json', 'node_modules/.package-lock.json'); }
`;
const LOCK = { packages: { '': { version: '1.0.0' }, 'node_modules/a': { version: '2.0.0' } } };
const OPTIONAL = { 'node_modules/b': { version: '3.0.0', optional: true } };

let clone: string;
const file = (name: string): string => join(clone, name);
const write = (name: string, content: object): void => writeFileSync(file(name), JSON.stringify(content));
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'prepare-'));
  mkdirSync(file('tools'));
  cpSync('tools/prepare.mjs', file('tools/prepare.mjs'));
  writeFileSync(file('package.json'), '{"type":"module"}');
  writeFileSync(file('npm.js'), NPM);
  write('package-lock.json', LOCK);
});
afterEach(() => rmSync(clone, { recursive: true }));

const prepare = (
  env: Record<string, string> = {},
): { code: number | null; said: string; asked: string[] } => {
  rmSync(file('asked'), { force: true });
  const { status, stderr } = spawnSync(process.execPath, [file('tools/prepare.mjs')], {
    cwd: clone,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: file('npm.js'), ...env },
  });
  const asked = existsSync(file('asked')) ? readFileSync(file('asked'), 'utf8').trim().split('\n') : [];
  return { code: status, said: stderr, asked };
};

test('a fresh clone: says so, installs, and the next time has nothing to do', () => {
  const first = prepare();
  expect(first).toMatchObject({ code: 0, asked: [expect.stringMatching(/^ci /)] });
  expect(first.said).toBe(
    'hpa-bridge: the packages are not installed yet: running "npm ci", which takes about a minute.\n',
  );
  expect(prepare()).toEqual({ code: 0, said: '', asked: [] });
});

test('another lock file: says so and installs', () => {
  prepare();
  write('package-lock.json', { packages: { ...LOCK.packages, 'node_modules/a': { version: '2.0.1' } } });
  const again = prepare();
  expect(again.asked).toEqual([expect.stringMatching(/^ci /)]);
  expect(again.said).toContain('node_modules is not what package-lock.json asks for: running "npm ci"');
});

test('an install that did not reach its end is done again', () => {
  mkdirSync(file('node_modules'));
  expect(prepare().asked).toHaveLength(1);
});

test('packages of other platforms are not missed', () => {
  prepare();
  write('package-lock.json', { packages: { ...LOCK.packages, ...OPTIONAL } });
  expect(prepare().asked).toEqual([]);
});

test('an install that fails ends with its reason and code 1', () => {
  const failed = prepare({ NPM_FAILS: 'yes' });
  expect(failed.code).toBe(1);
  expect(failed.said).toMatch(/registry away\nhpa-bridge: "npm ci" failed; its reason is above\.\n$/);
});

const oldNode = (): void => {
  prepare();
  mkdirSync(file('node_modules/.bin'));
  writeFileSync(file('old-node'), '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 });
  symlinkSync(file('old-node'), file('node_modules/.bin/node'));
};

test('without the right Node and with install scripts off, one sentence says what to do', () => {
  oldNode();
  const { code, said } = prepare({ SCRIPTS_OFF: 'true' });
  expect(code).toBe(1);
  expect(said).toMatch(
    /^hpa-bridge: npm's install scripts are off \(ignore-scripts\) .*: install Node 26 or later, or run "npm rebuild --ignore-scripts=false node esbuild"\.\n$/,
  );
});

test('without the right Node though scripts are on, one sentence says what to do', () => {
  oldNode();
  const { code, said } = prepare();
  expect(code).toBe(1);
  expect(said).toMatch(
    /^hpa-bridge: .*: install Node 26 or later, or remove node_modules and try again\.\n$/,
  );
});
