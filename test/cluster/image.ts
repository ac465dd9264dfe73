import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** `FROM image AS name` and what follows, each instruction with its lines joined. */
interface Stage {
  readonly name: string;
  readonly steps: readonly { readonly does: string; readonly what: string }[];
}

/** The stages of the Dockerfile. */
function stagesOf(dockerfile: string): readonly Stage[] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const stages: { name: string; steps: { does: string; what: string }[] }[] = [];
  for (const line of lines) {
    const [, does = '', what = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (does === 'FROM') stages.push({ name: / AS (\w+)$/.exec(what)?.[1] ?? '', steps: [] });
    else stages.at(-1)?.steps.push({ does, what });
  }
  return stages;
}

/** An image as a folder, and what its last stage says of the process. */
export interface Image {
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly labels: string;
}

/** What the last stage is built on, as far as the program needs it: Node and its libraries, and the places that a container has. */
function baseOf(root: string): void {
  const node = realpathSync(process.execPath);
  const libraries = spawnSync('ldd', [node], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? [];
  for (const [from, to] of [
    [node, '/usr/local/bin/node'],
    ...libraries.map((path) => [path, path]),
  ] as const) {
    mkdirSync(join(root, dirname(to)), { recursive: true });
    copyFileSync(realpathSync(from), join(root, to));
    chmodSync(join(root, to), 0o755);
  }
  for (const folder of ['proc', 'dev', 'etc', 'tmp', 'run']) mkdirSync(join(root, folder));
  for (const device of ['null', 'urandom']) writeFileSync(join(root, 'dev', device), '');
}

/** Files that the build is given: what .dockerignore lets through. */
function contextIn(folder: string): void {
  const kept = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  for (const path of kept) cpSync(path, join(folder, path), { recursive: true });
}

/**
 * Assembles what `docker build` would from the stages of the Dockerfile. Two things are not the real ones: the base image is Node and its
 * libraries from this machine, and `npm ci` is our own node_modules. All else is done as it stands there.
 */
export function assemble(args: Readonly<Record<string, string>>): Image & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-image-'));
  const [context, root] = [join(folder, 'context'), join(folder, 'root')];
  contextIn(context);
  mkdirSync(root, { recursive: true });
  baseOf(root);
  const [build, last] = stagesOf(readFileSync('Dockerfile', 'utf8'));
  if (build?.name !== 'build' || last === undefined)
    throw new Error('the Dockerfile has no stage build and one after it');
  const work = join(folder, 'build');
  mkdirSync(work);
  const filled = (text: string): string =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => args[name] ?? '');
  for (const { does, what } of build.steps)
    if (does === 'COPY') copyInto(context, work, what);
    else if (does === 'RUN') run(what.startsWith('npm ci') ? OUR_MODULES : filled(what), work);
  const say = (does: string): readonly string[] =>
    last.steps.filter((step) => step.does === does).map(({ what }) => what);
  for (const what of say('COPY')) copyFrom(work, root, what);
  const list = (does: string): readonly string[] => JSON.parse(say(does)[0] ?? '[]') as readonly string[];
  return {
    root,
    entrypoint: list('ENTRYPOINT'),
    command: list('CMD'),
    env: Object.fromEntries(say('ENV').map((pair) => pair.split('=') as [string, string])),
    user: say('USER')[0] ?? '',
    labels: filled(say('LABEL').join(' ')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Instead of `npm ci`. */
const OUR_MODULES = `ln -s '${realpathSync('node_modules')}' node_modules`;

/** `COPY --from=build --chmod=0555 /build/dist /app` */
function copyFrom(work: string, root: string, what: string): void {
  const [, mode = '', from = '', to = ''] =
    /^--from=build --chmod=(\d+) \/build\/(\S+) (\S+)$/.exec(what) ?? [];
  cpSync(join(work, from), join(root, to), { recursive: true });
  run(`chmod -R ${mode} '${join(root, to)}'`, root);
}

/** `COPY a b folder/` and `COPY folder folder`. */
function copyInto(context: string, work: string, what: string): void {
  const paths = what.split(' ');
  const to = paths.pop() ?? '';
  for (const path of paths)
    cpSync(
      join(context, path),
      to.endsWith('/') ? join(work, to, path.split('/').at(-1) ?? '') : join(work, to),
      {
        recursive: true,
      },
    );
}

function run(command: string, cwd: string): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
}

/**
 * What a runtime does before the entry point: a mount namespace and a pid namespace of its own, /proc, a few devices, the files of the case,
 * and a root that cannot be written. The program is process 1.
 */
const ENTER = `
root=$1 user=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
for device in null urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" "$@"
`;

/** Starts the image with these arguments instead of its command, and with these variables beside its own. */
export const startImage = (
  { root, entrypoint, command, env, user }: Image,
  args: readonly string[] | undefined,
  more: Readonly<Record<string, string>> = {},
): ChildProcess =>
  spawn(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', ENTER, 'sh', root, user],
      ...[...entrypoint, ...(args ?? command)],
    ],
    { env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env, ...more } },
  );

/** Ends it as a runtime does: process 1 of it gets the signal. */
export function stopImage({ pid }: ChildProcess): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  process.kill(Number(children), 'SIGTERM');
}

/** A group of processes that may use so much memory; undefined where none can be made. */
export function memoryGroup(bytes: number): (Disposable & { readonly join: string }) | undefined {
  const [old, unified] = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'];
  const [parent, file] = existsSync(`${old}/memory.limit_in_bytes`)
    ? [old, 'memory.limit_in_bytes']
    : [unified, 'memory.max'];
  const group = join(parent, `hpa-bridge-test-${process.pid}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, file), String(bytes));
  } catch {
    spawnSync('rmdir', [group]);
    return undefined;
  }
  return {
    join: `echo $$ > ${group}/cgroup.procs`,
    [Symbol.dispose]: () => void spawnSync('rmdir', [group]),
  };
}
