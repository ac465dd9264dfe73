import type { FaultRow } from '../fault-row.ts';

/** Why there is no value although no answer of Prometheus says so. */
export const SIGNAL_FAULTS = {
  signal_unmeasured: {
    retry: 'backoff',
    reason: 'NotMeasuredYet',
    http: 503,
    doc: 'The query has not been answered since this process started or the query was changed.',
  },
  signal_stale: {
    retry: 'backoff',
    reason: 'SignalStale',
    http: 503,
    doc: 'The query gave a number, but has not been answered since.',
  },
  signal_replicas_unknown: {
    retry: 'backoff',
    reason: 'ReplicasUnknown',
    http: 503,
    doc: 'It is not known how many replicas there are, so that no value can be told which is sure to keep them.',
  },
} as const satisfies Readonly<Record<string, FaultRow>>;
