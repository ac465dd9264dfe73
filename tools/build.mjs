// Bundles the program into one file that needs no node_modules: dist/hpa-bridge.mjs.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { build } from 'esbuild';

const OUT = 'dist/hpa-bridge.mjs';
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const commit = process.env.COMMIT || commitOfTree();

await build({
  entryPoints: ['src/main.ts'],
  outfile: OUT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  sourcemap: true,
  // Stack traces of a controller are read by people.
  minify: false,
  logLevel: 'warning',
  define: { HPA_BRIDGE_VERSION: JSON.stringify(version), HPA_BRIDGE_COMMIT: JSON.stringify(commit) },
  // Packages that are CommonJS inside call require() for the modules of Node.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
chmodSync(OUT, 0o755);
console.log(`${OUT}: version ${version}, commit ${commit}, ${(statSync(OUT).size / 1e6).toFixed(1)} MB`);

/** The commit that is checked out, `-dirty` when files differ from it, `unknown` outside of a git tree. */
function commitOfTree() {
  const hash = git(['rev-parse', '--short=12', 'HEAD']);
  if (hash === undefined) return 'unknown';
  return git(['status', '--porcelain', '--untracked-files=no']) === '' ? hash : `${hash}-dirty`;
}

function git(args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
