import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { promisify } from 'node:util';
import { Api, eventually } from './api.ts';
import { KINDS } from './kinds.ts';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start the cases with npm run test:cluster`);
  return value;
};

/** Folders of the lab that run.sh brought up; see lab/env.sh. */
export const LAB = {
  run: setting('LAB_RUN'),
  bin: join(setting('LAB_ROOT'), 'bin'),
  scripts: 'test/cluster/lab',
} as const;

/** Where Knative and the bridge live. */
export const SYSTEM = 'knative-serving';

/** The API as the lab's administrator. */
export const api = new Api(join(LAB.run, 'admin.kubeconfig'));

const run = promisify(execFile);

/** A script of the lab, with these variables set; its output is shown when it fails. */
export const script = (
  command: readonly [string, ...string[]],
  variables: Readonly<Record<string, string>> = {},
): Promise<unknown> =>
  // Jest gives a test its own copy of process.env, which a child would not inherit by itself.
  run(join(LAB.scripts, command[0]), command.slice(1), { env: { ...process.env, ...variables } });

/** kubectl as the lab's administrator; `input` is its standard input. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const kubeconfig = join(LAB.run, 'admin.kubeconfig');
    const done = (error: Error | null, stdout: string): void =>
      error === null ? resolve(stdout) : reject(error);
    const child = execFile(
      join(LAB.bin, 'kubectl'),
      ['--kubeconfig', kubeconfig, ...args],
      { maxBuffer: 2 ** 26 },
      done,
    );
    child.stdin?.end(input ?? '');
  });
}

/** A line that run.sh prints at the end: what was measured, not judged. */
export const figure = (line: string): void => appendFileSync(join(LAB.run, 'figures.txt'), `${line}\n`);

/** Waits until what other cases left is gone: their pods take a while to end, and CPU meanwhile. */
export const tidied = (): Promise<void> =>
  eventually(async () => {
    const ending = (await api.list(KINDS.namespace)).filter(
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    if (ending.length > 0)
      throw new Error(`${ending.map(({ metadata }) => metadata.name).join(', ')} still end`);
  });

let spaces = 0;

/** A namespace of its own for a case; it goes, with all that is in it, when the case is over. */
export async function namespace(name: string): Promise<AsyncDisposable & { readonly name: string }> {
  const unique = `${name}-${Date.now().toString(36)}${(spaces++).toString(36)}`;
  await api.apply(KINDS.namespace, { metadata: { name: unique } });
  return { name: unique, [Symbol.asyncDispose]: () => api.remove(KINDS.namespace, undefined, unique) };
}
