import type { PrometheusServer } from '../../src/domain/config/prometheus-servers.ts';
import type { Answer, Found, Question, SeriesAnswer } from '../../src/domain/prometheus/answer.ts';
import { oneNumberOf } from '../../src/domain/prometheus/reading.ts';
import { ms, type Ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { MetricSource } from '../../src/ports/metric-source.ts';

/** A server whose answers are written by a test, and that keeps what it was asked. */
export class ScriptedSource implements MetricSource {
  readonly asked: { readonly query: string; readonly at: Ms }[] = [];
  /** Requests that are not answered yet. */
  open = 0;
  /** How long an answer takes. */
  takes = ms(10);
  /** What it finds. */
  answer: (query: string) => Found;
  readonly #server: PrometheusServer;
  readonly #clock: Clock;

  constructor(server: PrometheusServer, clock: Clock, answer: (query: string) => Found) {
    this.#server = server;
    this.#clock = clock;
    this.answer = answer;
  }

  async askSeries({ query }: Question, signal: AbortSignal): Promise<SeriesAnswer> {
    const at = this.#clock.monotonic();
    this.asked.push({ query, at });
    this.open += 1;
    try {
      await this.#clock.sleep(this.takes, signal);
    } finally {
      this.open -= 1;
    }
    const receivedAt = this.#clock.now();
    const took = ms(this.#clock.monotonic() - at);
    return { found: this.answer(query), server: this.#server.name, receivedAt, took, raw: '{}' };
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const { found, ...rest } = await this.askSeries(question, signal);
    return { ...rest, reading: oneNumberOf(found), obtained: 'alone' };
  }
}
