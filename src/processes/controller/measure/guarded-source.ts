import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import { isNumber, type FailedReading, type SeriesAnswer } from '../../../domain/prometheus/answer.ts';
import { blameOf } from '../../../domain/query-plan/blame.ts';
import { questionsIn, type Request } from '../../../domain/query-plan/request.ts';
import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import { CircuitBreaker } from '../../../engine/circuit-breaker.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { MetricSource } from '../../../ports/metric-source.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';

export interface GuardedSourceParts {
  readonly server: PrometheusServer;
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** Requests to one server at a time; Prometheus evaluates 20 queries at once unless told otherwise. */
const AT_ONCE = 4;
const FAILURES = 5;
const OPEN = { base: seconds(5), max: seconds(30) };
/** A server that asks to be left alone for longer is asked after this time all the same. */
const LONGEST_REST = minutes(5);

/** One server, asked a few requests at a time, and left in peace when it fails. */
export class GuardedSource {
  readonly #parts: GuardedSourceParts;
  readonly #room = new Semaphore(AT_ONCE);
  readonly #breaker: CircuitBreaker;
  #source: MetricSource | undefined;
  #lastFailure: FailedReading = { is: 'prometheus_failed', message: '' };

  constructor(parts: GuardedSourceParts) {
    this.#parts = parts;
    this.#breaker = new CircuitBreaker({ failures: FAILURES, open: OPEN, random: parts.random });
    this.#tellState();
  }

  /** False while the server is left in peace, or tried. */
  get trusts(): boolean {
    return this.#breaker.state === 'closed';
  }

  /** Why it is not trusted. */
  get lastFailure(): FailedReading {
    return this.#lastFailure;
  }

  /**
   * Asks the request, which was to be sent at `due`, when there is room; undefined when the server is left in peace. The failure of a
   * request that is known to be too much for the server (`excused`) does not count against the server.
   */
  ask(
    request: Request,
    { due, excused }: { readonly due: Ms; readonly excused: boolean },
    signal: AbortSignal,
  ): Promise<SeriesAnswer | undefined> {
    return this.#room.run(async () => {
      const { server, sourceOf, clock } = this.#parts;
      const began = clock.monotonic();
      if (!this.#breaker.admits(began)) return undefined;
      this.#count(request, ms(Math.max(0, began - due)));
      try {
        this.#source ??= sourceOf(server);
        const answer = await this.#source.askSeries({ query: request.query }, signal);
        this.#settle(answer, excused);
        return answer;
      } catch (thrown) {
        this.#breaker.failed(clock.monotonic());
        throw thrown;
      }
    }, signal);
  }

  #count(request: Request, late: Ms): void {
    const { telemetry, server } = this.#parts;
    const labels = { server: server.name };
    telemetry.observe('hpa_bridge_prometheus_lateness_seconds', labels, late / 1000);
    telemetry.observe('hpa_bridge_prometheus_questions_per_request', labels, questionsIn(request).length);
  }

  #settle({ found }: SeriesAnswer, excused: boolean): void {
    const before = this.#breaker.state;
    const blame = blameOf(found);
    if (blame === 'nobody' || blame === 'query' || found.is === 'series' || isNumber(found))
      this.#breaker.succeeded();
    else if (blame === 'server' || !excused || before !== 'closed') this.#failed(found);
    if (this.#breaker.state !== before) this.#changed(before);
  }

  #failed(reading: FailedReading): void {
    const { retryAfterMs } = reading;
    const rest = retryAfterMs === undefined ? undefined : ms(Math.min(retryAfterMs, LONGEST_REST));
    this.#lastFailure = reading;
    this.#breaker.failed(this.#parts.clock.monotonic(), rest);
  }

  #changed(before: CircuitBreaker['state']): void {
    const { log, server } = this.#parts;
    const fields = { resource: server.name, address: server.address };
    this.#tellState();
    if (this.trusts) log.info('prometheus answers again', fields);
    else if (before === 'closed')
      log.warn('prometheus is left in peace for a while', {
        ...fields,
        fault: this.#lastFailure.is,
        detail: this.#lastFailure.message,
      });
  }

  #tellState(): void {
    const { telemetry, server } = this.#parts;
    telemetry.set('hpa_bridge_prometheus_circuit_open', { server: server.name }, this.trusts ? 0 : 1);
  }
}
