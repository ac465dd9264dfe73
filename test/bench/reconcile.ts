import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Api } from './api.ts';
import { makeFleet, untilPlanned } from './fleet.ts';
import { cpuSeconds, peakMiB } from './process-figures.ts';

const BUNDLE = 'dist/hpa-bridge.mjs';

interface Options {
  readonly count: number;
  readonly steadySeconds: number;
  /** An existing cluster; without one, the in-memory API server. */
  readonly kubeconfig: string | undefined;
}

/**
 * `npm run bench -- reconcile [--count 10000] [--steady 60] [--kubeconfig PATH]`: a fleet of mixed revisions, and a controller that sees it
 * for the first time. The reference is JSON.parse of the same lists, in the same run.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '10000' },
      steady: { type: 'string', default: '60' },
      kubeconfig: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-bench-'));
  const stop = new AbortController();
  try {
    await measure(
      folder,
      { count: Number(values.count), steadySeconds: Number(values.steady), kubeconfig: values.kubeconfig },
      stop.signal,
    );
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, options: Options, signal: AbortSignal): Promise<void> {
  const kubeconfig = options.kubeconfig ?? join(folder, 'kubeconfig');
  if (options.kubeconfig === undefined) {
    const server = fork('test/bench/api-server.ts', [kubeconfig], {
      signal,
      execArgv: ['--max-old-space-size=8192'],
    });
    server.on('error', () => undefined);
    await once(server, 'message');
  }
  const api = new Api(kubeconfig);
  console.error(`making ${options.count} revisions`);
  await makeFleet(api, options.count);

  const lists = await parseOnly(kubeconfig);
  const planned = untilPlanned(api, options.count, signal);
  const started = performance.now();
  const controller = await startController(kubeconfig, signal);
  await planned;
  const took = (performance.now() - started) / 1000;
  const cpu = cpuSeconds(controller.pid);
  await sleep(2000);
  const writes = controller.sum(await controller.metrics(), 'hpa_bridge_writes_total');

  const before = cpuSeconds(controller.pid);
  await sleep(options.steadySeconds * 1000);
  const steady = (cpuSeconds(controller.pid) - before) / options.steadySeconds;
  const page = await controller.metrics();
  const rows: readonly (readonly [string, string])[] = [
    ['revisions', String(options.count)],
    ['first complete plan', `${took.toFixed(1)} s`],
    ['writes', `${writes} (${(writes / options.count).toFixed(2)} a revision)`],
    ['writes after that', String(controller.sum(page, 'hpa_bridge_writes_total') - writes)],
    ['CPU until then', `${cpu.toFixed(2)} s`],
    ['peak memory', `${peakMiB(controller.pid).toFixed(0)} MiB`],
    ['longest event-loop block', `${(controller.longestBlock() * 1000).toFixed(0)} ms`],
    ['steady state', `${(steady * 1000).toFixed(1)} mCPU over ${options.steadySeconds} s`],
    [
      'reference: JSON.parse of the same lists',
      `${lists.cpu.toFixed(2)} s CPU for ${(lists.bytes / 2 ** 20).toFixed(1)} MiB`,
    ],
    ['ratio of CPU, plan to reference', `${(cpu / lists.cpu).toFixed(1)}x`],
  ];
  for (const [what, figure] of rows) console.log(`${what.padEnd(42)} ${figure}`);
  await controller.stop();
  await api.close();
}

async function parseOnly(kubeconfig: string): Promise<{ readonly bytes: number; readonly cpu: number }> {
  const child = fork('test/bench/parse-lists.ts', [kubeconfig]);
  const [figures] = (await once(child, 'message')) as [{ bytes: number; cpu: number }];
  return figures;
}

interface Running {
  readonly pid: number;
  readonly metrics: () => Promise<string>;
  readonly sum: (page: string, name: string) => number;
  readonly longestBlock: () => number;
  readonly stop: () => Promise<void>;
}

async function startController(kubeconfig: string, signal: AbortSignal): Promise<Running> {
  const flags = [
    '--kubeconfig',
    kubeconfig,
    '--http-port',
    '0',
    '--bind-address',
    '127.0.0.1',
    '--kube-qps',
    '10000',
    '--kube-burst',
    '10000',
    '--workers',
    '32',
  ];
  const child = spawn(process.execPath, [BUNDLE, 'controller', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  child.on('error', () => undefined);
  const port = await portOf(child);
  let longest = 0;
  const metrics = async (): Promise<string> => {
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    longest = Math.max(
      longest,
      Number(/^hpa_bridge_event_loop_lag_seconds\{quantile="1"\} (\S+)$/m.exec(page)?.[1]),
    );
    return page;
  };
  const sampling = setInterval(() => void metrics().catch(() => undefined), 1000);
  const ended = once(child, 'exit');
  return {
    pid: child.pid!,
    metrics,
    sum: (page, name) =>
      page
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`))
        .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0),
    longestBlock: () => longest,
    stop: async () => {
      clearInterval(sampling);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const entry = JSON.parse(line) as {
      readonly message: string;
      readonly port: number;
    };
    if (entry.message !== 'listening') continue;
    child.stdout!.resume();
    return entry.port;
  }
  throw new Error('the controller ended before it listened');
}
