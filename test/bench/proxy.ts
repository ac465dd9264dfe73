import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { compare } from './activator/compare.ts';
import type { Load, Subject } from './activator/load.ts';
import { buildProgram } from './activator/program.ts';

const LOADS: Readonly<Record<string, Load>> = {
  '1 connection, GET': { clients: 1 },
  '50 connections, GET': { clients: 50 },
  '500 connections, GET': { clients: 500 },
  '50 connections, POST of 1 kB': { clients: 50, body: 1024 },
  '50 connections, GET of 1 MiB': { clients: 50, answer: 2 ** 20 },
  '50 connections, POST of 1 MiB': { clients: 50, body: 2 ** 20 },
  '50 streams of h2c, GET': { clients: 50, http2: true },
  '50 streams of h2c, GET of 1 MiB': { clients: 50, http2: true, answer: 2 ** 20 },
};

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Starts a program that prints its port as its first line. */
async function start(command: string, args: readonly string[]): Promise<Started> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, port: Number(line) };
}

const subjectOf = (name: string, { child, port }: Started): Subject => ({
  ...{ name, host: '127.0.0.1', port, pid: child.pid },
  ...{ namespace: 'ns', revision: 'rev' },
});

/**
 * `npm run bench -- proxy [--rounds N] [--seconds S] [--only TEXT] [--profile FOLDER]`: the activator's data path and nothing else, beside Go's
 * ReverseProxy with a pool of buffers, in turns, in front of the same pod. Needs Go. `--only` picks loads by
 * their titles, `--profile` leaves a CPU profile of ours.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '6' },
      seconds: { type: 'string', default: '4' },
      only: { type: 'string', default: '' },
      profile: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-proxy-'));
  const program = join(folder, 'activator');
  buildProgram(program);
  const pod = await start(program, ['pod']);
  const origin = `http://127.0.0.1:${pod.port}`;
  const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const own = join(import.meta.dirname, 'activator/one-pod.ts');
  const ours = await start(process.execPath, [...profiling, own, origin]);
  const theirs = await start(program, ['proxy', origin]);
  try {
    for (const [title, load] of Object.entries(LOADS)) {
      if (!title.includes(values.only)) continue;
      const failed = await compare(title, load, {
        program,
        subjects: [subjectOf('hpa-bridge', ours), subjectOf('ReverseProxy', theirs)],
        rounds: Number(values.rounds),
        lasting: Number(values.seconds) * 1000,
        print: console.log,
      });
      if (failed > 0) process.exitCode = 1;
    }
  } finally {
    for (const { child } of [ours, theirs, pod]) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
