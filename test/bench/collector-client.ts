// Started by the bench `collector`: asks the pods of a fleet for some seconds, and says when it began and what came of it.
import { Agent } from 'undici';
import { HttpStatSource } from '../../src/adapters/scrape/stat-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { readSettings } from '../../src/domain/annotation/parse.ts';
import { AUTOSCALER_DEFAULTS } from '../../src/domain/config/autoscaler.ts';
import { keyOf } from '../../src/domain/key.ts';
import type { PodSignal } from '../../src/domain/plan/pod-signal.ts';
import { SCRAPE_INTERVAL } from '../../src/domain/scale/collection.ts';
import { sampleSize } from '../../src/domain/scale/sample-size.ts';
import { deciderSpec, metricSpec } from '../../src/domain/scale/spec.ts';
import { instant } from '../../src/domain/time.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { PodSignals } from '../../src/processes/controller/pods/pod-signals.ts';
import { SilentLog } from '../doubles/silent-log.ts';

const [mode = 'ours', revisions = '1000', each = '1', port = '0'] = process.argv.slice(2);
const [fleet, perRevision] = [Number(revisions), Number(each)];
const addressOf = (pod: number): string => `127.${1 + (pod >> 16)}.${(pod >> 8) & 255}.${pod & 255}`;
const addresses = (revision: number): readonly string[] =>
  Array.from({ length: perRevision }, (_, index) => addressOf(revision * perRevision + index));

const late: number[] = [];

function ours(): void {
  const telemetry: Telemetry = {
    add: () => undefined,
    set: () => undefined,
    forget: () => undefined,
    observe: (name, _labels, value) => {
      if (name === 'hpa_bridge_scrape_lateness_seconds') late.push(value * 1000);
    },
  };
  const source = new HttpStatSource({ clock: systemClock, version: 'bench', port: Number(port) });
  const started = instant(0);
  const pods = new Map(
    Array.from({ length: fleet }, (_, revision) => [
      keyOf('bench', `r-${revision}`),
      addresses(revision).map((address) => ({ address, startedAt: started })),
    ]),
  );
  const signals = new PodSignals({
    source,
    readyPods: (key) => pods.get(key) ?? [],
    found: () => perRevision,
    gate: { isOpen: () => true },
    isQuiet: () => false,
    isIdle: () => false,
    onRequests: () => undefined,
    onNews: () => undefined,
    onDecision: () => undefined,
    clock: systemClock,
    random: Math.random,
    telemetry,
    log: new SilentLog(),
  });
  const config = AUTOSCALER_DEFAULTS;
  const { settings } = readSettings({});
  const about = { config, settings, metric: 'concurrency', containerConcurrency: 0, reachability: '' };
  const signal: PodSignal = {
    use: 'scale',
    interval: SCRAPE_INTERVAL,
    sleeps: false,
    mesh: 'auto',
    passthrough: false,
    metric: metricSpec(settings, config, 'private'),
    decider: deciderSpec(about),
  };
  for (const key of pods.keys()) signals.set(key, signal);
}

/** The same requests by the same HTTP client, and nothing else. */
function bare(): void {
  const agent = new Agent({ connections: 1, pipelining: 1 });
  const ask = async (address: string): Promise<void> => {
    const { body } = await agent.request({
      origin: `http://${address}:${port}`,
      path: '/metrics',
      method: 'GET',
    });
    await body.arrayBuffer();
  };
  const size = sampleSize(perRevision);
  for (let revision = 0; revision < fleet; revision += 1) {
    const asked = addresses(revision).slice(0, size);
    const round = (): void => asked.forEach((address) => void ask(address).catch(() => undefined));
    setTimeout(() => setInterval(round, SCRAPE_INTERVAL), Math.random() * SCRAPE_INTERVAL);
  }
}

process.on('message', (what: unknown) => {
  if (what === 'measure') {
    late.length = 0;
    return;
  }
  late.sort((a, b) => a - b);
  process.send?.({
    p50: late[late.length >> 1] ?? 0,
    p99: late[Math.floor(late.length * 0.99)] ?? 0,
  });
});
if (mode === 'ours') ours();
else bare();
