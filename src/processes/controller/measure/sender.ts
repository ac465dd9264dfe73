import { outcomeOf, type Answer, type Found, type SeriesAnswer } from '../../../domain/prometheus/answer.ts';
import { blameOf } from '../../../domain/query-plan/blame.ts';
import { halvesOf, questionsIn, readingsOf, type Request } from '../../../domain/query-plan/request.ts';
import { ms, type Ms } from '../../../domain/time.ts';
import { GuardedSource, type GuardedSourceParts } from './guarded-source.ts';
import type { JoinMemory } from './join-memory.ts';

export interface SenderParts extends GuardedSourceParts {
  readonly memory: JoinMemory;
  readonly deliver: (query: string, answer: Answer) => Promise<void>;
}

/** What came of a request. */
interface Outcome {
  /** Questions that failed alone, or with all others. */
  readonly failed: number;
  /** Whether it is known why a request failed that these questions were in. */
  readonly blamed: boolean;
}

const FINE: Outcome = { failed: 0, blamed: false };

/** Where one series is wanted, more are of no use and may be very many: reason enough for a request to have been too large. */
const isWide = (found: Found): boolean => found.is === 'series' && found.series.length > 1;

/** Sends requests to one server, and sees to it that a query that is bad for the server is not bad for those that travel with it. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #source: GuardedSource;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#source = new GuardedSource(parts);
  }

  /** False while the server is left in peace, or tried. */
  get trusts(): boolean {
    return this.#source.trusts;
  }

  /**
   * Delivers an answer to each question of the request, which was to be sent at `due`. A request that fails because of one of its queries
   * is split until that one is alone. Rejects with the signal's reason only, or a mistake of ours.
   */
  async send(request: Request, due: Ms, signal: AbortSignal): Promise<Outcome> {
    const queries = questionsIn(request);
    const trusted = this.trusts;
    const answer = await this.#source.ask(request, { due, excused: this.#isDoubted(queries) }, signal);
    if (answer === undefined) return this.#leaveUnasked(queries);
    const halves = halvesOf(request);
    const isBad = blameOf(answer.found) === 'query';
    if (isBad && halves.length > 0 && !this.#isAlike(answer.found))
      return this.#split(answer.found, halves, signal);
    if (trusted) this.#remember(answer.found, queries, halves);
    await this.#deliver(request, answer);
    return isBad || (halves.length === 0 && isWide(answer.found))
      ? { failed: queries.length, blamed: true }
      : FINE;
  }

  async #split({ is }: Found, halves: readonly Request[], signal: AbortSignal): Promise<Outcome> {
    const { memory, clock } = this.#parts;
    const due = clock.monotonic();
    const outcomes = await Promise.all(halves.map((half) => this.send(half, due, signal)));
    const queries = halves.flatMap(questionsIn);
    const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
    if (failed === queries.length) memory.wereAlike(is, queries, clock.monotonic());
    if (!outcomes.some(({ blamed }) => blamed)) memory.wereTooMuch(queries, clock.monotonic());
    return { failed, blamed: true };
  }

  /** One query that failed, or that may be why others did. */
  #isDoubted([only, ...others]: readonly string[]): boolean {
    const { memory, clock } = this.#parts;
    return (
      others.length === 0 && only !== undefined && memory.companyOf(only, clock.monotonic()) !== undefined
    );
  }

  #isAlike({ is }: Found): boolean {
    return this.#parts.memory.isAlike(is, this.#parts.clock.monotonic());
  }

  /** Learns from what is not split. */
  #remember(found: Found, queries: readonly string[], halves: readonly Request[]): void {
    const { memory, clock } = this.#parts;
    const now = clock.monotonic();
    const [only] = queries;
    const blame = blameOf(found);
    const isAlone = only !== undefined && halves.length === 0;
    if (isAlone && (blame === 'query' || isWide(found))) memory.failedAlone(only, now);
    else if (blame === 'nobody') memory.acquit(queries);
    else if (blame === 'either' && halves.length > 0) memory.suspect(halves.map(questionsIn));
    else if (isAlone && this.#isDoubted(queries)) memory.failedAlone(only, now);
  }

  async #deliver(request: Request, answer: SeriesAnswer): Promise<void> {
    const { clock, telemetry, deliver } = this.#parts;
    const { server, receivedAt, took } = answer;
    for (const { query, reading, obtained } of readingsOf(request, answer.found)) {
      const raw = obtained === 'alone' ? answer.raw : undefined;
      telemetry.add('hpa_bridge_prometheus_queries_total', { server, outcome: outcomeOf(reading) });
      await deliver(query, { reading, server, receivedAt, took, obtained, raw });
      await clock.giveWay();
    }
  }

  /** The same words as long as the server is away: whoever shows them has nothing new to show. */
  async #leaveUnasked(queries: readonly string[]): Promise<Outcome> {
    const { clock, server, deliver } = this.#parts;
    const reading = this.#source.lastFailure;
    const common = {
      reading,
      server: server.name,
      took: ms(0),
      obtained: 'unasked',
      raw: undefined,
    } as const;
    for (const query of queries) {
      await deliver(query, { ...common, receivedAt: clock.now() });
      await clock.giveWay();
    }
    return FINE;
  }
}
