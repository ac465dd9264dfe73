import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Authority, CLIENT_AUTH, SERVER_AUTH, type Issued } from '../doubles/authority.ts';
import { Exporter, prometheusMajor, RealPrometheus } from '../doubles/prometheus.ts';
import type { LongestTurn } from './controller-process.ts';
import type { Start } from './metrics-server.ts';
import { cpuSeconds } from './process-figures.ts';

const USAGE = `npm run bench -- external-metrics [--rate COUNT] [--seconds COUNT] [--rounds COUNT]
  --rate     requests a second, 200 by default
  --seconds  length of a round, 20 by default
  --rounds   rounds of each server in turn, 3 by default`;

const NAME = 'hpa-bridge-external-metrics.knative-serving.svc';
const HPA = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const NAMESPACES = 20;
const PER_NAMESPACE = 50;
/** Milliseconds. */
const REVIEW_TAKES = 5;
const WARM_UP = 3;

interface Load {
  readonly port: number;
  readonly rate: number;
  readonly seconds: number;
  readonly ca: string;
  readonly client: Issued;
}

interface Round {
  /** Milliseconds, of every request. */
  readonly latencies: readonly number[];
  readonly cpuPerRequest: number;
  readonly turn: LongestTurn;
}

const pathOf = (index: number): string => {
  const [space, revision] = [index % NAMESPACES, Math.floor(index / NAMESPACES) % PER_NAMESPACE];
  return `/apis/external.metrics.k8s.io/v1beta1/namespaces/team-${space}/hpa-bridge-query?labelSelector=hpa-bridge.dev%2Frevision%3Dr${revision}-00001`;
};

/** Sends as many requests a second as asked, each when it is due, whether or not those before have been answered. */
async function send({ port, rate, seconds, ca, client }: Load): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca, ...client, servername: NAME });
  const latencies: number[] = [];
  const begun = performance.now();
  const one = (index: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const sent = performance.now();
    const headers = { 'X-Remote-User': HPA, 'X-Remote-Group': 'system:serviceaccounts', Accept: '*/*' };
    request({ host: '127.0.0.1', port, path: pathOf(index), agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        latencies.push(performance.now() - sent);
        if (answer.statusCode === 200) resolve(undefined);
        else reject(new Error(`request ${index}: ${answer.statusCode}`));
      });
    })
      .once('error', reject)
      .end();
    return promise;
  };
  const all: Promise<void>[] = [];
  for (let index = 0; index < rate * seconds; index += 1) {
    const due = begun + (index * 1000) / rate;
    while (performance.now() < due) await sleep(1);
    all.push(one(index));
  }
  await Promise.all(all);
  agent.destroy();
  return latencies;
}

async function round(which: 'ours' | 'bare', start: Start, load: Omit<Load, 'port'>): Promise<Round> {
  const child = fork('test/bench/metrics-server.ts', [which, JSON.stringify(start)], {
    execArgv: ['--import', './test/bench/turns.mjs'],
  });
  const ended = once(child, 'exit');
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  await send({ ...load, port, seconds: WARM_UP });
  child.send('measure');
  const before = cpuSeconds(child.pid!);
  const latencies = await send({ ...load, port });
  const cpuPerRequest = (cpuSeconds(child.pid!) - before) / latencies.length;
  const answer = once(child, 'message');
  child.send('stop');
  const [turn] = (await answer) as [LongestTurn];
  child.kill('SIGTERM');
  await ended;
  return { latencies, cpuPerRequest, turn };
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  readonly cpu: number;
  readonly turn: LongestTurn;
}

function figuresOf(rounds: readonly Round[]): Figures {
  const sorted = rounds.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  const longest = (of: keyof LongestTurn): number => Math.max(...rounds.map(({ turn }) => turn[of]));
  return {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    worst: quantile(sorted, 1),
    cpu: rounds.reduce((sum, { cpuPerRequest }) => sum + cpuPerRequest, 0) / rounds.length,
    turn: { wall: longest('wall'), own: longest('own'), cpu: longest('cpu') },
  };
}

const line = (name: string, { p50, p99, worst, cpu, turn }: Figures): string =>
  `${name.padEnd(11)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, worst ${worst.toFixed(1)} ms; ${(cpu * 1e6).toFixed(0)} µs CPU a request; ` +
  `longest event-loop turn ${turn.cpu.toFixed(0)} ms CPU (${turn.wall.toFixed(0)} ms by the clock, ${turn.own.toFixed(0)} without waiting for a CPU)`;

type All = Readonly<Record<'ours' | 'bare', readonly Round[]>>;

/** Rounds of both servers in turn. */
async function measureAll(rate: number, seconds: number, rounds: number): Promise<All> {
  const [servers, front] = [await Authority.root('serving-ca'), await Authority.root('front-proxy-ca')];
  const series = Array.from({ length: PER_NAMESPACE }, (_, n) => `depth{rev="r${n}"} ${n + 0.5}\n`);
  const exporter = await Exporter.start(series.join(''));
  const prometheus = await RealPrometheus.start([exporter.target], [], '2s');
  const start: Start = {
    serving: await servers.issue({ subject: 'CN=bench', purposes: [SERVER_AUTH], names: [NAME] }),
    frontCa: front.ca,
    namespaces: NAMESPACES,
    perNamespace: PER_NAMESPACE,
    prometheus: prometheus.url,
    reviewTakes: REVIEW_TAKES,
  };
  const client = await front.issue({ subject: 'CN=front-proxy-client', purposes: [CLIENT_AUTH] });
  const load = { rate, seconds, ca: servers.ca, client };
  const all: Record<'ours' | 'bare', Round[]> = { ours: [], bare: [] };
  try {
    for (let each = 0; each < rounds; each += 1)
      for (const which of ['ours', 'bare'] as const) all[which].push(await round(which, start, load));
  } finally {
    await prometheus.stop();
    await exporter.close();
  }
  return all;
}

/** `npm run bench -- external-metrics`: what an HPA waits for, beside a server that does nothing but answer the same bytes. */
export async function run(args: readonly string[]): Promise<void> {
  const numbers = {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  } as const;
  if (prometheusMajor === undefined) {
    console.error('there is no prometheus on PATH');
    process.exitCode = 2;
    return;
  }
  let values: Readonly<Record<keyof typeof numbers, string>>;
  try {
    values = parseArgs({ args: [...args], options: numbers }).values;
  } catch (thrown) {
    console.error(`${(thrown as Error).message}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const [rate, seconds, rounds] = [values.rate, values.seconds, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  const all = await measureAll(rate, seconds, rounds);
  const [ours, bare] = [figuresOf(all.ours), figuresOf(all.bare)];
  console.log(
    `${NAMESPACES * PER_NAMESPACE} metrics, measured every 15 s, ${rate} requests a second over TLS with a client certificate, ${rounds} rounds of ${seconds} s each; a right takes ${REVIEW_TAKES} ms to check and is kept for 10 s`,
  );
  console.log(line('hpa-bridge', ours));
  console.log(line('bare server', bare));
  const ratio = (of: 'p50' | 'p99' | 'cpu'): string => `${(ours[of] / bare[of]).toFixed(1)}x`;
  console.log(`ratio       p50 ${ratio('p50')}, p99 ${ratio('p99')}, CPU ${ratio('cpu')}`);
}
