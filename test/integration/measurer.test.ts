import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PrometheusSource } from '../../src/adapters/prometheus/metric-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { plainServer, type PrometheusServer } from '../../src/domain/config/prometheus-servers.ts';
import { keyOf, type Key } from '../../src/domain/key.ts';
import type { Answer } from '../../src/domain/prometheus/answer.ts';
import { ms, seconds } from '../../src/domain/time.ts';
import { Measurer } from '../../src/processes/controller/measure/measurer.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const REVISIONS = 300;

const key = (n: number): Key => keyOf('team', `rev-${n}`);

/** Some of one shape, others each of its own, and one that this Prometheus cannot evaluate. */
const queryOf = (n: number): string => {
  if (n === 7) return 'count_over_time(vector(1)[1d:1s])';
  return n % 2 === 0 ? `sum(load{rev="${n}"})` : `max(load_${n})`;
};

withPrometheus('measuring by a real Prometheus', () => {
  const telemetry = new TallyingTelemetry();
  const answers = new Map<Key, Answer>();
  const stop = new AbortController();
  let exporter: Exporter;
  let prometheus: RealPrometheus;
  let source: PrometheusSource;
  let server: PrometheusServer;
  let running: Promise<void>;

  beforeAll(async () => {
    const lines = Array.from({ length: REVISIONS }, (_, n) => `load{rev="${n}"} ${n}\nload_${n} ${n}\n`);
    exporter = await Exporter.start(lines.join(''));
    const flags = ['--query.max-samples=5000', '--query.lookback-delta=1h'];
    prometheus = await RealPrometheus.start([exporter.target], flags);
    server = { ...plainServer('real', prometheus.url), timeout: ms(700) };
    const read = (): Promise<string> => Promise.reject(new Error('nothing to read'));
    source = new PrometheusSource({ server, read, clock: systemClock, telemetry, version: '0' });
    const measurer = new Measurer({
      sourceOf: () => source,
      clock: systemClock,
      random: Math.random,
      telemetry,
      log: new SilentLog(),
      onAnswer: (of, answer) => answers.set(of, answer),
    });
    running = measurer.run(stop.signal);
    for (let n = 0; n < REVISIONS; n++)
      measurer.set(key(n), { server, query: queryOf(n), interval: seconds(1) });
  });
  afterAll(async () => {
    stop.abort(new Error('the end'));
    await running;
    source.close();
    await prometheus.stop();
    await exporter.close();
  });

  /** Resolves when every revision but the bad one has its own number, from an answer that came after now. */
  const allKnown = async (): Promise<void> => {
    answers.clear();
    await until(() => {
      const known = Array.from({ length: REVISIONS }, (_, n) => answers.get(key(n))?.reading);
      return Promise.resolve(
        known.every((reading, n) => n === 7 || (reading?.is === 'vector' && reading.number === n)),
      );
    });
  };
  const requests = (outcome: string): number =>
    telemetry.valueOf('hpa_bridge_prometheus_requests_total', { server: 'real', outcome });

  test('each revision gets its own number, and the one with a bad query its own failure', async () => {
    await allKnown();
    await until(() => Promise.resolve(answers.get(key(7))?.obtained === 'alone'));
    expect(answers.get(key(7))?.reading).toMatchObject({
      is: 'prometheus_execution',
      message: expect.stringContaining('too many samples'),
    });
    expect(answers.get(key(2))?.obtained).toBe('grouped');
    expect(answers.get(key(3))?.obtained).toBe('joined');
  });

  test('once the bad one travels alone, a round takes few requests', async () => {
    const [before, alone] = [requests('series'), requests('execution')];
    await until(() => Promise.resolve(requests('execution') - alone >= 3));
    // Groups and 149 others by 50, and a round more or less.
    expect(requests('series') - before).toBeLessThanOrEqual(4 * 4);
  });

  test('a Prometheus that hangs is left in peace, and found again', async () => {
    const isOpen = (): number => telemetry.valueOf('hpa_bridge_prometheus_circuit_open', { server: 'real' });
    prometheus.signal('SIGSTOP');
    await until(() => Promise.resolve(isOpen() === 1));
    await until(() =>
      Promise.resolve([...answers.values()].every(({ reading }) => reading.is === 'prometheus_timeout')),
    );
    prometheus.signal('SIGCONT');
    await allKnown();
    expect(isOpen()).toBe(0);
  });
});
