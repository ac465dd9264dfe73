import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PrometheusSource } from '../../src/adapters/prometheus/metric-source.ts';
import { systemClock } from '../../src/adapters/time/system-clock.ts';
import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import { isNumber, type Found } from '../../src/domain/prometheus/answer.ts';
import { oneNumberOf, readSeries, type HttpAnswer } from '../../src/domain/prometheus/reading.ts';
import { planRequests, type PlanLimits } from '../../src/domain/query-plan/plan.ts';
import { readingsOf, type Said } from '../../src/domain/query-plan/request.ts';
import { shapeOf } from '../../src/domain/query-plan/shape.ts';
import { Exporter, RealPrometheus, until } from '../doubles/prometheus.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';
import { withPrometheus } from '../doubles/with-prometheus.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 40);

/** Values of labels that could go wrong in a regular expression or in a string. */
const REVS = [
  'a',
  'rev-1',
  'rev-11',
  'a.b',
  'a+b',
  '(x|y)',
  '$1^',
  'q"uote',
  'back\\slash',
  'line\nbreak',
  '[é]',
  'ü€',
];

/** Numbers whose sum depends on the order in which they are added. */
const valueAt = (i: number): number => [0.1, 1e16, 0.3, -1e16, 1 / 3, 7e-9, 123_456.789][i % 7]! * (i + 1);

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const METRICS = ['load', 'requests_total'];
const TEXT = REVS.flatMap((rev, r) =>
  Array.from({ length: 9 }, (_, i) =>
    METRICS.map(
      (metric, m) =>
        `${metric}{rev="${escaped(rev)}",pod="p${(i * 5) % 9}",zone="${'xyz'[i % 3]!}"} ${valueAt(r * 9 + i + m)}\n`,
    ),
  ),
)
  .flat(2)
  .join('');

/** Each holds R once, for the value; all give a number for every one of the values. */
const GROUPED: readonly string[] = [
  'sum(load{rev=R})',
  '(sum( load { zone=~"x|y", rev = R , } ))',
  'avg(load{rev=R})',
  'stddev(load{rev=R})',
  'stdvar(load{rev=R})',
  'quantile(0.3, load{rev=R})',
  'min(load{rev=R}) * -2 + (1 / 3)',
  'count(load{rev=R,zone!="y"} > bool 5)',
  'group(load{rev=R})',
  '- MAX(load{rev=R} offset 1s)',
  'sum(rate(requests_total{rev=R}[1h]))',
  'sum # why\n (increase(requests_total{rev=R, zone="x"}[1h] offset 1s)) # how',
  'sum(quantile_over_time(0.9, load{rev=R}[1h]))',
  'avg(stddev_over_time(load{rev=R}[1h]) - 0.1)',
  'round(avg(load{rev=R}), 0.01)',
  'clamp_min(sum(abs(-load{rev=R})), 7)',
  'sum(max by (zone, rev) (load{rev=R}))',
  'avg(sum without (pod) (load{rev=R}))',
  'sum(avg(load{rev=R}))',
];

const OTHERS: readonly string[] = [
  'sum(load{rev=R}) / sum(requests_total{rev=R})',
  'sum(load{rev=~R})',
  'sum(load{rev!=R})',
  'sum(load{rev=R,rev!="x"})',
  'sum(load{rev=R,zone="x"} + on (pod) group_left () vector(1))',
  'absent(load{rev=R})',
  'scalar(sum(load{rev=R}))',
  'topk(1, load{rev=R})',
  'load{rev=R}',
  'sum by (rev) (load{rev=R})',
  'sum by (zone) (load{rev=R})',
  'count(sum by (zone) (load{rev=R}))',
  'sum(load{rev=R}) or vector(0)',
  'sum(load{rev=R}) + vector(1)',
  'sum(max_over_time(load{rev=R}[1h:1m]))',
  'sum(label_replace(load{rev=R}, "rev", "y", "", ""))',
  'count_values("v", load{rev=R})',
];

/** Nothing to put a value in. */
const PLAIN: readonly string[] = [
  'vector(1)',
  '3 * 2',
  'scalar(sum(load))',
  '0 / 0',
  '1 / 0',
  'vector(0) / 0',
  'nothing',
  'load',
  'sum(load) # and what follows',
  'label_replace(sum(load), "__q", "1", "", "")',
  'sum(load{__q_="", rev="a"})',
  'sum(',
  'rate(load)',
  'load[5m]',
  '"text"',
  'time() - time()',
];

const value = fc.constantFrom(...REVS, 'nobody', 'rev', '');
const written = value.chain((rev) =>
  fc.constantFrom(
    `"${escaped(rev)}"`,
    `'${escaped(rev).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`,
    ...(rev.includes('`') ? [] : [`\`${rev}\``]),
  ),
);
const filled = (template: string, text: string): string => template.replaceAll('R', () => text);

/** Queries of a few shapes, each for some of the values, and others between them. */
const some = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...GROUPED, ...OTHERS), { maxLength: 4, size: 'max' }),
    fc.uniqueArray(written, { maxLength: 12, size: 'max' }),
    fc.uniqueArray(fc.constantFrom(...PLAIN), { maxLength: 4, size: 'max' }),
  )
  .chain(([templates, texts, plain]) =>
    fc.shuffledSubarray([
      ...new Set([...templates.flatMap((one) => texts.map((text) => filled(one, text))), ...plain]),
    ]),
  );

withPrometheus('a plan on a real Prometheus', () => {
  let exporter: Exporter;
  let prometheus: RealPrometheus;
  let source: PrometheusSource;
  let at = '';
  const never = new AbortController().signal;

  beforeAll(async () => {
    exporter = await Exporter.start(TEXT);
    prometheus = await RealPrometheus.start([exporter.target], ['--query.lookback-delta=1h']);
    source = new PrometheusSource({
      server: plainServer('real', prometheus.url),
      read: () => Promise.reject(new Error('nothing to read')),
      clock: systemClock,
      telemetry: new TallyingTelemetry(),
      version: '0',
    });
    const enough = `count_over_time(load{rev="a",pod="p0"}[1h])`;
    await until(async () => {
      exporter.text = TEXT.replaceAll(
        / (\S+)\n/g,
        (_, value: string) => ` ${Number(value) * (1 + Math.random())}\n`,
      );
      const { reading } = await source.ask({ query: enough }, never);
      return isNumber(reading) && reading.number >= 8;
    });
    at = String(Date.now() / 1000);
  });
  afterAll(async () => {
    source.close();
    await prometheus.stop();
    await exporter.close();
  });

  /** The source asks for now; here every question is for the same moment. */
  const askAt = async (query: string): Promise<HttpAnswer> => {
    const response = await fetch(`${prometheus.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query, time: at }),
    });
    return { status: response.status, body: await response.text() };
  };
  const answers = new Map<string, Promise<Found>>();
  const ask = (query: string): Promise<Found> => {
    const asking =
      answers.get(query) ?? askAt(query).then((answer) => readSeries(answer, { allowPartial: false }));
    answers.set(query, asking);
    return asking;
  };

  /** What each of the queries is told by the requests of a plan. */
  const planned = async (
    queries: readonly string[],
    limits?: PlanLimits,
  ): Promise<ReadonlyMap<string, Said>> => {
    const told = new Map<string, Said>();
    for (const request of planRequests(queries.map(shapeOf), limits))
      for (const said of readingsOf(request, await ask(request.query))) told.set(said.query, said);
    return told;
  };

  test('whatever is put together, each query is told what it is told alone', async () => {
    let grouped = 0;
    await fc.assert(
      fc.asyncProperty(
        some,
        fc.record({
          parts: fc.integer({ min: 1, max: 30 }),
          questions: fc.integer({ min: 1, max: 60 }),
          characters: fc.integer({ min: 1, max: 9000 }),
        }),
        async (queries, limits) => {
          const told = await planned(queries, limits);
          expect(told.size).toBe(queries.length);
          for (const one of queries) {
            const { reading, obtained } = told.get(one)!;
            const alone = oneNumberOf(await ask(one));
            expect({ one, reading }).toEqual({ one, reading: alone });
            if (obtained === 'grouped') grouped += 1;
          }
        },
      ),
      { numRuns },
    );
    expect(grouped).toBeGreaterThan(0);
  });

  test.each(GROUPED)('%s is grouped, and every value is the same to the last bit', async (template) => {
    const queries = [...REVS, 'nobody'].map((rev) => filled(template, `"${escaped(rev)}"`));
    const told = await planned(queries);
    for (const one of queries) {
      expect(told.get(one)?.obtained).toBe('grouped');
      expect(told.get(one)?.reading).toEqual(oneNumberOf(await ask(one)));
    }
    const numbers = queries.flatMap((one) => {
      const reading = told.get(one)?.reading;
      return reading !== undefined && isNumber(reading) ? [reading.number] : [];
    });
    expect(numbers).toHaveLength(REVS.length);
  });

  test.each(OTHERS)('%s is never grouped, and every value is the same', async (template) => {
    const queries = [...REVS, 'nobody'].map((rev) => filled(template, `"${escaped(rev)}"`));
    const told = await planned(queries);
    for (const one of queries) {
      expect(told.get(one)?.obtained).not.toBe('grouped');
      expect(told.get(one)?.reading).toEqual(oneNumberOf(await ask(one)));
    }
  });
});
