import { execFileSync } from 'node:child_process';
import { keyOf } from '../../src/domain/key.ts';
import { SECOND, type Nanos } from '../../src/domain/go/duration.ts';
import { Collection } from '../../src/domain/scale/collection.ts';
import { decide, firstMemory, type Decision } from '../../src/domain/scale/decide.ts';
import type { MetricSpec } from '../../src/domain/scale/spec.ts';
import { NO_STAT, type Stat } from '../../src/domain/scale/stat.ts';
import { instant, type Instant } from '../../src/domain/time.ts';
import { specOf } from '../builders/scale.ts';
import { goProgram } from './go-program.ts';

type Algorithm = MetricSpec['algorithm'];

const ALGORITHMS: readonly Algorithm[] = ['linear', 'weighted-exponential'];
const RUNS = 9;
const TICKS = 300_000;
/** The goal: not more CPU than Knative's own. */
const GOAL = 1;

const STAT: Stat = {
  ...NO_STAT,
  podName: 'service-scraper',
  averageConcurrentRequests: 500.5,
  averageProxiedConcurrentRequests: 3.25,
  requestCount: 900,
  proxiedRequestCount: 4,
};

/** A revision whose windows fill up; each call is two reports and one decision, two seconds later than the last. */
function ticker(algorithm: Algorithm): () => Decision {
  const spec = specOf({ target: 70, total: 100, utilization: 0.7, targetBurstCapacity: 211 });
  const windows = { stableWindow: spec.stableWindow, panicWindow: (6n * SECOND) as Nanos };
  const key = keyOf('ns', 'rev');
  const collections = new Map([
    [key, new Collection({ ...windows, algorithm, scrapeTarget: 'rev-private' })],
  ]);
  let now: Instant = instant(1_700_000_000_000);
  let memory = firstMemory(spec, 8, now);
  return () => {
    for (let report = 0; report < 2; report++) {
      collections.get(key)?.scraped(STAT, now);
      now = instant(now + 1000);
    }
    const collection = collections.get(key);
    const averages = collection?.averages('concurrency', now);
    if (collection === undefined || averages === undefined) throw new Error('nothing was decided');
    const { scrapedAt, pushedAt } = collection;
    const decision = decide(spec, { ready: 8, ...averages, scrapedAt, pushedAt }, memory, now);
    memory = decision.memory;
    return decision;
  };
}

/** Nanoseconds of CPU for one tick: the least of several runs. The last decisions are kept, as whoever explains them keeps them. */
function ours(algorithm: Algorithm): number {
  const tick = ticker(algorithm);
  const kept: Decision[] = [];
  const once = (): number => {
    const before = process.cpuUsage();
    for (let round = 0; round < TICKS; round++) kept[round & 1023] = tick();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / TICKS;
  };
  return Math.min(...Array.from({ length: RUNS }, once));
}

/** The same figures of Knative's autoscaler; undefined where it cannot be built. */
function knatives(): ReadonlyMap<string, number> | undefined {
  using program = goProgram('tick');
  if (program === undefined) return undefined;
  const lines = execFileSync(program.path, { encoding: 'utf8' }).trim().split('\n');
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

/** `npm run bench -- tick`: two reports and one decision over full windows of 60 s, beside Knative's autoscaler where Go is installed. */
export function run(): Promise<void> {
  const theirs = knatives();
  for (const algorithm of ALGORITHMS) {
    const mine = ours(algorithm);
    const reference = theirs?.get(algorithm);
    console.log(`one tick, ${algorithm.padEnd(22)} ${mine.toFixed(0)} ns CPU`);
    if (reference === undefined) continue;
    console.log(`reference: Knative's                ${reference} ns CPU`);
    const ratio = mine / reference;
    console.log(
      `ratio                               ${ratio.toFixed(2)}x (goal: at most ${GOAL.toFixed(1)}x)`,
    );
    if (ratio > GOAL) process.exitCode = 1;
  }
  return Promise.resolve();
}
