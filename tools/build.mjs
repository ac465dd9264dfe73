// Bundles the program so that it needs no node_modules: dist/hpa-bridge.mjs, and parts that are loaded when a command needs them.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { build } from 'esbuild';

const DIST = 'dist';
const OUT = `${DIST}/hpa-bridge.mjs`;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const commit = process.env.COMMIT || commitOfTree();

// Parts bear their content in their names: those of the last build would stay.
rmSync(DIST, { recursive: true, force: true });
await build({
  entryPoints: { 'hpa-bridge': 'src/main.ts' },
  outdir: DIST,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
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
const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((file) =>
  file.name.endsWith('.mjs'),
);
const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(`${parentPath}/${name}`).size, 0);
console.log(
  `${OUT}: version ${version}, commit ${commit}, ${(bytes / 1e6).toFixed(1)} MB in ${files.length} files`,
);

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
