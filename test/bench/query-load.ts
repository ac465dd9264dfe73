import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { oneNumberOf, readSeries } from '../../src/domain/prometheus/reading.ts';
import type { Found } from '../../src/domain/prometheus/answer.ts';
import { planRequests } from '../../src/domain/query-plan/plan.ts';
import { readingsOf } from '../../src/domain/query-plan/request.ts';
import { shapeOf } from '../../src/domain/query-plan/shape.ts';
import { Exporter, prometheusMajor, RealPrometheus } from '../doubles/prometheus.ts';
import type { LongestTurn } from './controller-process.ts';
import { cpuSeconds, peakMiB } from './process-figures.ts';
import type { ClientOptions } from './query-load-client.ts';
import { exported, FLEETS, queriesOf, type FleetName } from './query-load-fleets.ts';

const USAGE = `npm run bench -- query-load [--count N] [--interval SECONDS] [--rounds N] [--large N]
  --count     revisions, 1000 by default
  --interval  seconds between two answers, 5 by default: a third of the usual, so that the bench takes minutes
  --rounds    intervals over which each figure is taken, 6 by default
  --large     revisions for the longest event-loop turn, 10000 by default`;

const REVISION_INTERVAL = 15;
/** Until every rate has the samples that it needs. */
const WARM_UP = 40;

interface Options {
  readonly count: number;
  readonly interval: number;
  readonly rounds: number;
  readonly large: number;
}

interface Figures {
  /** HTTP requests in one interval. */
  readonly requests: number;
  /** CPU seconds of Prometheus in one interval, without what it uses when nobody asks. */
  readonly prometheusCpu: number;
  /** Seconds in one interval that Prometheus took for answers. */
  readonly queryTime: number;
  readonly cpu: number;
  readonly peak: number;
  readonly turn: LongestTurn;
}

interface Goal {
  readonly requests: number;
  readonly cpu: number;
}

const GOALS: Readonly<Partial<Record<FleetName, Goal>>> = {
  distinct: { requests: 1 / 20, cpu: 0.3 },
  one: { requests: 1 / 200, cpu: 0.1 },
};

/** `npm run bench -- query-load`: what it costs a real Prometheus and us to measure a fleet, joined and one by one. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: 'string', default: '1000' },
      interval: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '6' },
      large: { type: 'string', default: '10000' },
      help: { type: 'boolean', default: false },
    },
  });
  const { help, ...numbers } = values;
  const wrong = Object.entries(numbers).find(([, given]) => !/^[1-9]\d*$/.test(given));
  if (help) console.log(USAGE);
  else if (wrong !== undefined) refuse(`--${wrong[0]} is ${wrong[1]}: expected a whole number above 0`);
  else if (prometheusMajor === undefined) refuse('there is no prometheus on PATH');
  else {
    const { count, interval, rounds, large } = numbers;
    await measureAll({
      count: Number(count),
      interval: Number(interval),
      rounds: Number(rounds),
      large: Number(large),
    });
  }
}

const refuse = (sentence: string): void => {
  console.error(sentence);
  process.exitCode = 2;
};

async function measureAll(options: Options): Promise<void> {
  const { count, interval, rounds, large } = options;
  const exporter = await Exporter.start('');
  const began = performance.now();
  const counting = setInterval(() => {
    exporter.text = exported(count, (performance.now() - began) / 1000);
  }, 2000);
  const prometheus = await RealPrometheus.start([exporter.target], [], '2s');
  try {
    console.error(`${WARM_UP} s until ${count} revisions have their samples`);
    await sleep(WARM_UP * 1000);
    console.log(`${count} revisions, asked every ${interval} s, ${rounds} times for each figure`);
    const idle = await idleCpu(prometheus, interval * rounds);
    for (const fleet of ['shapes', 'distinct', 'derived', 'one'] as const) {
      const asked: Asked = { prometheus, options, idle, fleet };
      const joined = await measure(asked, true);
      const single = await measure(asked, false);
      report(fleet, joined, single, options);
      print('values', await compared(prometheus, queriesOf(fleet, count)));
    }
    console.log(`${large} revisions, ${FLEETS.half.title}`);
    const many = await measure(
      { prometheus, options: { ...options, count: large }, idle, fleet: 'half' },
      true,
    );
    print('requests a minute', perMinute(many));
    print('CPU of ours', `${((many.cpu / interval) * 1000).toFixed(0)} mCPU`);
    print('peak memory of ours', `${many.peak.toFixed(0)} MiB`);
    print('longest event-loop turn', turnOf(many.turn));
  } finally {
    clearInterval(counting);
    await prometheus.stop();
    await exporter.close();
  }
}

interface Asked {
  readonly prometheus: RealPrometheus;
  readonly options: Options;
  /** CPU of Prometheus in an interval in which nobody asks. */
  readonly idle: number;
  readonly fleet: FleetName;
}

/** CPU seconds that Prometheus uses a second while nobody asks: scraping. */
async function idleCpu({ pid }: RealPrometheus, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  await sleep(seconds * 1000);
  return (cpuSeconds(pid) - before) / seconds;
}

async function measure({ prometheus, options, idle, fleet }: Asked, joined: boolean): Promise<Figures> {
  const { count, interval, rounds } = options;
  const asked: ClientOptions = { url: prometheus.url, fleet, count, interval, joined };
  const child = spawn(
    process.execPath,
    ['--import', './test/bench/turns.mjs', 'test/bench/query-load-client.ts', JSON.stringify(asked)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const said = text(child.stdout!);
  const ended = once(child, 'exit');
  // Loading the program and the first answers are left out.
  await sleep((interval + 5) * 1000);
  const begin = {
    ours: cpuSeconds(child.pid!),
    its: cpuSeconds(prometheus.pid),
    ...(await servedBy(prometheus)),
  };
  const seconds = interval * rounds;
  await sleep(seconds * 1000);
  const end = {
    ours: cpuSeconds(child.pid!),
    its: cpuSeconds(prometheus.pid),
    ...(await servedBy(prometheus)),
  };
  // Measuring turns takes CPU of its own.
  child.send('measure');
  await sleep(2 * interval * 1000);
  const answer = once(child, 'message');
  child.send('stop');
  const [turn] = (await answer) as [LongestTurn];
  const peak = peakMiB(child.pid!);
  child.kill('SIGTERM');
  await ended;
  const { failures } = JSON.parse(await said) as { readonly failures: number };
  if (failures > 0) throw new Error(`${failures} answers of ${fleet} were failures`);
  return {
    requests: (end.requests - begin.requests) / rounds,
    prometheusCpu: Math.max(0, end.its - begin.its - idle * seconds) / rounds,
    queryTime: (end.time - begin.time) / rounds,
    cpu: (end.ours - begin.ours) / rounds,
    peak,
    turn,
  };
}

/** How many queries Prometheus itself says it answered, and how many seconds it took for them. */
async function servedBy({
  url,
}: RealPrometheus): Promise<{ readonly requests: number; readonly time: number }> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number => {
    const line = page.split('\n').find((one) => one.startsWith(`${name}{handler="/api/v1/query"}`));
    return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ')));
  };
  return {
    requests: value('prometheus_http_request_duration_seconds_count'),
    time: value('prometheus_http_request_duration_seconds_sum'),
  };
}

function report(fleet: FleetName, joined: Figures, single: Figures, options: Options): void {
  const ratio = (of: (figures: Figures) => number): number => of(joined) / of(single);
  const requests = ratio((figures) => figures.requests);
  const cpu = ratio((figures) => figures.prometheusCpu);
  const mCPU = (seconds: number): string => `${((seconds / options.interval) * 1000).toFixed(0)} mCPU`;
  console.log(FLEETS[fleet].title);
  print(
    `requests a minute, every ${REVISION_INTERVAL} s`,
    `${perMinute(joined)} instead of ${perMinute(single)}: 1/${(1 / requests).toFixed(0)}`,
  );
  print(
    'CPU of Prometheus',
    `${mCPU(joined.prometheusCpu)} instead of ${mCPU(single.prometheusCpu)}: ${cpu.toFixed(2)}x`,
  );
  print(
    'query time in Prometheus',
    `${(joined.queryTime * 1000).toFixed(0)} ms an interval instead of ${(single.queryTime * 1000).toFixed(0)} ms: ${ratio(({ queryTime }) => queryTime).toFixed(2)}x`,
  );
  print(
    'CPU of ours',
    `${mCPU(joined.cpu)} instead of ${mCPU(single.cpu)}: ${ratio((one) => one.cpu).toFixed(2)}x`,
  );
  print('peak memory of ours', `${joined.peak.toFixed(0)} MiB instead of ${single.peak.toFixed(0)} MiB`);
  print('longest event-loop turn', `${turnOf(joined.turn)} instead of ${turnOf(single.turn)}`);
  const goal = GOALS[fleet];
  if (goal === undefined) return;
  const met = requests <= goal.requests && cpu <= goal.cpu;
  print(
    'goal',
    `1/${1 / goal.requests} of the requests, ${goal.cpu}x the CPU of Prometheus: ${met ? 'met' : 'missed'}`,
  );
  if (!met) process.exitCode = 1;
}

const print = (what: string, figure: string): void => console.log(`  ${what.padEnd(32)} ${figure}`);
const turnOf = ({ cpu, own }: LongestTurn): string => `${cpu.toFixed(0)} ms CPU (${own.toFixed(0)} ms)`;
const perMinute = ({ requests }: Figures): string => (requests * (60 / REVISION_INTERVAL)).toFixed(0);

/** Asks every query alone and in its plan for one moment, and says whether each number is the same to the last bit. */
async function compared({ url }: RealPrometheus, queries: readonly string[]): Promise<string> {
  const time = String(Date.now() / 1000 - 5);
  const ask = async (query: string): Promise<Found> => {
    const answer = await fetch(`${url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query, time }),
    });
    return readSeries({ status: answer.status, body: await answer.text() }, { allowPartial: false });
  };
  let same = 0;
  let numbers = 0;
  for (const request of planRequests(queries.map(shapeOf)))
    for (const { query, reading } of readingsOf(request, await ask(request.query))) {
      const alone = oneNumberOf(await ask(query));
      if ('number' in alone) numbers += 1;
      if (JSON.stringify(alone) === JSON.stringify(reading)) same += 1;
    }
  if (same < queries.length || numbers < queries.length) process.exitCode = 1;
  return `${same} of ${queries.length} equal to the last bit, ${numbers} of them numbers`;
}
