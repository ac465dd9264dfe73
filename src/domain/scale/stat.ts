import { instant, type Instant } from '../time.ts';

/** What a pod or a proxy reports of about one second (serving: pkg/autoscaler/metrics/stat.proto). */
export interface Stat {
  /** Who reports. */
  readonly podName: string;
  /** Requests in flight, averaged over the time. */
  readonly averageConcurrentRequests: number;
  /** Those among them that came through a proxy, which has reported them itself. */
  readonly averageProxiedConcurrentRequests: number;
  /** Requests that arrived. */
  readonly requestCount: number;
  readonly proxiedRequestCount: number;
  /** Seconds. */
  readonly processUptime: number;
  /** Unix seconds; 0: none given. */
  readonly timestamp: bigint;
}

export const NO_STAT: Stat = {
  podName: '',
  averageConcurrentRequests: 0,
  averageProxiedConcurrentRequests: 0,
  requestCount: 0,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
};

/** What a report adds to what its own reporter has seen first: proxied requests were counted at the proxy. Can be negative. */
export const ownConcurrency = (stat: Stat): number =>
  stat.averageConcurrentRequests - stat.averageProxiedConcurrentRequests;

/** See `ownConcurrency`. */
export const ownRequests = (stat: Stat): number => stat.requestCount - stat.proxiedRequestCount;

/**
 * Whether all of its numbers are some of requests: finite and not below zero. Anything else would stay in windows for ever, and whoever
 * reaches the port may push.
 */
export const isCountable = (stat: Stat): boolean =>
  [
    stat.averageConcurrentRequests,
    stat.averageProxiedConcurrentRequests,
    stat.requestCount,
    stat.proxiedRequestCount,
  ].every((count) => count >= 0 && count <= Number.MAX_SAFE_INTEGER);

/**
 * One report for `total` pods from those of `sample` of them, summed in order: each sum divided by the sample, then multiplied
 * (serving: pkg/autoscaler/metrics/collector.go). Both are above 0.
 */
export function extrapolated(stats: readonly Stat[], sample: number, total: number): Stat {
  let [concurrency, proxied, requests, proxiedRequests] = [0, 0, 0, 0];
  for (const stat of stats) {
    concurrency += stat.averageConcurrentRequests;
    proxied += stat.averageProxiedConcurrentRequests;
    requests += stat.requestCount;
    proxiedRequests += stat.proxiedRequestCount;
  }
  return {
    podName: 'service-scraper',
    averageConcurrentRequests: (concurrency / sample) * total,
    averageProxiedConcurrentRequests: (proxied / sample) * total,
    requestCount: (requests / sample) * total,
    proxiedRequestCount: (proxiedRequests / sample) * total,
    processUptime: 0,
    timestamp: 0n,
  };
}

/**
 * The second that a pushed report counts for: its own, or the one in which it came if it names none. A time that lies ahead counts as now,
 * because windows would take everything that comes until then for too old.
 */
export const reportedAt = ({ timestamp }: Pick<Stat, 'timestamp'>, now: Instant): Instant =>
  instant(Math.min(timestamp === 0n ? now : Number(timestamp) * 1000, now));
