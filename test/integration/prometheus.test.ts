import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PrometheusSource } from '../../src/adapters/prometheus/metric-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { plainServer, type PrometheusServer } from '../../src/domain/config/prometheus-servers.ts';
import type { Reading } from '../../src/domain/prometheus/answer.ts';
import { ms } from '../../src/domain/time.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

withPrometheus('a real Prometheus', () => {
  const telemetry = new TallyingTelemetry();
  const never = new AbortController().signal;
  const started: RealPrometheus[] = [];
  const sources: PrometheusSource[] = [];
  let exporter: Exporter;
  let prometheus: RealPrometheus;

  const start = async (flags: readonly string[] = []): Promise<RealPrometheus> => {
    const one = await RealPrometheus.start([exporter.target], flags);
    started.push(one);
    return one;
  };
  const sourceOf = ({ url }: RealPrometheus, changed: Partial<PrometheusServer> = {}): PrometheusSource => {
    const server = { ...plainServer('real', url), ...changed };
    const read = () => Promise.reject(new Error('nothing to read'));
    const source = new PrometheusSource({ server, read, clock: systemClock, telemetry, version: '0' });
    sources.push(source);
    return source;
  };
  const ask = async (query: string, from = sourceOf(prometheus)): Promise<Reading> =>
    (await from.ask({ query }, never)).reading;

  beforeAll(async () => {
    exporter = await Exporter.start('load{rev="a"} 47.2\nload{rev="b"} 3\n');
    prometheus = await start(['--query.max-samples=5000', '--query.lookback-delta=2s']);
    await until(async () => (await ask('count(load)')).is === 'vector');
  });
  afterAll(async () => {
    for (const source of sources) source.close();
    for (const one of started) await one.stop();
    await exporter.close();
  });

  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['load{rev="a"}', { is: 'vector', number: 47.2 }],
    ['sum(load)', { is: 'vector', number: 50.2 }],
    ['scalar(load{rev="b"})', { is: 'scalar', number: 3 }],
    ['-1.5', { is: 'scalar', number: -1.5 }],
    ['load{rev="nobody"}', { is: 'prometheus_empty' }],
    ['load', { is: 'prometheus_several', message: expect.stringContaining('2 series') }],
    ['0 / 0', { is: 'prometheus_nan' }],
    ['scalar(load)', { is: 'prometheus_nan' }],
    ['vector(1) / 0', { is: 'prometheus_infinite', message: expect.stringContaining('+Inf') }],
    ['-1 / 0', { is: 'prometheus_infinite', message: expect.stringContaining('-Inf') }],
    ['"text"', { is: 'prometheus_string' }],
    ['load[5s]', { is: 'prometheus_matrix' }],
    ['sum(', { is: 'prometheus_bad_data', message: expect.stringContaining('parse error') }],
    [
      'count_over_time(vector(1)[1d:1s])',
      { is: 'prometheus_execution', message: expect.stringContaining('too many samples') },
    ],
    ['rate(load)', { is: 'prometheus_bad_data' }],
  ])('answers %s', async (query, expected) => {
    expect(await ask(query)).toMatchObject(expected);
  });

  test('a value is as old as its evaluation, by the clock of the server', async () => {
    const answer = await sourceOf(prometheus).ask({ query: 'load{rev="a"}' }, never);
    const { reading } = answer;
    const age = 'at' in reading ? answer.receivedAt - reading.at : Number.NaN;
    expect(Math.abs(age)).toBeLessThan(20_000);
    expect(answer).toMatchObject({
      server: 'real',
      obtained: 'alone',
      raw: expect.stringContaining('"47.2"'),
    });
  });

  test('a query that takes longer than Prometheus allows', async () => {
    const hasty = await start(['--query.timeout=1ms']);
    expect(await ask('count_over_time(vector(1)[10d:1s]) + vector(1)', sourceOf(hasty))).toMatchObject({
      is: 'prometheus_query_timeout',
    });
  });

  test('asked with more than a URL can carry', async () => {
    const long = `sum(load{rev!~"${'x'.repeat(50_000)}"})`;
    expect(await ask(long)).toMatchObject({ is: 'vector', number: 50.2 });
  });

  test('an answer that is too large is not read to its end', async () => {
    const wide = (length: number): string =>
      `label_replace(vector(7), "text", "${'y'.repeat(length)}", "", "")`;
    expect(await ask(wide(1000))).toMatchObject({ number: 7 });
    expect(await ask(wide(2 ** 20))).toMatchObject({ is: 'prometheus_too_large' });
  });

  test('a Prometheus that hangs, goes on, and stops', async () => {
    const fragile = await start();
    const source = sourceOf(fragile, { timeout: ms(400) });
    expect(await ask('vector(1)', source)).toMatchObject({ number: 1 });
    fragile.signal('SIGSTOP');
    expect(await ask('vector(1)', source)).toMatchObject({
      is: 'prometheus_timeout',
      message: expect.stringContaining('within 0.4 s'),
    });
    fragile.signal('SIGCONT');
    await until(async () => (await ask('vector(2)', source)).is === 'vector');
    await fragile.stop();
    expect(await ask('vector(1)', source)).toMatchObject({ is: 'prometheus_refused' });
  });

  test('https where there is none', async () => {
    const address = prometheus.url.replace('http:', 'https:');
    expect(await ask('vector(1)', sourceOf(prometheus, { address }))).toMatchObject({ is: 'prometheus_tls' });
  });

  test('a series whose target vanished is empty, and not zero', async () => {
    expect(await ask('load{rev="a"}')).toMatchObject({ is: 'vector' });
    exporter.text = 'load{rev="b"} 3\n';
    await until(async () => (await ask('load{rev="a"}')).is === 'prometheus_empty');
    expect(await ask('sum(load)')).toMatchObject({ number: 3 });
  });

  test('each outcome has a series of its own', () => {
    for (const outcome of ['vector', 'scalar', 'empty', 'nan', 'timeout', 'refused', 'bad_data'])
      expect(
        telemetry.valueOf('hpa_bridge_prometheus_requests_total', { server: 'real', outcome }),
      ).toBeGreaterThan(0);
  });
});
