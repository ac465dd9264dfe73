import { nameOf, namespaceOf, type Key } from '../key.ts';
import type { Ms } from '../time.ts';
import { RequestStats } from './request-stats.ts';
import type { StatMessage } from './stat-wire.ts';
import { NO_STAT } from './stat.ts';

interface Counted {
  readonly stats: RequestStats;
  inFlight: number;
  /** The first request, if it was reported by itself since the last report. */
  first: 0 | 1;
}

/**
 * What an activator tells of the requests that pass through it (serving: pkg/activator/handler/concurrency_reporter.go): the first one for a
 * revision at once, because nothing scales before it is known, and then once per period, without counting that first one again. Times are
 * readings of a monotonic clock.
 */
export class ActivatorReports {
  readonly #podName: string;
  readonly #revisions = new Map<Key, Counted>();

  /** `podName`: who reports. */
  constructor(podName: string) {
    this.#podName = podName;
  }

  /** A request came in. What it gives is to be sent at once. */
  arrived(key: Key, at: Ms): StatMessage | undefined {
    const known = this.#revisions.get(key);
    const counted = known ?? { stats: new RequestStats(at), inFlight: 0, first: 1 };
    if (known === undefined) this.#revisions.set(key, counted);
    counted.inFlight += 1;
    counted.stats.arrived(at, false);
    return known === undefined ? this.#message(key, 1, 1) : undefined;
  }

  left(key: Key, at: Ms): void {
    const counted = this.#revisions.get(key);
    if (counted === undefined) return;
    counted.inFlight -= 1;
    counted.stats.left(at, false);
  }

  /** Of every revision that had requests since the last report. One without any for a whole period is told as such, and then forgotten. */
  report(at: Ms): readonly StatMessage[] {
    const messages: StatMessage[] = [];
    for (const [key, counted] of this.#revisions) {
      const { averageConcurrentRequests: average, requestCount } = counted.stats.report(at);
      const { first } = counted;
      messages.push(this.#message(key, Math.max(0, average - first), requestCount - first));
      counted.first = 0;
      if (average === 0 && counted.inFlight === 0) this.#revisions.delete(key);
    }
    return messages;
  }

  #message(key: Key, averageConcurrentRequests: number, requestCount: number): StatMessage {
    const stat = { ...NO_STAT, podName: this.#podName, averageConcurrentRequests, requestCount };
    return { namespace: namespaceOf(key), name: nameOf(key), stat };
  }
}
