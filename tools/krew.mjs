// Packs the bundle as a plugin of kubectl for Krew: an archive, and the manifest that names it with its hash.
//   npm run krew -- URL [FOLDER]   URL: the folder that the archive will be downloaded from; FOLDER: dist/krew
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

const BUNDLE = 'dist/hpa-bridge.mjs';
const FILES = ['hpa-bridge.mjs', 'LICENSE'];
const [url, folder = 'dist/krew'] = process.argv.slice(2);
const { name, version, engines } = JSON.parse(readFileSync('package.json', 'utf8'));

if (url === undefined || !URL.canParse(url))
  stop('expected the URL of the folder that the archive will lie in');
if (!existsSync(BUNDLE)) stop(`${BUNDLE} is not there: run npm run build`);

const archive = `${name}-v${version}.tar.gz`;
mkdirSync(folder, { recursive: true });
const bytes = pack();
writeFileSync(join(folder, archive), bytes);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const manifest = {
  apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
  kind: 'Plugin',
  metadata: { name },
  spec: {
    version: `v${version}`,
    shortDescription: 'Explain and check how Knative scales',
    description:
      'Tells why a Knative revision has the pods that it has (explain, top), what its query says (query), what is wrong with annotations before they are applied (lint), and with an installation of hpa-bridge (doctor).',
    caveats: `Needs Node.js ${engines.node.replace('>=', '')} or newer on the PATH as node.`,
    platforms: [
      {
        selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin'] }] },
        uri: `${url.replace(/\/+$/, '')}/${archive}`,
        sha256,
        bin: FILES[0],
        files: FILES.map((from) => ({ from, to: '.' })),
      },
    ],
  },
};
writeFileSync(join(folder, `${name}.yaml`), stringify(manifest, { lineWidth: 0 }));
console.log(`${join(folder, `${name}.yaml`)}: ${archive}, sha256 ${sha256}`);

/** The same bytes for the same files, whenever and by whomever they are packed. */
function pack() {
  const scratch = mkdtempSync(join(tmpdir(), 'krew-'));
  try {
    copyFileSync(BUNDLE, join(scratch, FILES[0]));
    copyFileSync('LICENSE', join(scratch, 'LICENSE'));
    const alike = [
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=a+rX,u+w,go-w',
    ];
    const tar = spawnSync('tar', [...alike, '-C', scratch, '-cf', '-', ...FILES], { maxBuffer: 2 ** 28 });
    if (tar.status !== 0) stop(`tar failed: ${tar.stderr}`);
    const { status, stdout, stderr } = spawnSync('gzip', ['-9', '-n'], {
      input: tar.stdout,
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) stop(`gzip failed: ${stderr}`);
    return stdout;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function stop(sentence) {
  console.error(`krew: ${sentence}`);
  process.exit(1);
}
