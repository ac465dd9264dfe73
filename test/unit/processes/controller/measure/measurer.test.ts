import { afterEach, describe, expect, test } from '@jest/globals';
import { plainServer, type PrometheusServer } from '../../../../../src/domain/config/prometheus-servers.ts';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import type { Answer, Found, Reading, Series } from '../../../../../src/domain/prometheus/answer.ts';
import type { PrometheusFault } from '../../../../../src/domain/prometheus/faults.ts';
import { instant, ms, seconds, type Ms } from '../../../../../src/domain/time.ts';
import { Measurer, type Wanted } from '../../../../../src/processes/controller/measure/measurer.ts';
import { ManualClock, settled } from '../../../../doubles/manual-clock.ts';
import { ScriptedSource } from '../../../../doubles/scripted-source.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const number = (value: number): Reading => ({
  is: 'vector',
  number: value,
  at: instant(1_767_225_600_000),
  warnings: [],
});

/** What a query says alone. */
type Says = (query: string) => Found;

const says = (value: number): Found => ({ is: 'series', series: [{ labels: {}, reading: number(value) }] });

/** `vector(N)` is N. */
const itsNumber: Says = (query) => says(Number(/\d+/.exec(query)?.[0]));

/** A server that takes joined requests: the first part that fails makes the whole fail. */
const joining =
  (of: Says): Says =>
  (query) => {
    const parts = [...query.matchAll(/label_replace\(\((.*?)\n\), "__q", "(\d+)", "", ""\)/gs)];
    if (parts.length === 0) return of(query);
    const series: Series[] = [];
    for (const [, text = '', part = ''] of parts) {
      const found = of(text);
      if (found.is !== 'series') return found;
      series.push(...found.series.map((one) => ({ ...one, labels: { ...one.labels, __q: part } })));
    }
    return { is: 'series', series };
  };

const failure = (is: PrometheusFault, retryAfterMs?: number): Found => ({
  is,
  message: `It is ${is}.`,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const stopped: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopped.splice(0)) await stop();
});

interface Told {
  readonly key: Key;
  readonly answer: Answer;
  readonly at: Ms;
}

function made(of: Says = itsNumber, random = () => 0) {
  const clock = new ManualClock();
  const server = plainServer('main', 'http://prometheus:9090');
  const sources = new Map<PrometheusServer, ScriptedSource>();
  const source = new ScriptedSource(server, clock, joining(of));
  const telemetry = new TallyingTelemetry();
  const log = new SilentLog();
  const answers: Told[] = [];
  /** Keys whose answers are not taken. */
  const mishaps = new Set<Key>();
  const measurer = new Measurer({
    sourceOf: (one) => {
      const its = one === server ? source : new ScriptedSource(one, clock, joining(of));
      sources.set(one, its);
      return its;
    },
    clock,
    random,
    telemetry,
    log,
    onAnswer: (key, answer) => {
      if (mishaps.has(key)) throw new Error('a mistake');
      answers.push({ key, answer, at: clock.monotonic() });
    },
  });
  const stop = new AbortController();
  const running = measurer.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort(new Error('stopping'));
    await running;
  };
  stopped.push(end);
  const wanted = (query: string, interval: Ms = seconds(15)): Wanted => ({ server, query, interval });
  const want = (count: number, interval: Ms = seconds(15)): void => {
    for (let n = 0; n < count; n++) measurer.set(key(n), wanted(`vector(${n})`, interval));
  };
  /** What was told, and how many requests were made, while so much time passed. */
  const during = async (by: Ms): Promise<{ readonly told: readonly Told[]; readonly requests: number }> => {
    const [told, asked] = [answers.length, source.asked.length];
    await clock.pass(by);
    return { told: answers.slice(told), requests: source.asked.length - asked };
  };
  return {
    clock,
    server,
    source,
    sources,
    telemetry,
    log,
    answers,
    mishaps,
    measurer,
    end,
    wanted,
    want,
    during,
  };
}

const key = (n: number): Key => keyOf('team', `rev-${n}`);

/** The newest reading of each key. */
const newest = (told: readonly Told[]): ReadonlyMap<Key, Answer['reading']> =>
  new Map(told.map((one) => [one.key, one.answer.reading]));
const numbered = (count: number): ReadonlyMap<Key, Reading> =>
  new Map(Array.from({ length: count }, (_, n) => [key(n), number(n)]));

describe('what is wanted', () => {
  test('is asked within a second, and then once in every interval', async () => {
    const { source, measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)'));
    expect((await during(seconds(1))).told).toMatchObject([
      { key: key(1), answer: { reading: { number: 7 }, obtained: 'alone', server: 'main', raw: '{}' } },
    ]);
    expect(await during(seconds(150))).toMatchObject({ requests: 10, told: { length: 10 } });
    const times = source.asked.slice(2).map(({ at }, i) => at - (source.asked[i + 1]?.at ?? 0));
    expect(new Set(times)).toEqual(new Set([15_000]));
  });

  test('again changes nothing', async () => {
    const { measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)'));
    await during(seconds(1));
    for (let again = 0; again < 5; again++) {
      const { server, ...same } = wanted('vector(7)');
      measurer.set(key(1), { ...same, server: { ...server } });
    }
    expect(await during(seconds(10))).toEqual({ requests: 0, told: [] });
  });

  test('otherwise is asked soon, and what was wanted before is not asked any more', async () => {
    const { source, measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)'));
    await during(seconds(1));
    measurer.set(key(1), wanted('vector(8)'));
    expect((await during(seconds(1))).told).toMatchObject([{ answer: { reading: { number: 8 } } }]);
    await during(seconds(60));
    expect(source.asked.filter(({ query }) => query === 'vector(7)')).toHaveLength(1);
  });

  test('more often is asked soon, and then so often', async () => {
    const { measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)', seconds(60)));
    await during(seconds(1));
    measurer.set(key(1), wanted('vector(7)', seconds(2)));
    expect((await during(ms(900))).requests).toBe(1);
    expect((await during(seconds(60))).requests).toBe(30);
  });

  test('no more is not asked any more, and its last answer reaches nobody', async () => {
    const { clock, source, measurer, wanted, during } = made();
    source.takes = seconds(5);
    measurer.set(key(1), wanted('vector(7)'));
    await clock.pass(seconds(1));
    measurer.set(key(1), undefined);
    measurer.set(key(2), undefined);
    expect(await during(seconds(60))).toEqual({ requests: 0, told: [] });
  });

  test('more than once a second is once a second', async () => {
    const { measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)', ms(100)));
    await during(seconds(2));
    expect((await during(seconds(10))).requests).toBe(10);
  });

  test('of a server that is configured otherwise is asked there', async () => {
    const { clock, server, source, sources, measurer, wanted, during } = made();
    measurer.set(key(1), wanted('vector(7)'));
    await during(seconds(1));
    const other = { ...server, timeout: seconds(3) };
    measurer.set(key(1), { ...wanted('vector(7)'), server: other });
    await during(seconds(1));
    expect(sources.get(other)?.asked).toHaveLength(1);
    await clock.pass(seconds(60));
    expect(source.asked).toHaveLength(1);
  });
});

describe('few requests', () => {
  test('1,000 different questions are 20 requests, and each key is told its own number', async () => {
    const { telemetry, want, during } = made();
    want(1000);
    const { told, requests } = await during(seconds(1));
    expect(requests).toBe(20);
    expect(newest(told)).toEqual(numbered(1000));
    expect(new Set(told.map(({ answer }) => answer.obtained))).toEqual(new Set(['joined']));
    const labels = { server: 'main', outcome: 'vector' };
    expect(telemetry.valueOf('hpa_bridge_prometheus_queries_total', labels)).toBe(1000);
  });

  test('the same question is asked once for all who want to know', async () => {
    const { measurer, wanted, during } = made();
    for (let n = 0; n < 100; n++) measurer.set(key(n), wanted('vector(7)', seconds(n % 2 === 0 ? 15 : 30)));
    expect(await during(seconds(1))).toMatchObject({ requests: 1, told: { length: 100 } });
    expect((await during(seconds(150))).requests).toBe(10);
  });

  test('intervals that divide each other meet at the same ticks', async () => {
    const { measurer, wanted, during } = made(itsNumber, () => 0.37);
    measurer.set(key(1), wanted('vector(1)', seconds(15)));
    measurer.set(key(2), wanted('vector(2)', seconds(30)));
    measurer.set(key(3), wanted('vector(3)', seconds(60)));
    await during(seconds(1));
    expect(await during(seconds(120))).toMatchObject({ requests: 8, told: { length: 8 + 4 + 2 } });
  });

  test('those of a tick are spread over half of the interval', async () => {
    const { source, want, during } = made();
    want(1000);
    await during(seconds(1));
    expect((await during(seconds(28))).requests).toBe(20);
    const times = source.asked.slice(20).map(({ at }) => at);
    expect(new Set(times).size).toBe(20);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(6000);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(7500);
  });

  test('a question that is wanted often is not late because it is due with one that is not', async () => {
    const { measurer, wanted, during } = made();
    for (let n = 0; n < 60; n++) measurer.set(key(n), wanted(`vector(${n})`, seconds(15)));
    measurer.set(key(60), wanted('vector(59)', seconds(2)));
    await during(seconds(1));
    const { told } = await during(seconds(120));
    expect(told.filter((one) => one.key === key(60)).length).toBeGreaterThanOrEqual(60);
  });

  test('replicas and servers are not asked in step', async () => {
    const ticks = await Promise.all(
      [0, 0.1, 0.2].map(async (phase) => {
        const { source, want, during } = made(itsNumber, () => phase);
        want(1);
        await during(seconds(20));
        return source.asked[1]?.at;
      }),
    );
    expect(new Set(ticks).size).toBe(3);
  });

  test('an answer that thousands want does not keep others waiting until all are told', async () => {
    const { clock, measurer, wanted, answers, during } = made();
    clock.busy = true;
    for (let n = 0; n < 500; n++) measurer.set(key(n), wanted('vector(7)'));
    await during(seconds(1));
    // One is told in each turn of the event loop that is too long already.
    for (let told = answers.length; told < 500; told = answers.length) {
      await settled();
      expect(answers.length - told).toBeGreaterThan(0);
      expect(answers.length - told).toBeLessThan(10);
    }
  });

  test('the work gives way to others, and comes to the same', async () => {
    const { clock, answers, want } = made();
    clock.busy = true;
    want(60);
    for (let turn = 0; turn < 100; turn++) await clock.pass(ms(10));
    expect(newest(answers)).toEqual(numbered(60));
  });
});

describe('a slow server', () => {
  test('is not asked the same again before it answered', async () => {
    const { source, want, during } = made();
    source.takes = seconds(100);
    want(10, seconds(1));
    expect((await during(seconds(90))).requests).toBe(1);
    source.takes = ms(10);
    await during(seconds(20));
    expect((await during(seconds(10))).requests).toBe(10);
  });

  test('has four requests at most at a time', async () => {
    const { source, want, during } = made();
    source.takes = seconds(100);
    want(1000);
    await during(seconds(60));
    expect(source.open).toBe(4);
    expect(source.asked).toHaveLength(4);
  });
});

describe('a bad query', () => {
  const without =
    (bad: readonly number[], is: PrometheusFault): Says =>
    (query) => {
      const value = Number(/\d+/.exec(query)?.[0]);
      return bad.includes(value) ? failure(is) : says(value);
    };

  test.each([
    'prometheus_execution',
    'prometheus_bad_data',
    'prometheus_too_large',
    'prometheus_partial',
  ] as const)('that makes its request fail (%s) costs its neighbours nothing', async (is) => {
    const { want, during } = made(without([17, 140], is));
    want(200);
    const { told } = await during(seconds(3));
    expect(newest(told)).toEqual(
      new Map([...numbered(200), [key(17), failure(is)], [key(140), failure(is)]]),
    );
  });

  test('travels alone for a while, and then it is tried with the others again', async () => {
    const bad = [17];
    const { source, want, during } = made(without(bad, 'prometheus_execution'));
    want(100);
    await during(seconds(20));
    expect(await during(seconds(60))).toMatchObject({ requests: 4 * 3, told: { length: 400 } });
    bad.pop();
    await during(seconds(300));
    expect(await during(seconds(60))).toMatchObject({ requests: 4 * 2, told: { length: 400 } });
    expect(source.asked.at(-1)?.query).not.toBe('vector(17)');
  });

  test.each([30, 200])(
    'that is too much for the server does not keep %i others from their answers',
    async (count) => {
      const { telemetry, log, want, during } = made(without([17], 'prometheus_timeout'));
      want(count);
      await during(seconds(15 * 7));
      const { told, requests } = await during(seconds(60));
      expect(newest(told)).toEqual(new Map([...numbered(count), [key(17), failure('prometheus_timeout')]]));
      expect(told.filter(({ answer }) => 'message' in answer.reading)).toHaveLength(4);
      expect(requests).toBe(4 * (Math.ceil(count / 50) + 1));
      expect(log.lines).toEqual([]);
      expect(telemetry.valueOf('hpa_bridge_prometheus_circuit_open', { server: 'main' })).toBe(0);
    },
  );

  test('when several are too much, the server itself is still trusted', async () => {
    const bad = [3, 17, 40, 41, 60, 77, 78, 99];
    const { log, want, during } = made(without(bad, 'prometheus_timeout'));
    want(100);
    await during(seconds(15 * 12));
    const { told } = await during(seconds(60));
    expect(told.filter(({ answer }) => !('message' in answer.reading))).toHaveLength(4 * 92);
    expect(told.some(({ answer }) => answer.obtained === 'unasked')).toBe(false);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('when all are bad alike, nobody is looked for', async () => {
    let is: PrometheusFault | undefined = 'prometheus_partial';
    const { want, during } = made((query) => (is === undefined ? itsNumber(query) : failure(is)));
    want(500);
    await during(seconds(10));
    const { told, requests } = await during(seconds(30));
    expect(requests).toBeLessThan(30);
    expect(new Set(told.map(({ answer }) => answer.reading.is))).toEqual(new Set(['prometheus_partial']));
    is = undefined;
    expect(newest((await during(seconds(30))).told)).toEqual(numbered(500));
  });

  test('when only the number of them is too much, fewer are joined', async () => {
    const { source, want, during } = made();
    const answer = source.answer;
    source.answer = (query) =>
      query.split('label_replace').length - 1 > 20 ? failure('prometheus_execution') : answer(query);
    want(200);
    expect(newest((await during(seconds(5))).told)).toEqual(numbered(200));
    await during(seconds(30));
    const { told, requests } = await during(seconds(60));
    expect(newest(told)).toEqual(numbered(200));
    expect(requests).toBeLessThanOrEqual(4 * 16);
    for (const one of told) expect(one.answer.obtained).toBe('joined');
  });

  /** A server that fails when a request has more than so many of the heavy ones, or series. */
  const limited = (made: { readonly source: ScriptedSource }, refuses: (query: string) => boolean): void => {
    const { answer } = made.source;
    made.source.answer = (query) => (refuses(query) ? failure('prometheus_execution') : answer(query));
  };

  test('when two are too much together only, they and at most a few go alone, and the others stay joined', async () => {
    const { source, want, during } = made();
    limited({ source }, (query) => query.includes('vector(17)') && query.includes('vector(18)'));
    want(100);
    expect(newest((await during(seconds(5))).told)).toEqual(numbered(100));
    await during(seconds(20));
    const { told, requests } = await during(seconds(60));
    expect(newest(told)).toEqual(numbered(100));
    expect(requests).toBeLessThanOrEqual(4 * (2 + 4));
  });

  test('when one gives very many series, that one goes alone and the others stay joined', async () => {
    const wide: Says = (query) => {
      const { series } = itsNumber(query) as Extract<Found, { is: 'series' }>;
      const copies = query === 'vector(17)' ? Array.from({ length: 5000 }, () => series).flat() : series;
      return { is: 'series', series: copies };
    };
    const { source, want, during } = made(wide);
    limited({ source }, (query) => query.includes('vector(17)') && query !== 'vector(17)');
    want(100);
    await during(seconds(25));
    const { told, requests } = await during(seconds(60));
    expect(newest(told).get(key(17))?.is).toBe('prometheus_several');
    expect(told.filter(({ answer }) => answer.obtained === 'joined')).toHaveLength(4 * 99);
    expect(requests).toBe(4 * (2 + 1));
  });

  test('when only a group is too large, it is asked in smaller ones', async () => {
    const { source, measurer, wanted, during } = made();
    const of = (n: number): string => `sum(m{rev="r${n}"})`;
    source.answer = (query) => {
      const values = /rev=~?"(.*?)"/.exec(query)?.[1]?.split('|') ?? [];
      if (values.length > 50) return failure('prometheus_execution');
      const series = values.map((rev) => ({ labels: { rev }, reading: number(Number(rev.slice(1))) }));
      return { is: 'series', series };
    };
    for (let n = 0; n < 400; n++) measurer.set(key(n), wanted(of(n)));
    expect(newest((await during(seconds(5))).told)).toEqual(numbered(400));
    await during(seconds(20));
    const { told, requests } = await during(seconds(60));
    expect(newest(told)).toEqual(numbered(400));
    expect(requests).toBe(4 * 8);
  });
});

describe('a server that fails', () => {
  test('is left in peace, its failure is told to everybody, and it is found when it is back', async () => {
    let down = false;
    const { telemetry, log, want, during } = made((query) =>
      down ? failure('prometheus_refused') : itsNumber(query),
    );
    const open = (): number => telemetry.valueOf('hpa_bridge_prometheus_circuit_open', { server: 'main' });
    want(1000);
    await during(seconds(20));
    down = true;
    await during(seconds(15));
    expect(open()).toBe(1);
    const { told, requests } = await during(seconds(150));
    expect(requests).toBeLessThanOrEqual(11);
    expect(told.length).toBeGreaterThanOrEqual(9000);
    expect(newest(told).size).toBe(1000);
    for (const { answer } of told) expect(answer.reading).toEqual(failure('prometheus_refused'));
    expect(told.filter(({ answer }) => answer.obtained === 'unasked').length).toBeGreaterThan(8000);
    down = false;
    expect(newest((await during(seconds(60))).told)).toEqual(numbered(1000));
    expect(open()).toBe(0);
    expect((await during(seconds(60))).requests).toBe(4 * 20);
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'prometheus is left in peace for a while'],
      ['info', 'prometheus answers again'],
    ]);
  });

  test.each([
    'prometheus_timeout',
    'prometheus_unauthorized',
    'prometheus_failed',
    'prometheus_malformed',
  ] as const)('by %s is not asked for the members of a request one by one', async (is) => {
    const { want, during } = made(() => failure(is));
    want(100);
    const { told, requests } = await during(seconds(1));
    expect(requests).toBe(2);
    expect(newest(told)).toEqual(new Map(Array.from({ length: 100 }, (_, n) => [key(n), failure(is)])));
  });

  test('that says how long it wants to be left alone is left alone so long', async () => {
    let busy = true;
    const { want, during } = made((query) =>
      busy ? failure('prometheus_throttled', 100_000) : itsNumber(query),
    );
    want(100);
    expect((await during(seconds(1))).requests).toBeLessThanOrEqual(2);
    busy = false;
    expect((await during(seconds(98))).requests).toBe(0);
    expect(newest((await during(seconds(60))).told)).toEqual(numbered(100));
  });

  test('and that nobody wants any more has no series', async () => {
    const { telemetry, measurer, want, during } = made(() => failure('prometheus_refused'));
    const open = (): number => telemetry.valueOf('hpa_bridge_prometheus_circuit_open', { server: 'main' });
    want(2, seconds(1));
    await during(seconds(10));
    expect(open()).toBe(1);
    for (const n of [0, 1]) measurer.set(key(n), undefined);
    await during(seconds(1));
    expect(open()).toBe(0);
  });

  test('does not keep another one from being asked', async () => {
    const { sources, measurer, wanted, during } = made(() => failure('prometheus_refused'));
    const other = plainServer('other', 'http://other:9090');
    measurer.set(key(1), wanted('vector(1)', seconds(1)));
    measurer.set(key(2), { server: other, query: 'vector(2)', interval: seconds(1) });
    await during(seconds(1));
    sources.get(other)!.answer = itsNumber;
    expect(newest((await during(seconds(60))).told).get(key(2))).toEqual(number(2));
  });

  test('answers of one query alone that are no number do not count against it', async () => {
    const nan: Found = failure('prometheus_nan');
    const { measurer, wanted, during } = made((query) => (query === '0 / 0' ? nan : itsNumber(query)));
    for (let n = 0; n < 10; n++) measurer.set(key(n), wanted(n === 0 ? '0 / 0' : `vector(${n})`, seconds(1)));
    await during(ms(900));
    for (let n = 1; n < 10; n++) measurer.set(key(n), undefined);
    const { told } = await during(seconds(30));
    expect(new Set(told.map(({ answer }) => answer.obtained))).toEqual(new Set(['alone']));
  });

  test('a mistake in what becomes of one answer is logged, and the others are told', async () => {
    const { log, answers, mishaps, want, during } = made();
    mishaps.add(key(3));
    want(10);
    await during(seconds(1));
    expect(newest(answers).size).toBe(9);
    expect(log.lines).toMatchObject([
      { level: 'error', message: 'an answer was not taken', fields: { key: key(3) } },
    ]);
  });

  test('a mistake of ours is logged, and what was asked is asked again', async () => {
    const { source, log, want, during } = made();
    const answer = source.answer;
    source.answer = () => {
      throw new Error('a mistake');
    };
    want(10);
    await during(seconds(3));
    expect(log.lines).toMatchObject([{ level: 'error', message: 'asking broke' }]);
    source.answer = answer;
    expect(newest((await during(seconds(30))).told)).toEqual(numbered(10));
  });
});

describe('the end', () => {
  test('comes when it is told to, with nothing in flight', async () => {
    const { clock, source, measurer, end, wanted } = made();
    source.takes = seconds(60);
    measurer.set(key(1), wanted('vector(7)'));
    await clock.pass(seconds(1));
    expect(source.open).toBe(1);
    await end();
    expect(source.open).toBe(0);
    await clock.pass(seconds(60));
    expect(source.asked).toHaveLength(1);
  });

  test('comes while requests wait for their turn, too, and is no error', async () => {
    const { clock, source, log, end, want } = made();
    source.takes = seconds(60);
    want(1000);
    await clock.pass(seconds(1));
    await end();
    expect(source.open).toBe(0);
    expect(log.lines).toEqual([]);
  });
});
