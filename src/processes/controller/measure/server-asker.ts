import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import type { Key } from '../../../domain/key.ts';
import type { Answer } from '../../../domain/prometheus/answer.ts';
import { planRequests, type PlanLimits } from '../../../domain/query-plan/plan.ts';
import { questionsIn } from '../../../domain/query-plan/request.ts';
import type { Shape } from '../../../domain/query-plan/shape.ts';
import { minutes, ms, seconds, type Ms } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { MetricSource } from '../../../ports/metric-source.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { JoinMemory } from './join-memory.ts';
import { Question } from './question.ts';
import { Schedule, type Due } from './schedule.ts';
import { Sender } from './sender.ts';

/** What asking any server needs. */
export interface AskerParts {
  /** Asked once for each server, when there is a first question to it. */
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Called for each key and each answer, a failure too. */
  readonly onAnswer: (key: Key, answer: Answer) => void;
  /** How much is put into one request; the usual where it is left out. */
  readonly limits?: PlanLimits;
}

const SHORTEST_INTERVAL = seconds(1);
/** A question that is new waits so long for others that are, too. */
const GATHER = ms(200);
/** Of an interval, within which part its requests are sent. */
const SPREAD = 0.5;

/** The questions to one server: when they are asked, and who is told. */
export class ServerAsker {
  readonly #server: PrometheusServer;
  readonly #parts: AskerParts;
  readonly #questions = new Map<string, Question>();
  readonly #schedule: Schedule;
  readonly #memory: JoinMemory;
  readonly #sender: Sender;
  readonly #waves = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;
  #alarm: { readonly due: Ms; readonly cancel: () => void } | undefined;

  constructor(server: PrometheusServer, parts: AskerParts) {
    const { clock, random, limits } = parts;
    this.#server = server;
    this.#parts = parts;
    this.#schedule = new Schedule(ms(Math.round(clock.monotonic() + random() * minutes(1))));
    this.#memory = new JoinMemory(limits);
    this.#sender = new Sender({
      ...parts,
      server,
      memory: this.#memory,
      deliver: (query, answer) => this.#deliver(query, answer),
    });
  }

  get serverName(): string {
    return this.#server.name;
  }

  get isIdle(): boolean {
    return this.#questions.size === 0;
  }

  /** The key wants the answer every `interval`, the first one soon. */
  want(key: Key, query: string, interval: Ms): void {
    const now = this.#parts.clock.monotonic();
    const question = this.#questions.get(query) ?? new Question(query);
    this.#questions.set(query, question);
    const length = ms(Math.max(SHORTEST_INTERVAL, Math.round(interval)));
    const before = question.intervals.get(key);
    if (before !== undefined) this.#schedule.remove(question, before);
    question.intervals.set(key, length);
    this.#schedule.add(question, length, now);
    this.#schedule.hasten(question, ms(now + GATHER));
    this.#setAlarm();
  }

  /** The key does not want it any more. */
  leave(key: Key, query: string): void {
    const question = this.#questions.get(query);
    const interval = question?.intervals.get(key);
    if (question === undefined || interval === undefined) return;
    question.intervals.delete(key);
    this.#schedule.remove(question, interval);
    if (question.intervals.size > 0) return;
    this.#questions.delete(query);
    this.#schedule.forget(question);
    this.#memory.forget(query);
    this.#setAlarm();
  }

  /** Asks until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    this.#setAlarm();
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    this.#alarm?.cancel();
    await Promise.all(this.#waves);
  }

  #setAlarm(): void {
    const due = this.#signal?.aborted === false ? this.#schedule.next() : undefined;
    if (due === this.#alarm?.due) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (due === undefined) return;
    const { clock } = this.#parts;
    const cancel = clock.after(ms(due - clock.monotonic()), () => {
      this.#alarm = undefined;
      this.#tick();
    });
    this.#alarm = { due, cancel };
  }

  #tick(): void {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) return;
    const due = this.#schedule.take(this.#parts.clock.monotonic());
    this.#setAlarm();
    if (due.questions.length === 0) return;
    for (const question of due.questions) question.inFlight = true;
    const wave = this.#ask(due, signal)
      .catch((cause: unknown) => {
        if (!signal.aborted) this.#parts.log.error('asking broke', { resource: this.#server.name, cause });
      })
      .finally(() => {
        for (const question of due.questions) question.inFlight = false;
        this.#waves.delete(wave);
      });
    this.#waves.add(wave);
  }

  /** Sends what is due, spread over a part of the interval: a server with much to do gets it in small portions. */
  async #ask({ at, questions, interval }: Due, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const shapes: Shape[] = [];
    for (const { shape } of questions) {
      shapes.push(shape);
      await clock.giveWay();
    }
    const now = clock.monotonic();
    const companyOf = (query: string): string | undefined => this.#memory.companyOf(query, now);
    const sent: Promise<unknown>[] = [];
    let asked = 0;
    try {
      for (const request of planRequests(shapes, this.#memory.limits(now), companyOf)) {
        const due = ms(at + (interval * SPREAD * asked) / questions.length);
        if (due > clock.monotonic()) await clock.sleep(ms(due - clock.monotonic()), signal);
        asked += questionsIn(request).length;
        const sending = this.#sender.send(request, due, signal);
        sent.push(sending);
        if (!this.#sender.trusts) await sending;
        await clock.giveWay();
      }
      await Promise.all(sent);
    } finally {
      await Promise.allSettled(sent);
    }
  }

  /** Thousands may want the same answer: they are told in short turns. */
  async #deliver(query: string, answer: Answer): Promise<void> {
    const question = this.#questions.get(query);
    if (question === undefined) return;
    for (const key of question.intervals.keys()) {
      this.#tell(key, answer);
      await this.#parts.clock.giveWay();
    }
    question.inFlight = false;
  }

  /** A mistake in what becomes of one key's answer is not to the harm of the others. */
  #tell(key: Key, answer: Answer): void {
    try {
      this.#parts.onAnswer(key, answer);
    } catch (cause) {
      this.#parts.log.error('an answer was not taken', { key, cause });
    }
  }
}
