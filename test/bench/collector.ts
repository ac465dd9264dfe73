import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LongestTurn } from './controller-process.ts';
import { goProgram, type GoProgram } from './go-program.ts';
import { cpuSeconds, peakMiB } from './process-figures.ts';

const USAGE = `npm run bench -- collector [--seconds N] [--fleet REVISIONSxPODS]
  pods of 100 to 3000 revisions are asked each second over real connections: by us, by Knative's own collector where Go is installed, and
  by the bare requests of the same HTTP client
  --seconds  how long each figure is measured, 20 by default
  --fleet    only this one, for example 1000x10`;

type Fleet = readonly [revisions: number, pods: number];

const FLEETS: readonly Fleet[] = [
  [100, 1],
  [1000, 1],
  [3000, 1],
  [1000, 10],
];
/** Milliseconds in which connections are made, and code is compiled. */
const WARM_UP = 15_000;
/** Where Knative's scraper asks. */
const QUEUE_PROXY_PORT = 9090;
/** The goal: not more CPU for a request than Knative's own. */
const GOAL = 1;

interface Lateness {
  readonly p50: number;
  readonly p99: number;
}

interface Figures {
  readonly requestsPerSecond: number;
  /** Milliseconds of CPU in a second. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}

interface OurFigures extends Figures {
  readonly lateness: Lateness;
  readonly turn: LongestTurn;
}

/** `npm run bench -- collector`: what asking the pods of a fleet each second costs. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '20' },
      fleet: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  const only = values.fleet?.split('x').map(Number);
  if (
    values.help ||
    !(seconds > 0) ||
    (only !== undefined && (only.length !== 2 || only.some(Number.isNaN)))
  ) {
    console.log(USAGE);
    return;
  }
  const fleets = only === undefined ? FLEETS : [[only[0] ?? 0, only[1] ?? 0] as const];
  using knatives = goProgram('collector');
  const pods = await Pods.start();
  try {
    for (const fleet of fleets) await compare(fleet, pods, knatives, seconds);
  } finally {
    pods.end();
  }
}

async function compare(
  fleet: Fleet,
  pods: Pods,
  knatives: GoProgram | undefined,
  seconds: number,
): Promise<void> {
  const ours = await measureOurs(fleet, pods, seconds);
  console.log(`${fleet[0]} revisions of ${fleet[1]}: ${told(ours)}`);
  console.log(
    `  rounds late p50 ${ours.lateness.p50.toFixed(1)} ms, p99 ${ours.lateness.p99.toFixed(1)} ms; longest turn ${ours.turn.cpu.toFixed(1)} ms CPU`,
  );
  const bare = await measureBare(fleet, pods, seconds);
  console.log(`  bare requests: ${told(bare)}; ratio ${ratio(ours, bare).toFixed(2)}x`);
  if (knatives === undefined || pods.port !== QUEUE_PROXY_PORT) return;
  const theirs = await measureKnatives(knatives.path, fleet, pods, seconds);
  console.log(
    `  reference: Knative's: ${told(theirs)}; ratio ${ratio(ours, theirs).toFixed(2)}x (goal: at most ${GOAL.toFixed(1)}x)`,
  );
  if (ratio(ours, theirs) > GOAL) process.exitCode = 1;
}

/** CPU for a request, compared. */
const ratio = (one: Figures, other: Figures): number =>
  one.cpu / one.requestsPerSecond / (other.cpu / other.requestsPerSecond);

const told = ({ requestsPerSecond, cpu, memory }: Figures): string =>
  `${Math.round(requestsPerSecond)} requests/s, ${Math.round(cpu)} ms CPU/s, ${Math.round(memory)} MiB`;

/** The process that answers for all pods. */
class Pods {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
  }

  static async start(): Promise<Pods> {
    const child = fork('test/bench/collector-pods.ts');
    const [port] = (await once(child, 'message')) as [number];
    if (port !== QUEUE_PROXY_PORT)
      console.log(`port ${QUEUE_PROXY_PORT} is taken: Knative's own autoscaler is left out`);
    return new Pods(port, child);
  }

  /** Requests so far. */
  async requests(): Promise<number> {
    this.#process.send('requests');
    return ((await once(this.#process, 'message')) as [number])[0];
  }

  end(): void {
    this.#process.kill();
  }
}

/** What a process uses and asks while this many seconds pass. */
async function watched(pid: number, pods: Pods, seconds: number): Promise<Figures> {
  const [cpuBefore, asked, began] = [cpuSeconds(pid), await pods.requests(), performance.now()];
  await sleep(seconds * 1000);
  const [cpuAfter, askedNow, passed] = [cpuSeconds(pid), await pods.requests(), performance.now() - began];
  return {
    cpu: ((cpuAfter - cpuBefore) * 1e6) / passed,
    requestsPerSecond: ((askedNow - asked) * 1000) / passed,
    memory: peakMiB(pid),
  };
}

const forked = (mode: 'ours' | 'bare', [revisions, each]: Fleet, { port }: Pods): ChildProcess =>
  fork('test/bench/collector-client.ts', [mode, ...[revisions, each, port].map(String)], {
    execArgv: ['--import', './test/bench/turns.mjs'],
  });

async function measureOurs(fleet: Fleet, pods: Pods, seconds: number): Promise<OurFigures> {
  const client = forked('ours', fleet, pods);
  try {
    await sleep(WARM_UP);
    const figures = await watched(client.pid!, pods, seconds);
    // Only now: to measure turns takes CPU itself.
    client.send('measure');
    await sleep(seconds * 1000);
    return { ...figures, ...(await answers(client)) };
  } finally {
    await ended(client);
  }
}

async function measureBare(fleet: Fleet, pods: Pods, seconds: number): Promise<Figures> {
  const client = forked('bare', fleet, pods);
  try {
    await sleep(WARM_UP);
    return await watched(client.pid!, pods, seconds);
  } finally {
    await ended(client);
  }
}

async function measureKnatives(path: string, fleet: Fleet, pods: Pods, seconds: number): Promise<Figures> {
  const client = spawn(path, fleet.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(client.stdout, 'data');
    await sleep(WARM_UP);
    return await watched(client.pid!, pods, seconds);
  } finally {
    await ended(client);
  }
}

async function ended(client: ChildProcess): Promise<void> {
  const exit = once(client, 'exit');
  client.kill();
  await exit;
}

/** Who measures turns answers first, because it was loaded first. */
async function answers(
  client: ChildProcess,
): Promise<{ readonly turn: LongestTurn; readonly lateness: Lateness }> {
  const answers: unknown[] = [];
  const both = Promise.withResolvers<undefined>();
  client.on('message', (answer) => {
    if (answers.push(answer) === 2) both.resolve(undefined);
  });
  client.send('tell');
  await both.promise;
  return { turn: answers[0] as LongestTurn, lateness: answers[1] as Lateness };
}
