import type { Ms } from '../time.ts';
import type { Stat } from './stat.ts';

/** The part of a report that a proxy can tell of its own requests. */
export type RequestReport = Pick<
  Stat,
  'averageConcurrentRequests' | 'averageProxiedConcurrentRequests' | 'requestCount' | 'proxiedRequestCount'
>;

const SECOND = 1e9;

/**
 * Requests in flight, averaged over the time between two reports (networking: pkg/http/stats). Times are readings of a monotonic clock; one
 * that lies before the last counts as the last.
 */
export class RequestStats {
  #inFlight = 0;
  #proxiedInFlight = 0;
  /** Whole nanoseconds. */
  #lastChange: number;
  #arrived = 0;
  #proxiedArrived = 0;
  #area = 0;
  #proxiedArea = 0;
  #seconds = 0;

  constructor(startedAt: Ms) {
    this.#lastChange = nanosOf(startedAt);
  }

  /** A request came in; `proxied`: through a proxy that counts it, too. */
  arrived(at: Ms, proxied: boolean): void {
    this.#passTo(at);
    this.#inFlight++;
    this.#arrived++;
    if (!proxied) return;
    this.#proxiedInFlight++;
    this.#proxiedArrived++;
  }

  /** A request is answered. */
  left(at: Ms, proxied: boolean): void {
    this.#passTo(at);
    this.#inFlight--;
    if (proxied) this.#proxiedInFlight--;
  }

  /** What happened since the last report; then counting begins anew, with the requests that are still in flight. */
  report(at: Ms): RequestReport {
    this.#passTo(at);
    const seconds = this.#seconds;
    const told: RequestReport = {
      averageConcurrentRequests: seconds > 0 ? this.#area / seconds : 0,
      averageProxiedConcurrentRequests: seconds > 0 ? this.#proxiedArea / seconds : 0,
      requestCount: this.#arrived,
      proxiedRequestCount: this.#proxiedArrived,
    };
    this.#arrived = 0;
    this.#proxiedArrived = 0;
    this.#area = 0;
    this.#proxiedArea = 0;
    this.#seconds = 0;
    return told;
  }

  #passTo(at: Ms): void {
    const now = nanosOf(at);
    const passed = now - this.#lastChange;
    if (passed <= 0) return;
    const seconds = Math.floor(passed / SECOND) + (passed % SECOND) / SECOND;
    this.#seconds += seconds;
    this.#area += this.#inFlight * seconds;
    this.#proxiedArea += this.#proxiedInFlight * seconds;
    this.#lastChange = now;
  }
}

/** Whole, so that differences are exact. */
const nanosOf = (at: Ms): number => Math.round(at * 1e6);
