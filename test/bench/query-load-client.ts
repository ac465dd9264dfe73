// A process that measures a fleet with the measurer of the controller and nothing else, until it is told to stop.
import { PrometheusSource } from '../../src/adapters/prometheus/metric-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import { keyOf } from '../../src/domain/key.ts';
import { isNumber } from '../../src/domain/prometheus/answer.ts';
import { ONE_BY_ONE, PLAN_LIMITS } from '../../src/domain/query-plan/plan.ts';
import { seconds } from '../../src/domain/time.ts';
import { Measurer } from '../../src/processes/controller/measure/measurer.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { queriesOf, type FleetName } from './query-load-fleets.ts';

export interface ClientOptions {
  readonly url: string;
  readonly fleet: FleetName;
  readonly count: number;
  readonly interval: number;
  /** With joining off, each revision is a request, as KEDA has it. */
  readonly joined: boolean;
}

const { url, fleet, count, interval, joined } = JSON.parse(process.argv[2]!) as ClientOptions;
const server = plainServer('bench', url);
const telemetry = new TallyingTelemetry();
const read = (): Promise<string> => Promise.reject(new Error('nothing to read'));
const source = new PrometheusSource({ server, read, clock: systemClock, telemetry, version: 'bench' });
let answers = 0;
let failures = 0;
const measurer = new Measurer({
  sourceOf: () => source,
  clock: systemClock,
  random: Math.random,
  telemetry,
  log: new SilentLog(),
  onAnswer: (_, { reading }) => {
    if (isNumber(reading) || reading.is === 'prometheus_empty') answers += 1;
    else failures += 1;
  },
  limits: joined ? PLAN_LIMITS : ONE_BY_ONE,
});
for (const [n, query] of queriesOf(fleet, count).entries())
  measurer.set(keyOf('team', String(n)), { server, query, interval: seconds(interval) });
const stop = new AbortController();
const running = measurer.run(stop.signal);
process.once('SIGTERM', () => stop.abort(new Error('told to stop')));
await running;
source.close();
console.log(JSON.stringify({ answers, failures }));
