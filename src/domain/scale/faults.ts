import type { FaultRow } from '../fault-row.ts';

/** Failures of measuring what pods carry. */
export const SCALE_FAULTS = {
  stat_malformed: {
    retry: 'backoff',
    reason: 'StatMalformed',
    http: 502,
    doc: 'A report about the requests in flight is not the protobuf message that queue-proxies and activators send. It is left out; the next one is a second away.',
  },
} as const satisfies Record<string, FaultRow>;
