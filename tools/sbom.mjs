// Writes what the program is made of, as CycloneDX: every package of the lock file that the bundle may hold. dist/sbom.cdx.json.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [out = 'dist/sbom.cdx.json'] = process.argv.slice(2);
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const flags = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const { status, stdout, stderr } = spawnSync('npm', ['sbom', ...flags], {
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
const bom = JSON.parse(stdout);

// npm's own --omit=dev also leaves out what tests and program share.
const locked = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
const kept = new Set(locked.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`));
const isKept = ({ name, version }) => kept.has(`${name}@${version}`);
const root = bom.metadata.component['bom-ref'];
const components = bom.components.filter(isKept);
const refs = new Set([root, ...components.map((component) => component['bom-ref'])]);
const dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
// npm calls the program by the folder that it lies in.
const metadata = { ...bom.metadata, component: { ...bom.metadata.component, name, version } };

mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2)}\n`);
console.log(`${out}: ${components.length} packages`);
