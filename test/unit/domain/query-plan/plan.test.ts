import { describe, expect, test } from '@jest/globals';
import type { Found, Reading, Series } from '../../../../src/domain/prometheus/answer.ts';
import {
  ONE_BY_ONE,
  PLAN_LIMITS,
  planRequests,
  type PlanLimits,
} from '../../../../src/domain/query-plan/plan.ts';
import {
  halvesOf,
  questionsIn,
  readingsOf,
  type Request,
} from '../../../../src/domain/query-plan/request.ts';
import { shapeOf } from '../../../../src/domain/query-plan/shape.ts';
import { instant } from '../../../../src/domain/time.ts';

const planned = (
  queries: readonly string[],
  limits: PlanLimits = PLAN_LIMITS,
  apart: readonly string[] = [],
): readonly Request[] => [
  ...planRequests(queries.map(shapeOf), limits, (query) => (apart.includes(query) ? query : undefined)),
];
const texts = (requests: readonly Request[]): readonly string[] => requests.map(({ query }) => query);

const rate = (rev: string): string => `sum(rate(m{namespace="team",rev="${rev}"}[1m]))`;
const revs = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `rev-${i}`);

const number = (value: number, warnings: readonly string[] = []): Reading => ({
  is: 'vector',
  number: value,
  at: instant(0),
  warnings,
});
const series = (labels: Series['labels'], value: number): Series => ({ labels, reading: number(value) });
const found = (...all: readonly Series[]): Found => ({ is: 'series', series: all });

describe('requests', () => {
  test('queries that differ in the value of one matcher are one query', () => {
    expect(texts(planned([rate('a'), rate('b.c')]))).toEqual([
      String.raw`sum by (rev) (rate(m{namespace="team",rev=~"a|b\\.c"}[1m]))`,
    ]);
  });

  test('different queries are joined, and comments end before what follows', () => {
    expect(texts(planned(['sum(a)', 'sum(b) # two', '2 * 3 # six']))).toEqual([
      'label_replace((sum(a)\n), "__q", "0", "", "") or ' +
        'label_replace((sum(b) # two\n), "__q", "1", "", "") or ' +
        'label_replace(vector((2 * 3 # six\n)), "__q", "2", "", "")',
    ]);
  });

  test('the label that tells them apart is one that no query uses', () => {
    expect(texts(planned(['sum(a{__q="1"})', 'sum(b{__q_="1"})']))[0]).toContain('"__q__", "1"');
  });

  test('groups travel with others', () => {
    const [only, ...more] = planned([rate('a'), 'sum(x)', rate('b')]);
    expect(more).toEqual([]);
    expect(only?.query).toBe(
      'label_replace((sum(x)\n), "__q", "0", "", "") or ' +
        'label_replace((sum by (rev) (rate(m{namespace="team",rev=~"a|b"}[1m]))\n), "__q", "1", "", "")',
    );
  });

  test('a query goes with the most others that it could go with', () => {
    const of = (namespace: string, rev: string): string => `sum(m{namespace="${namespace}",rev="${rev}"})`;
    const requests = planned([of('a', 'x'), of('a', 'y'), of('a', 'z'), of('b', 'x')]);
    expect(requests[0]?.parts.map(({ query }) => query).sort()).toEqual([
      'sum by (rev) (m{namespace="a",rev=~"x|y|z"})',
      of('b', 'x'),
    ]);
  });

  test('1,000 revisions of one shape are one request, and 1,000 different queries are 20', () => {
    expect(planned(revs(1000).map(rate))).toHaveLength(1);
    expect(planned(revs(1000).map((rev) => `sum(metric_${rev.replace('-', '_')})`))).toHaveLength(20);
  });

  test('no request is longer than a server may take', () => {
    const long = revs(1000).map((rev) => rate(`${'x'.repeat(50)}.${rev}`));
    const requests = planned(long);
    for (const { query } of requests) expect(query.length).toBeLessThanOrEqual(PLAN_LIMITS.characters);
    expect(requests.flatMap(questionsIn).sort()).toEqual([...long].sort());
    expect(requests.length).toBeLessThan(7);
  });

  test('a query that is too long for company travels alone, as it is', () => {
    const long = `sum(m{rev=~"${'x'.repeat(15_000)}"})`;
    expect(texts(planned(['sum(a)', long, 'sum(b)']))).toEqual(['sum(a)', long, 'sum(b)']);
  });

  test.each(['sum(', 'rate(m)', 'm[5m]', '"text"', 'sum(m) # a\rb', 'no_function(m)'])(
    'what Prometheus would refuse of %j is nobody else’s trouble',
    (bad) => {
      expect(texts(planned([bad, 'sum(a)']))).toEqual(['sum(a)', bad]);
    },
  );

  test('who must travel alone does, and the others together', () => {
    expect(texts(planned([rate('a'), rate('b'), rate('c')], PLAN_LIMITS, [rate('b')]))).toEqual([
      'sum by (rev) (rate(m{namespace="team",rev=~"a|c"}[1m]))',
      rate('b'),
    ]);
  });

  test('companies travel apart from each other', () => {
    const company = (query: string): string | undefined => (query.includes('"c') ? 'c' : undefined);
    const all = ['a', 'c1', 'b', 'c2'].map(rate);
    expect([...planRequests(all.map(shapeOf), PLAN_LIMITS, company)].map(questionsIn)).toEqual([
      [rate('a'), rate('b')],
      [rate('c1'), rate('c2')],
    ]);
  });

  test('one by one, queries stay what they are', () => {
    const queries = ['1 + 1', rate('a'), rate('b')];
    expect(texts(planned(queries, ONE_BY_ONE))).toEqual(queries);
  });
});

describe('a value is never grouped', () => {
  test.each([
    ['that is empty: the label may be absent', ''],
    ['that is no text: a byte of a character', String.raw`\xff`],
  ])('%s', (_, value) => {
    expect(shapeOf(rate(value)).groupings.map(({ label }) => label)).toEqual(['namespace']);
  });
  test.each([
    ['of the name of a metric', 'sum({__name__="m",x=~"y"})'],
    ['of a label in quotes, which an older Prometheus does not know in by ()', 'sum({"m","the label"="x"})'],
    ['that the buckets of a histogram are told apart by', 'sum(histogram_quantile(0.9, m{le="1"}))'],
    ['of a label that has another matcher', 'sum(m{rev="a",rev!="b"})'],
    ['where there are two selectors', 'sum(m{rev="a"} / n{rev="a"})'],
  ])('%s', (_, query) => {
    expect(shapeOf(query).groupings).toEqual([]);
  });
});

describe('an answer is told to each of its questions', () => {
  const [request] = planned([rate('a'), rate('b'), 'sum(x)', '6', 'sum(y)']) as [Request];
  const read = (answer: Found, of = request): Readonly<Record<string, Reading>> =>
    Object.fromEntries(readingsOf(of, answer).map(({ query, reading }) => [query, reading]));

  test('by the number of the part and the value of the label', () => {
    const answer = found(
      series({ __q: '2', n: '2' }, 4),
      series({ __q: '3', rev: 'b' }, 2),
      series({ __q: '0' }, 3),
      series({ __q: '2' }, 5),
      series({ __q: '1' }, 6),
    );
    expect(read(answer)).toMatchObject({
      [rate('a')]: { is: 'prometheus_empty' },
      [rate('b')]: { is: 'vector', number: 2 },
      'sum(x)': { is: 'vector', number: 3 },
      '6': { is: 'scalar', number: 6 },
      'sum(y)': { is: 'prometheus_several' },
    });
    expect(readingsOf(request, answer).map(({ obtained }) => obtained)).toEqual([
      'joined',
      'joined',
      'joined',
      'grouped',
      'grouped',
    ]);
  });

  test('a failure of the whole is the failure of each', () => {
    const refused: Found = { is: 'prometheus_refused', message: 'Nothing listens there.' };
    expect(Object.values(read(refused))).toEqual(Array.from({ length: 5 }, () => refused));
  });

  test('what Prometheus remarks about somebody else’s metric is not told', () => {
    const remarked = { labels: { __q: '0' }, reading: number(1, ['secret_metric may be no counter']) };
    expect(JSON.stringify(read(found(remarked)))).not.toContain('secret');
    const refused: Found = { is: 'prometheus_execution', message: 'expanding series: secret_metric.' };
    expect(JSON.stringify(read(refused))).not.toContain('secret');
    const [alone] = planned(['sum(x)']) as [Request];
    expect(read(refused, alone)).toEqual({ 'sum(x)': refused });
    expect(read(found(remarked), alone)).toEqual({ 'sum(x)': remarked.reading });
  });
});

describe('a request that failed', () => {
  const split = (request: Request): readonly string[] => {
    const halves = halvesOf(request);
    return halves.length === 0 ? [request.query] : halves.flatMap(split);
  };
  test('is split until every question is alone', () => {
    const queries = [...revs(7).map(rate), 'sum(x)', '6', 'sum(y) # y'];
    const [request] = planned(queries) as [Request];
    expect(halvesOf(request)).toHaveLength(2);
    expect([...split(request)].sort()).toEqual([...queries].sort());
  });
});
