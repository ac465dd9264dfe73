// Begins every script of package.json that needs packages. Plain JavaScript without dependencies: it has to start on a fresh clone, on an
// older Node. It is not a `pre` script, because npm skips those where install scripts are off, just where a sentence is needed most; what follows
// it says `env node`, because the shell remembers where it found the first `node`, and now there is a newer one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 26;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const say = (sentence) => console.error(`hpa-bridge: ${sentence}`);
const stop = (sentence) => {
  say(sentence);
  process.exit(1);
};

if (!isUpToDate()) install();
if (!hasNode()) {
  // npm does not install again what it believes to be there, so its scripts are run by hand once.
  if (scriptsAreOff())
    stop(
      `npm's install scripts are off (ignore-scripts) and the Node of this machine is ${process.versions.node}: install Node ${NODE_MAJOR} or later, or run "npm rebuild --ignore-scripts=false node esbuild".`,
    );
  stop(
    `node_modules has no Node ${NODE_MAJOR} and the Node of this machine is ${process.versions.node}: install Node ${NODE_MAJOR} or later, or remove node_modules and try again.`,
  );
}

/** npm writes what it installed into node_modules, last of all: an install that was interrupted, or is of an older lock file, shows there. */
function isUpToDate() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(modules, '.package-lock.json'));
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    path === '' || (optional && !present[path]) ? true : present[path]?.version === version,
  );
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** Installs exactly what package-lock.json names. */
function install() {
  say(
    existsSync(modules)
      ? 'node_modules is not what package-lock.json asks for: running "npm ci", which takes about a minute.'
      : 'the packages are not installed yet: running "npm ci", which takes about a minute.',
  );
  const { status } = npm(['ci', '--no-fund', '--no-audit', '--loglevel=error'], ['ignore', 2, 2]);
  if (status !== 0) stop('"npm ci" failed; its reason is above.');
}

/** Whether `node` of the scripts that follow is new enough: npm puts node_modules/.bin first in their PATH. */
function hasNode() {
  const own = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const found = majorOf(spawnSync(own, ['--version'], { encoding: 'utf8' }).stdout);
  // A package without its binary leaves nothing in .bin that starts; then the machine's own Node is what runs.
  return found >= NODE_MAJOR || (found === 0 && !existsSync(own) && majorOf(process.version) >= NODE_MAJOR);
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version ?? '')?.[1] ?? 0);
}

function scriptsAreOff() {
  return (
    (npm(['config', 'get', 'ignore-scripts'], ['ignore', 'pipe', 'ignore']).stdout ?? '').trim() === 'true'
  );
}

/** The npm that started us, else the one on PATH. */
function npm(args, stdio) {
  const self = process.env.npm_execpath;
  const [command, first] = self?.endsWith('.js') ? [process.execPath, [self]] : ['npm', []];
  return spawnSync(command, [...first, ...args], { cwd: root, stdio, encoding: 'utf8' });
}
