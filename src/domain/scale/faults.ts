import type { FaultRow } from '../fault-row.ts';

/** Failures of measuring what pods carry. */
export const SCALE_FAULTS = {
  stat_malformed: {
    retry: 'backoff',
    reason: 'StatMalformed',
    http: 502,
    doc: 'A report about the requests in flight is not the protobuf message that queue-proxies and activators send. It is left out; the next one is a second away.',
  },
  pods_unmeasured: {
    retry: 'backoff',
    reason: 'NotMeasuredYet',
    http: 503,
    doc: 'No pod has told its requests since this process began to ask.',
  },
  pods_unknown: {
    retry: 'backoff',
    reason: 'NoEndpoints',
    http: 503,
    doc: 'How many pods are ready is not known. The replicas stay as they are.',
  },
  pods_seen_before: {
    retry: 'backoff',
    reason: 'DidNotReceiveStat',
    http: 503,
    doc: 'The Service in front of the pods leads only to those that have told their requests already. Once a window has passed without any others, the replicas stay as they are.',
  },
  pods_silent: {
    retry: 'backoff',
    reason: 'CollectionFailed',
    http: 503,
    doc: 'The pods do not tell their requests on port 9090. Once a window has passed without any, the replicas stay as they are.',
  },
} as const satisfies Record<string, FaultRow>;
