import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { cpuSeconds } from './process-figures.ts';

/** What one run of load came to. */
interface Run {
  readonly requests: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of CPU of the proxy, and of the whole machine, for each request. */
  readonly cpu: number;
  readonly machine: number;
}

interface Proxy {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

const FIGURES = ['perSecond', 'p50', 'p99', 'cpu', 'machine'] as const;
const WARM_UP = 2000;
/** Connections that each have one request under way, and bytes of its body. */
const LOADS = [
  { connections: 1, body: 0 },
  { connections: 50, body: 0 },
  { connections: 500, body: 0 },
  { connections: 50, body: 1024 },
] as const;

/** Starts a program that prints its port as its first line. */
async function start(name: string, command: string, args: readonly string[]): Promise<Proxy> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { name, child, port: Number(line) };
}

/** Seconds of CPU that all processes have used since the machine began: all columns but idle and waiting for disks. */
function machineSeconds(): number {
  const [, ...columns] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/);
  return (
    columns.slice(0, 8).reduce((sum, column, i) => sum + (i === 3 || i === 4 ? 0 : Number(column)), 0) / 100
  );
}

async function measure(program: string, { child, port }: Proxy, load: readonly string[]): Promise<Run> {
  const pid = child.pid ?? 0;
  const [cpu, machine] = [cpuSeconds(pid), machineSeconds()];
  const loader = spawn(program, ['load', `127.0.0.1:${port}`, ...load], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of loader.stdout) text += String(chunk);
  const run = JSON.parse(text) as Omit<Run, 'cpu' | 'machine'>;
  const each = (seconds: number): number => (seconds * 1e6) / Math.max(1, run.requests);
  return { ...run, cpu: each(cpuSeconds(pid) - cpu), machine: each(machineSeconds() - machine) };
}

/** Both in each pair, in an order by chance. */
const turns = (ours: Proxy, theirs: Proxy, pairs: number): readonly Proxy[] =>
  Array.from({ length: pairs }, () => (Math.random() < 0.5 ? [ours, theirs] : [theirs, ours])).flat();

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The median, and the least and the most, of what ours is to the reference in the same pair. */
function ratios(ours: readonly Run[], theirs: readonly Run[], figure: (typeof FIGURES)[number]): string {
  const all = ours.map((run, i) => run[figure] / (theirs[i]?.[figure] ?? Number.NaN));
  return `${median(all).toFixed(2)} [${Math.min(...all).toFixed(2)}-${Math.max(...all).toFixed(2)}]`;
}

/**
 * `npm run bench -- activator [--pairs N] [--seconds S]`: the shim's data path beside Go's ReverseProxy with a pool of buffers, in turns,
 * in front of the same pod. Needs Go.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { pairs: { type: 'string', default: '6' }, seconds: { type: 'string', default: '4' } },
  });
  const [pairs, lasting] = [Number(values.pairs), Number(values.seconds) * 1000];
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-activator-'));
  const program = join(folder, 'activator');
  execFileSync('go', ['build', '-o', program, join(import.meta.dirname, 'activator/main.go')], {
    stdio: 'inherit',
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  const pod = await start('pod', program, ['pod']);
  const origin = `http://127.0.0.1:${pod.port}`;
  const ours = await start('hpa-bridge', process.execPath, [
    join(import.meta.dirname, 'activator-process.ts'),
    origin,
  ]);
  const theirs = await start('ReverseProxy', program, ['proxy', origin]);
  try {
    for (const { connections, body } of LOADS) {
      const loadFor = (milliseconds: number): readonly string[] =>
        [connections, milliseconds, body].map(String);
      for (const proxy of [ours, theirs]) await measure(program, proxy, loadFor(WARM_UP));
      const runs = new Map<Proxy, Run[]>([
        [ours, []],
        [theirs, []],
      ]);
      for (const proxy of turns(ours, theirs, pairs))
        runs.get(proxy)?.push(await measure(program, proxy, loadFor(lasting)));
      const what = body === 0 ? 'GET' : `POST of ${body} bytes`;
      report(`${connections} connections, ${what}`, runs.get(ours) ?? [], runs.get(theirs) ?? []);
    }
  } finally {
    for (const { child } of [ours, theirs, pod]) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(title: string, mine: readonly Run[], reference: readonly Run[]): void {
  const failed = [...mine, ...reference].reduce((sum, { failed: each }) => sum + each, 0);
  console.log(`\n${title}${failed === 0 ? '' : ` (${failed} failed)`}`);
  for (const figure of FIGURES) {
    const [ours, theirs] = [mine, reference].map((runs) =>
      median(runs.map((each) => each[figure])).toFixed(0),
    );
    console.log(
      `  ${figure.padEnd(10)} hpa-bridge ${(ours ?? '').padStart(7)}  ReverseProxy ${(theirs ?? '').padStart(7)}  ratio ${ratios(mine, reference, figure)}`,
    );
  }
  if (failed > 0) process.exitCode = 1;
}
