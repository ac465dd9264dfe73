import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from './api.ts';
import { BUNDLE, startController, type LongestTurn } from './controller-process.ts';
import { makeFleet, untilPlanned } from './fleet.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { cpuSeconds, peakMiB } from './process-figures.ts';
import { missingBinaries, startRealServer } from './real-server.ts';

interface Fleet {
  readonly title: string;
  readonly count: number;
  readonly steadySeconds: number;
  readonly profile: string | undefined;
}

/**
 * A fleet of mixed revisions and a controller that sees it for the first time, then a controller that finds everything done. The reference
 * is JSON.parse of the same lists, in the same run.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (typeof options === 'string') refuse(options);
  else if (options.help) console.log(USAGE);
  else if (!existsSync(BUNDLE)) refuse(`there is no ${BUNDLE}: npm run build makes it`);
  else await measureAll(options);
}

async function measureAll({ kubeconfig, real, ...common }: Options): Promise<void> {
  const fleet = (title: string, usual: number): Fleet => ({ ...common, title, count: common.count ?? usual });
  if (kubeconfig !== undefined) {
    await measure(fleet('cluster', 2000), () => Promise.resolve(kubeconfig));
    return;
  }
  if (!real) await measure(fleet('API server in memory', 10_000), startServerInMemory);
  if (!real && common.count !== undefined) return;
  const missing = missingBinaries();
  if (missing === undefined) await measure(fleet('real kube-apiserver', 2000), startRealServer);
  else if (real) refuse(missing);
  else console.error(missing);
}

const refuse = (sentence: string): void => {
  console.error(sentence);
  process.exitCode = 2;
};

/** Starts a server that ends with the signal, and says where its kubeconfig is. */
type StartServer = (folder: string, signal: AbortSignal) => Promise<string>;

const startServerInMemory: StartServer = async (folder, signal) => {
  const kubeconfig = join(folder, 'kubeconfig');
  const execArgv = ['--max-old-space-size=8192'];
  const server = fork('test/bench/api-server.ts', [kubeconfig], { signal, execArgv });
  server.on('error', () => undefined);
  await once(server, 'message');
  return kubeconfig;
};

async function measure(fleet: Fleet, start: StartServer): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hpa-bridge-bench-'));
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    const kubeconfig = await start(folder, stop.signal);
    const api = new Api(kubeconfig);
    console.error(`${fleet.title}: making ${fleet.count} revisions`);
    await makeFleet(api, fleet.count);
    console.log(`${fleet.count} revisions, ${fleet.title}`);
    await first(api, kubeconfig, fleet, stop.signal);
    await again(kubeconfig, fleet, stop.signal);
    await api.close();
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything is to be made, and then there is nothing to do. */
async function first(api: Api, kubeconfig: string, fleet: Fleet, signal: AbortSignal): Promise<void> {
  const lists = await parseOnly(kubeconfig);
  const planned = untilPlanned(api, fleet.count, signal);
  const started = performance.now();
  const controller = await startController(kubeconfig, signal, fleet.profile);
  await controller.ready();
  const reading = {
    took: performance.now() - started,
    cpu: cpuSeconds(controller.pid) - controller.startCpu,
  };
  await planned;
  const took = performance.now() - started;
  const cpu = cpuSeconds(controller.pid) - controller.startCpu;
  const turn = await controller.longestTurn();
  await sleep(5000);
  const writes = await controller.total('hpa_bridge_writes_total');

  const before = cpuSeconds(controller.pid);
  await sleep(fleet.steadySeconds * 1000);
  const steady = (cpuSeconds(controller.pid) - before) / fleet.steadySeconds;
  const later = (await controller.total('hpa_bridge_writes_total')) - writes;
  print('start of the process', `${controller.startCpu.toFixed(2)} s CPU, not counted below`);
  print('caches filled', `${seconds(reading.took)}, ${reading.cpu.toFixed(2)} s CPU`);
  print('first complete plan', `${seconds(took)}, ${cpu.toFixed(2)} s CPU`);
  print('writes', `${writes} (${(writes / fleet.count).toFixed(2)} a revision), ${later} after that`);
  const plans = await controller.total('hpa_bridge_reconcile_seconds_count');
  print('reconciles', `${plans} (${(plans / fleet.count).toFixed(2)} a revision)`);
  print('peak memory', `${peakMiB(controller.pid).toFixed(0)} MiB`);
  print('longest event-loop turn', turnOf(turn));
  print('steady state', `${(steady * 1000).toFixed(1)} mCPU over ${fleet.steadySeconds} s`);
  print('reference: JSON.parse of the lists', reference(lists));
  print('ratio of CPU to the reference', ratios(reading.cpu, cpu, lists));
  await controller.stop();
}

/** A controller that starts when all is done: it reads every list, plans every revision and writes nothing. */
async function again(kubeconfig: string, fleet: Fleet, signal: AbortSignal): Promise<void> {
  const lists = await parseOnly(kubeconfig);
  const started = performance.now();
  const controller = await startController(kubeconfig, signal, fleet.profile);
  await controller.ready();
  const reading = {
    took: performance.now() - started,
    cpu: cpuSeconds(controller.pid) - controller.startCpu,
  };
  while ((await controller.total('hpa_bridge_reconcile_seconds_count')) < fleet.count) await sleep(250);
  const took = performance.now() - started;
  const cpu = cpuSeconds(controller.pid) - controller.startCpu;
  const turn = await controller.longestTurn();
  print('restart: caches filled', `${seconds(reading.took)}, ${reading.cpu.toFixed(2)} s CPU`);
  print('restart: all planned', `${seconds(took)}, ${cpu.toFixed(2)} s CPU`);
  print('restart: writes', String(await controller.total('hpa_bridge_writes_total')));
  print('restart: peak memory', `${peakMiB(controller.pid).toFixed(0)} MiB`);
  print('restart: longest event-loop turn', turnOf(turn));
  print('restart: reference', reference(lists));
  print('restart: ratio of CPU to the reference', ratios(reading.cpu, cpu, lists));
  await controller.stop();
}

interface Parsed {
  readonly bytes: number;
  readonly cpu: number;
}

const print = (what: string, figure: string): void => console.log(`  ${what.padEnd(40)} ${figure}`);
const turnOf = ({ cpu, own, wall }: LongestTurn): string =>
  `${cpu.toFixed(0)} ms CPU; ${own.toFixed(0)} ms, and ${wall.toFixed(0)} ms with waiting for a CPU`;
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const reference = ({ cpu, bytes }: Parsed): string =>
  `${cpu.toFixed(2)} s CPU for ${(bytes / 2 ** 20).toFixed(1)} MiB`;
const ratios = (read: number, planned: number, lists: Parsed): string =>
  `${(read / lists.cpu).toFixed(1)}x until the caches are filled, ${(planned / lists.cpu).toFixed(1)}x until all is planned`;

async function parseOnly(kubeconfig: string): Promise<Parsed> {
  const child = fork('test/bench/parse-lists.ts', [kubeconfig]);
  const [figures] = (await once(child, 'message')) as [Parsed];
  return figures;
}
