import { outcomeOf, type Answer, type Found, type SeriesAnswer } from '../../../domain/prometheus/answer.ts';
import { blameOf } from '../../../domain/query-plan/blame.ts';
import { halvesOf, questionsIn, readingsOf, type Request } from '../../../domain/query-plan/request.ts';
import { ms, type Ms } from '../../../domain/time.ts';
import { GuardedSource, type GuardedSourceParts } from './guarded-source.ts';
import type { JoinMemory } from './join-memory.ts';

export interface SenderParts extends GuardedSourceParts {
  readonly memory: JoinMemory;
  readonly deliver: (query: string, answer: Answer) => void;
}

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
   * is split until that one is alone. Resolves with how many failed so; rejects with the signal's reason only, or a mistake of ours.
   */
  async send(request: Request, due: Ms, signal: AbortSignal): Promise<number> {
    const queries = questionsIn(request);
    const trusted = this.trusts;
    const answer = await this.#source.ask(request, { due, excused: this.#isDoubted(queries) }, signal);
    if (answer === undefined) return this.#leaveUnasked(queries);
    const halves = halvesOf(request);
    if (blameOf(answer.found) === 'query' && halves.length > 0 && !this.#isAlike(answer.found))
      return this.#split(answer.found, halves, signal);
    if (trusted) this.#remember(answer.found, queries, halves);
    await this.#deliver(request, answer);
    return blameOf(answer.found) === 'query' ? queries.length : 0;
  }

  async #split({ is }: Found, halves: readonly Request[], signal: AbortSignal): Promise<number> {
    const { memory, clock } = this.#parts;
    const now = clock.monotonic();
    const failed = await Promise.all(halves.map((half) => this.send(half, now, signal)));
    const sum = failed.reduce((all, one) => all + one, 0);
    memory.wasSplit(is, halves.flatMap(questionsIn), sum, clock.monotonic());
    return sum;
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
    if (blame === 'nobody') memory.acquit(queries);
    else if (blame === 'either' && halves.length > 0) memory.suspect(halves.map(questionsIn));
    else if (only !== undefined && halves.length === 0 && (blame === 'query' || this.#isDoubted(queries)))
      memory.failedAlone(only, now);
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

  /** The same words as long as the server is away: whoever shows them has nothing new to show. */
  async #leaveUnasked(queries: readonly string[]): Promise<number> {
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
      deliver(query, { ...common, receivedAt: clock.now() });
      await clock.giveWay();
    }
    return 0;
  }
}
