import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainServer } from '../../src/domain/config/prometheus-servers.ts';
import { keyOf, type Key } from '../../src/domain/key.ts';
import { isNumber, type Answer, type Found } from '../../src/domain/prometheus/answer.ts';
import type { PrometheusFault } from '../../src/domain/prometheus/faults.ts';
import { instant, minutes, ms, seconds } from '../../src/domain/time.ts';
import { Measurer } from '../../src/processes/controller/measure/measurer.ts';
import { ManualClock } from '../doubles/manual-clock.ts';
import { ScriptedSource } from '../doubles/scripted-source.ts';
import { SilentLog } from '../doubles/silent-log.ts';
import { TallyingTelemetry } from '../doubles/tallying-telemetry.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

const KEYS = 12;
const INTERVALS = [2, 5, 15, 30].map(seconds);
const FAULTS: readonly PrometheusFault[] = [
  'prometheus_refused',
  'prometheus_timeout',
  'prometheus_throttled',
  'prometheus_execution',
  'prometheus_partial',
  'prometheus_failed',
];

/** What happens to a measurer and its server. */
type Act =
  | { readonly act: 'want'; readonly key: number; readonly value: number; readonly interval: number }
  | { readonly act: 'leave'; readonly key: number }
  | { readonly act: 'pass'; readonly ms: number }
  | { readonly act: 'takes'; readonly ms: number }
  | { readonly act: 'fails'; readonly fault: PrometheusFault | undefined }
  | { readonly act: 'spoils'; readonly value: number; readonly fault: PrometheusFault | undefined };

const key = fc.nat(KEYS - 1);
const value = fc.nat(KEYS - 1);
const fault = fc.constantFrom(undefined, ...FAULTS);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constant('want' as const), key, value, interval: fc.nat(INTERVALS.length - 1) }),
  fc.record({ act: fc.constant('leave' as const), key }),
  fc.record({ act: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ act: fc.constant('takes' as const), ms: fc.constantFrom(0, 10, 3000, 20_000) }),
  fc.record({ act: fc.constant('fails' as const), fault }),
  fc.record({ act: fc.constant('spoils' as const), value, fault }),
);

/** A server that knows `vector(N)`, and what goes wrong there. */
class Server {
  down: PrometheusFault | undefined;
  readonly spoiled = new Map<number, PrometheusFault>();

  answer(query: string): Found {
    const series = [];
    for (const [, text, part] of query.matchAll(/vector\((\d+)\)(?:\n\), "__q", "(\d+)")?/g)) {
      const number = Number(text);
      const bad = this.down ?? this.spoiled.get(number);
      if (bad !== undefined) return { is: bad, message: `It is ${bad}.` };
      const reading = { is: 'vector', number, at: instant(0), warnings: [] } as const;
      series.push({ labels: part === undefined ? {} : { __q: part }, reading });
    }
    return { is: 'series', series };
  }
}

test('whatever happened, once all is well each key is told its own number in every interval, and nobody else anything', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 40, size: 'max' }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      async (acts, phase) => {
        const clock = new ManualClock();
        const behind = new Server();
        const server = plainServer('main', 'http://prometheus:9090');
        const source = new ScriptedSource(server, clock, (query) => behind.answer(query));
        const wanted = new Map<Key, { readonly value: number; readonly interval: number }>();
        const told: { readonly key: Key; readonly answer: Answer }[] = [];
        const log = new SilentLog();
        const measurer = new Measurer({
          sourceOf: () => source,
          clock,
          random: () => phase,
          telemetry: new TallyingTelemetry(),
          log,
          onAnswer: (of, answer) => {
            expect(source.open).toBeLessThanOrEqual(4);
            const want = wanted.get(of);
            // An answer is always to what was wanted last.
            if (isNumber(answer.reading)) expect(answer.reading.number).toBe(want?.value);
            else expect(want).toBeDefined();
            told.push({ key: of, answer });
          },
        });
        const stop = new AbortController();
        const running = measurer.run(stop.signal);

        for (const one of acts)
          switch (one.act) {
            case 'want': {
              const of = keyOf('team', `rev-${one.key}`);
              const interval = INTERVALS[one.interval]!;
              wanted.set(of, { value: one.value, interval });
              measurer.set(of, { server, query: `vector(${one.value})`, interval });
              break;
            }
            case 'leave': {
              const of = keyOf('team', `rev-${one.key}`);
              wanted.delete(of);
              measurer.set(of, undefined);
              break;
            }
            case 'pass':
              await clock.pass(ms(one.ms));
              break;
            case 'takes':
              source.takes = ms(one.ms);
              break;
            case 'fails':
              behind.down = one.fault;
              break;
            case 'spoils':
              if (one.fault === undefined) behind.spoiled.delete(one.value);
              else behind.spoiled.set(one.value, one.fault);
          }

        source.takes = ms(10);
        behind.down = undefined;
        behind.spoiled.clear();
        await clock.pass(minutes(3));
        told.length = 0;
        await clock.pass(minutes(2));
        for (const [of, { interval }] of wanted) {
          const its = told.filter((one) => one.key === of);
          expect(its.every(({ answer }) => isNumber(answer.reading))).toBe(true);
          expect(its.length).toBeGreaterThanOrEqual(minutes(2) / interval - 1);
        }
        expect(told.every((one) => wanted.has(one.key))).toBe(true);
        stop.abort(new Error('the end'));
        await running;
        expect(source.open).toBe(0);
        expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
      },
    ),
    { numRuns },
  );
});
