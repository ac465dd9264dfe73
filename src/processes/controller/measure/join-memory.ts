import type { Found } from '../../../domain/prometheus/answer.ts';
import { PLAN_LIMITS, type PlanLimits } from '../../../domain/query-plan/plan.ts';
import { minutes, type Ms } from '../../../domain/time.ts';

/** How long a query that failed alone goes on alone, and a server that took no larger request gets smaller ones. */
const REMEMBERED: Ms = minutes(5);
/** Where all that was asked fails alike, splitting finds nobody to blame: so long, a failure is taken for that of all. */
const ALIKE: Ms = minutes(1);
/** Fewer failures than this may be alike by chance. */
const FEW = 5;

/** Requests are not made smaller than this for everybody because of some. */
const SMALLEST = 10;

/** What one server taught us about asking it much at a time. Readings are of one monotonic clock. */
export class JoinMemory {
  readonly #limits: PlanLimits;
  readonly #apart = new Map<string, Ms>();
  /** Queries of which one may be too much for the server, by the company that they are asked in until that is known. */
  readonly #suspects = new Map<string, string>();
  #companies = 0;
  readonly #alike = new Map<Found['is'], Ms>();
  #most: number;
  #smallUntil = 0;

  constructor(limits: PlanLimits = PLAN_LIMITS) {
    this.#limits = limits;
    this.#most = limits.questions;
  }

  limits(now: Ms): PlanLimits {
    if (now >= this.#smallUntil) this.#most = this.#limits.questions;
    return { ...this.#limits, questions: this.#most };
  }

  /** With whom the query travels; undefined: with everybody else who may. */
  companyOf(query: string, now: Ms): string | undefined {
    return this.#isApart(query, now) ? query : this.#suspects.get(query);
  }

  /** Whether the query failed alone a short while ago. */
  #isApart(query: string, now: Ms): boolean {
    const since = this.#apart.get(query);
    if (since === undefined) return false;
    if (now - since < REMEMBERED) return true;
    this.#apart.delete(query);
    return false;
  }

  failedAlone(query: string, now: Ms): void {
    this.#apart.set(query, now);
    this.#suspects.delete(query);
  }

  /** A request failed, and it cannot be told whether because of one of its queries: the next time, each half of them travels by itself. */
  suspect(halves: readonly (readonly string[])[]): void {
    for (const half of halves) {
      const company = ` ${++this.#companies}`;
      for (const query of half) this.#suspects.set(query, company);
    }
  }

  /** These were answered in one request: none of them is too much. */
  acquit(queries: readonly string[]): void {
    if (this.#suspects.size > 0) for (const query of queries) this.#suspects.delete(query);
  }

  forget(query: string): void {
    this.#apart.delete(query);
    this.#suspects.delete(query);
  }

  /** Whether that failure of a request is that of every query in it. */
  isAlike(fault: Found['is'], now: Ms): boolean {
    const since = this.#alike.get(fault);
    return since !== undefined && now - since < ALIKE;
  }

  /** Every query of a request that failed so failed alone, too. */
  wereAlike(fault: Found['is'], queries: readonly string[], now: Ms): void {
    if (queries.length < FEW) return;
    this.#alike.set(fault, now);
    for (const query of queries) this.forget(query);
  }

  /** Together these failed, and none of them did alone. Of a few, each goes alone; else it was their number, and requests become smaller. */
  wereTooMuch(queries: readonly string[], now: Ms): void {
    const half = Math.ceil(queries.length / 2);
    if (half < SMALLEST) for (const query of queries) this.failedAlone(query, now);
    else {
      this.#most = Math.min(this.#most, half);
      this.#smallUntil = now + REMEMBERED;
    }
  }
}
