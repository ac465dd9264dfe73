import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './process-figures.ts';

export const BUNDLE = 'dist/hpa-bridge.mjs';

/** The longest turns of the event loop so far, in milliseconds: by the clock, without waiting for a CPU, and in CPU time. */
export interface LongestTurn {
  readonly wall: number;
  readonly own: number;
  readonly cpu: number;
}

export interface ControllerProcess {
  readonly pid: number;
  /** CPU seconds until it listened: loading the program. */
  readonly startCpu: number;
  /** Resolves when every cache is filled. */
  readonly ready: () => Promise<void>;
  /** The sum of all series of a metric. */
  readonly total: (metric: string) => Promise<number>;
  /** Answers once: the measurement ends with it. */
  readonly longestTurn: () => Promise<LongestTurn>;
  readonly stop: () => Promise<void>;
}

/** Faster than the API server of a bench, so that the limits of the client are not what is measured. */
const UNLIMITED: readonly string[] = ['--kube-qps', '10000', '--kube-burst', '10000', '--workers', '32'];

/** Starts the bundle's controller. With `profile`, a folder, it leaves a .cpuprofile there when it ends. `limits`: flags; none are the defaults. */
export async function startController(
  kubeconfig: string,
  signal: AbortSignal,
  profile?: string,
  limits = UNLIMITED,
): Promise<ControllerProcess> {
  const node = ['--import', './test/bench/turns.mjs'];
  if (profile !== undefined) node.push('--cpu-prof', '--cpu-prof-dir', profile);
  const listen = ['--http-port', '0', '--bind-address', '127.0.0.1'];
  const child = spawn(
    process.execPath,
    [...node, BUNDLE, 'controller', '--kubeconfig', kubeconfig, ...listen, ...limits],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], signal },
  );
  child.on('error', () => undefined);
  const ended = once(child, 'exit');
  const origin = `http://127.0.0.1:${await portOf(child)}`;
  // Before it listened, there was nobody to keep waiting.
  child.send('measure');
  return {
    pid: child.pid!,
    startCpu: cpuSeconds(child.pid!),
    ready: async () => {
      while (!(await fetch(`${origin}/readyz`)).ok) await sleep(50);
    },
    total: async (metric) => totalIn(await (await fetch(`${origin}/metrics`)).text(), metric),
    longestTurn: async () => {
      const answer = once(child, 'message');
      child.send('stop');
      return ((await answer) as [LongestTurn])[0];
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const totalIn = (page: string, metric: string): number =>
  page
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);

async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const entry = JSON.parse(line) as { readonly message: string; readonly port: number };
    if (entry.message !== 'listening') continue;
    child.stdout!.resume();
    return entry.port;
  }
  throw new Error('the controller ended before it listened');
}
