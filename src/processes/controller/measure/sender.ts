import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import {
  outcomeOf,
  type Answer,
  type FailedReading,
  type SeriesAnswer,
} from '../../../domain/prometheus/answer.ts';
import { blameOf } from '../../../domain/query-plan/blame.ts';
import { halvesOf, questionsIn, readingsOf, type Request } from '../../../domain/query-plan/request.ts';
import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import { CircuitBreaker } from '../../../engine/circuit-breaker.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { MetricSource } from '../../../ports/metric-source.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { JoinMemory } from './join-memory.ts';

export interface SenderParts {
  readonly server: PrometheusServer;
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly memory: JoinMemory;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly deliver: (query: string, answer: Answer) => void;
}

/** Requests to one server at a time; Prometheus evaluates 20 queries at once unless told otherwise. */
const AT_ONCE = 4;
const FAILURES = 5;
const OPEN = { base: seconds(5), max: seconds(30) };
/** A server that asks to be left alone for longer is asked after this time all the same. */
const LONGEST_REST = minutes(5);

/** Sends requests to one server, and sees to it that neither a bad query nor a server that fails costs more than it must. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #room = new Semaphore(AT_ONCE);
  readonly #breaker: CircuitBreaker;
  #source: MetricSource | undefined;
  #lastFailure: FailedReading = { is: 'prometheus_failed', message: '' };

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#breaker = new CircuitBreaker({ failures: FAILURES, open: OPEN, random: parts.random });
    this.#tellState();
  }

  /** False while the server is left in peace, or tried. */
  get trusts(): boolean {
    return this.#breaker.state === 'closed';
  }

  /**
   * Delivers an answer to each question of the request, which was to be sent at `due`. A request that fails because of one of its queries
   * is split until that one is alone. Resolves with how many failed so; rejects with the signal's reason only, or a mistake of ours.
   */
  async send(request: Request, due: Ms, signal: AbortSignal): Promise<number> {
    const { memory, clock } = this.#parts;
    const answer = await this.#room.run(() => this.#ask(request, due, signal), signal);
    const queries = questionsIn(request);
    if (answer === undefined) return this.#leaveUnasked(queries);
    const { found } = answer;
    const halves = halvesOf(request);
    const isBad = blameOf(found) === 'query';
    const isSplit = isBad && halves.length > 0 && !memory.isAlike(found.is, clock.monotonic());
    if (!isSplit) {
      const [only] = queries;
      if (isBad && only !== undefined && halves.length === 0) memory.failedAlone(only, clock.monotonic());
      await this.#deliver(request, answer);
      return isBad ? queries.length : 0;
    }
    const now = clock.monotonic();
    const failed = await Promise.all(halves.map((half) => this.send(half, now, signal)));
    const sum = failed.reduce((all, one) => all + one, 0);
    memory.wasSplit(found.is, queries, sum, clock.monotonic());
    return sum;
  }

  /** Undefined: nothing was asked. */
  async #ask(request: Request, due: Ms, signal: AbortSignal): Promise<SeriesAnswer | undefined> {
    const { server, sourceOf, clock, telemetry } = this.#parts;
    const began = clock.monotonic();
    if (!this.#breaker.admits(began)) return undefined;
    telemetry.observe(
      'hpa_bridge_prometheus_lateness_seconds',
      { server: server.name },
      Math.max(0, began - due) / 1000,
    );
    telemetry.observe(
      'hpa_bridge_prometheus_questions_per_request',
      { server: server.name },
      questionsIn(request).length,
    );
    try {
      this.#source ??= sourceOf(server);
      const answer = await this.#source.askSeries({ query: request.query }, signal);
      this.#settle(answer);
      return answer;
    } catch (thrown) {
      this.#breaker.failed(clock.monotonic());
      throw thrown;
    }
  }

  #settle({ found }: SeriesAnswer): void {
    const { clock, log, server } = this.#parts;
    const before = this.#breaker.state;
    if (found.is === 'series' || blameOf(found) !== 'server' || !('message' in found))
      this.#breaker.succeeded();
    else {
      this.#lastFailure = found;
      const wait = found.retryAfterMs;
      this.#breaker.failed(
        clock.monotonic(),
        wait === undefined ? undefined : ms(Math.min(wait, LONGEST_REST)),
      );
    }
    const { state } = this.#breaker;
    if (state === before) return;
    this.#tellState();
    const fields = { resource: server.name, address: server.address };
    if (state === 'closed') log.info('prometheus answers again', fields);
    else if (before === 'closed')
      log.warn('prometheus is left in peace for a while', {
        ...fields,
        fault: this.#lastFailure.is,
        detail: this.#lastFailure.message,
      });
  }

  #tellState(): void {
    const { telemetry, server } = this.#parts;
    telemetry.set(
      'hpa_bridge_prometheus_circuit_open',
      { server: server.name },
      this.#breaker.state === 'closed' ? 0 : 1,
    );
  }

  async #deliver(request: Request, answer: SeriesAnswer): Promise<void> {
    const { clock, telemetry, deliver } = this.#parts;
    const { server, receivedAt, took } = answer;
    for (const { query, reading, obtained } of readingsOf(request, answer.found)) {
      const raw = obtained === 'alone' ? answer.raw : undefined;
      telemetry.add('hpa_bridge_prometheus_queries_total', { server, outcome: outcomeOf(reading) });
      deliver(query, { reading, server, receivedAt, took, obtained, raw });
      await clock.giveWay();
    }
  }

  async #leaveUnasked(queries: readonly string[]): Promise<number> {
    const { clock, server, deliver } = this.#parts;
    const { is, message } = this.#lastFailure;
    const reading = { is, message: `Not asked, because the server failed before: ${message}` };
    for (const query of queries) {
      const receivedAt = clock.now();
      deliver(query, {
        reading,
        server: server.name,
        receivedAt,
        took: ms(0),
        obtained: 'unasked',
        raw: undefined,
      });
      await clock.giveWay();
    }
    return 0;
  }
}
