import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LongestTurn } from './controller-process.ts';
import { cpuSeconds, peakMiB } from './process-figures.ts';

const USAGE = `npm run bench -- collector [--seconds N]
  pods of 100 to 3000 revisions are asked each second over real connections, beside the bare requests of the same HTTP client
  --seconds  how long each fleet is measured, 20 by default`;

const FLEETS: readonly (readonly [revisions: number, pods: number])[] = [
  [100, 1],
  [1000, 1],
  [3000, 1],
  [1000, 10],
];
/** Connections are made, and code is compiled. */
const WARM_UP = 5000;

interface Told {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

interface Figures extends Told {
  /** Milliseconds of CPU in a second. */
  readonly cpu: number;
  readonly memory: number;
  readonly turn: LongestTurn;
}

/** `npm run bench -- collector`: what asking the pods of a fleet each second costs. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '20' }, help: { type: 'boolean', default: false } },
  });
  const seconds = Number(values.seconds);
  if (values.help || !(seconds > 0)) {
    console.log(USAGE);
    return;
  }
  const pods = fork('test/bench/collector-pods.ts');
  try {
    const [port] = (await once(pods, 'message')) as [number];
    for (const [revisions, each] of FLEETS) {
      const ours = await measure('ours', [revisions, each, port], seconds);
      const bare = await measure('bare', [revisions, each, port], seconds);
      console.log(`${revisions} revisions of ${each}: ${told(ours, seconds)}`);
      console.log(
        `  rounds late p50 ${ours.p50.toFixed(1)} ms, p99 ${ours.p99.toFixed(1)} ms; longest turn ${ours.turn.cpu.toFixed(1)} ms CPU`,
      );
      console.log(
        `  bare requests: ${told(bare, seconds)}; ratio of CPU ${(perRequest(ours) / perRequest(bare)).toFixed(2)}x`,
      );
    }
  } finally {
    pods.kill();
  }
}

const perRequest = ({ cpu, requests }: Figures): number => cpu / requests;

const told = ({ requests, cpu, memory }: Figures, seconds: number): string =>
  `${Math.round(requests / seconds)} requests/s, ${Math.round(cpu)} ms CPU/s, ${Math.round(memory)} MiB`;

async function measure(mode: 'ours' | 'bare', args: readonly number[], seconds: number): Promise<Figures> {
  const client = fork('test/bench/collector-client.ts', [mode, ...args.map(String)], {
    execArgv: ['--import', './test/bench/turns.mjs'],
  });
  try {
    await sleep(WARM_UP);
    client.send('measure');
    const before = cpuSeconds(client.pid!);
    await sleep(seconds * 1000);
    const cpu = ((cpuSeconds(client.pid!) - before) / seconds) * 1000;
    const memory = peakMiB(client.pid!);
    const { turn, told: figures } = await answers(client);
    return { ...figures, cpu, memory, turn };
  } finally {
    client.kill();
    await once(client, 'exit');
  }
}

/** Who measures turns answers first, because it was loaded first. */
async function answers(client: ChildProcess): Promise<{ readonly turn: LongestTurn; readonly told: Told }> {
  const answers: unknown[] = [];
  const both = Promise.withResolvers<undefined>();
  client.on('message', (answer) => {
    if (answers.push(answer) === 2) both.resolve(undefined);
  });
  client.send('tell');
  await both.promise;
  return { turn: answers[0] as LongestTurn, told: answers[1] as Told };
}
