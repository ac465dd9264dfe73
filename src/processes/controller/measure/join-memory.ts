import type { Found } from '../../../domain/prometheus/answer.ts';
import { PLAN_LIMITS, type PlanLimits } from '../../../domain/query-plan/plan.ts';
import { minutes, type Ms } from '../../../domain/time.ts';

/** How long a query that failed alone goes on alone, and a server that took no larger request gets smaller ones. */
const REMEMBERED: Ms = minutes(5);
/** Where all that was asked fails alike, splitting finds nobody to blame: so long, a failure is taken for that of all. */
const ALIKE: Ms = minutes(1);
/** Fewer failures than this may be alike by chance. */
const FEW = 5;

/** What one server taught us about asking it much at a time. Readings are of one monotonic clock. */
export class JoinMemory {
  readonly #limits: PlanLimits;
  readonly #apart = new Map<string, Ms>();
  readonly #alike = new Map<Found['is'], Ms>();
  #most: number;
  #smallUntil = 0;

  constructor(limits: PlanLimits = PLAN_LIMITS) {
    this.#limits = limits;
    this.#most = limits.parts;
  }

  limits(now: Ms): PlanLimits {
    if (now >= this.#smallUntil) this.#most = this.#limits.parts;
    return { ...this.#limits, parts: this.#most };
  }

  /** Whether the query travels alone for now. */
  isApart(query: string, now: Ms): boolean {
    const since = this.#apart.get(query);
    if (since === undefined) return false;
    if (now - since < REMEMBERED) return true;
    this.#apart.delete(query);
    return false;
  }

  failedAlone(query: string, now: Ms): void {
    this.#apart.set(query, now);
  }

  forget(query: string): void {
    this.#apart.delete(query);
  }

  /** Whether that failure of a request is that of every query in it. */
  isAlike(fault: Found['is'], now: Ms): boolean {
    const since = this.#alike.get(fault);
    return since !== undefined && now - since < ALIKE;
  }

  /** A request failed, and so many of its queries did when they were asked in smaller ones. */
  wasSplit(fault: Found['is'], queries: readonly string[], failed: number, now: Ms): void {
    if (failed === 0 && queries.length > 1) this.#smaller(now, queries.length);
    if (failed < queries.length || failed < FEW) return;
    this.#alike.set(fault, now);
    for (const query of queries) this.forget(query);
  }

  /** It was the number of queries that was too much. */
  #smaller(now: Ms, parts: number): void {
    this.#most = Math.max(1, Math.min(this.#most, Math.ceil(parts / 2)));
    this.#smallUntil = now + REMEMBERED;
  }
}
