import { afterEach, describe, expect, test } from '@jest/globals';
import { plainServer } from '../../../../../src/domain/config/prometheus-servers.ts';
import { keyOf, type Key } from '../../../../../src/domain/key.ts';
import type { Answer, Found, Reading } from '../../../../../src/domain/prometheus/answer.ts';
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

/** Answers each part of a joined request, whose queries are written `vector(N)`, with its number. */
function numbersIn(query: string): Found {
  const parts = [...query.matchAll(/vector\((\d+)\)(?:\n\), "__q", "(\d+)")?/g)];
  return {
    is: 'series',
    series: parts.map(([, value, part]) => ({
      labels: part === undefined ? {} : { __q: part },
      reading: number(Number(value)),
    })),
  };
}

const stopped: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopped.splice(0)) await stop();
});

function made(answer: (query: string) => Found = numbersIn, random = () => 0) {
  const clock = new ManualClock();
  const server = plainServer('main', 'http://prometheus:9090');
  const source = new ScriptedSource(server, clock, answer);
  const telemetry = new TallyingTelemetry();
  const log = new SilentLog();
  const answers: { readonly key: Key; readonly answer: Answer; readonly at: Ms }[] = [];
  const measurer = new Measurer({
    sourceOf: () => source,
    clock,
    random,
    telemetry,
    log,
    onAnswer: (key, given) => answers.push({ key, answer: given, at: clock.monotonic() }),
  });
  const stop = new AbortController();
  const running = measurer.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort(new Error('stopping'));
    await running;
  };
  stopped.push(end);
  const wanted = (query: string, interval: Ms = seconds(15)): Wanted => ({ server, query, interval });
  return { clock, server, source, telemetry, log, answers, measurer, end, wanted };
}

const key = (n: number): Key => keyOf('team', `rev-${n}`);

describe('a measurer', () => {
  test('asks a new question within a second, and then once in every interval', async () => {
    const { clock, source, answers, measurer, wanted } = made();
    measurer.set(key(1), wanted('vector(7)'));
    await clock.pass(seconds(1));
    expect(answers).toMatchObject([
      { key: key(1), answer: { reading: { number: 7 }, obtained: 'alone', server: 'main', raw: '{}' } },
    ]);
    await clock.pass(seconds(150));
    expect(source.asked).toHaveLength(11);
    expect(answers).toHaveLength(11);
  });

  test('asks 1,000 different questions by 20 requests, and tells each its number', async () => {
    const { clock, source, answers, measurer, wanted, telemetry } = made();
    for (let n = 0; n < 1000; n++) measurer.set(key(n), wanted(`vector(${n})`));
    await clock.pass(seconds(1));
    expect(source.asked).toHaveLength(20);
    expect(new Map(answers.map((one) => [one.key, one.answer.reading]))).toEqual(
      new Map(Array.from({ length: 1000 }, (_, n) => [key(n), number(n)])),
    );
    expect(
      telemetry.valueOf('hpa_bridge_prometheus_queries_total', { server: 'main', outcome: 'vector' }),
    ).toBe(1000);
  });

  test('ends when it is told to, with nothing in flight', async () => {
    const { clock, source, measurer, end, wanted } = made();
    source.takes = seconds(60);
    measurer.set(key(1), wanted('vector(7)'));
    await clock.pass(seconds(1));
    expect(source.open).toBe(1);
    await end();
    await settled();
    expect(source.open).toBe(0);
    await clock.pass(ms(60_000));
    expect(source.asked).toHaveLength(1);
  });
});
