import type { FaultRow } from './fault-row.ts';
import { PROMETHEUS_FAULTS } from './prometheus/faults.ts';
import { RECORD_FAULTS } from './record/faults.ts';
import { SIGNAL_FAULTS } from './signal/faults.ts';
import { SCALE_FAULTS } from './scale/faults.ts';

/** Every failure that we expect, once. `docs/faults.md` is generated from this table. */
export const FAULTS = {
  annotation_invalid: {
    retry: 'never',
    reason: 'InvalidAnnotation',
    http: 400,
    doc: 'An annotation asks for something that cannot be built. What already works stays as it is; the edit is the retry.',
  },
  config_invalid: {
    retry: 'never',
    reason: 'InvalidConfig',
    http: 400,
    doc: 'A ConfigMap or kubeconfig was refused. The last good one stays in force; the edit is the retry.',
  },
  object_invalid: {
    retry: 'never',
    reason: 'InvalidObject',
    http: 422,
    doc: 'An object on the API server lacks a field that we read. Only that object is left alone; others are not affected.',
  },
  not_owned: {
    retry: 'never',
    reason: 'NotOwned',
    http: 409,
    doc: 'An object of the name that we need belongs to somebody else. It is never touched; removing or renaming it is the retry.',
  },
  not_found: {
    retry: 'backoff',
    reason: 'NotFound',
    http: 404,
    doc: 'The object (or its namespace) is gone.',
  },
  kind_not_served: {
    retry: 'backoff',
    reason: 'KindNotServed',
    http: 404,
    doc: 'The API server does not serve this kind, usually because its CustomResourceDefinition is not installed.',
  },
  conflict: {
    retry: 'now',
    reason: 'Conflict',
    http: 409,
    doc: 'The object changed between our read and our write. It is read again and planned anew.',
  },
  already_exists: {
    retry: 'now',
    reason: 'AlreadyExists',
    http: 409,
    doc: 'An object that we wanted to create exists. It is read and planned anew.',
  },
  gone: {
    retry: 'now',
    reason: 'Expired',
    http: 410,
    doc: 'The resource version or continue token is older than the history that the API server keeps. The list is read again.',
  },
  rejected: {
    retry: 'backoff',
    reason: 'Rejected',
    http: 422,
    doc: 'The API server or an admission webhook refused a write; the condition quotes what it said.',
  },
  forbidden: {
    retry: 'backoff',
    reason: 'Forbidden',
    http: 403,
    doc: 'Our ServiceAccount may not do this. The message names the verb and the resource; compare the ClusterRole.',
  },
  unauthorized: {
    retry: 'backoff',
    reason: 'Unauthorized',
    http: 401,
    doc: 'The API server did not accept our credentials. They are read again before the next try.',
  },
  too_many_requests: {
    retry: 'backoff',
    reason: 'TooManyRequests',
    http: 429,
    doc: 'The API server asked us to slow down. Its Retry-After is obeyed.',
  },
  api_unavailable: {
    retry: 'backoff',
    reason: 'ApiUnavailable',
    http: 503,
    doc: 'The API server could not be reached, did not answer in time, or answered with a 5xx.',
  },
  not_leader: {
    retry: 'now',
    reason: 'NotLeader',
    http: 503,
    doc: 'Another process holds the lease, or ours could not be renewed in time. All writes wait until we hold it again.',
  },
  ...PROMETHEUS_FAULTS,
  ...SIGNAL_FAULTS,
  ...RECORD_FAULTS,
  ...SCALE_FAULTS,
  internal: {
    retry: 'backoff',
    reason: 'InternalError',
    http: 500,
    doc: 'A mistake in hpa-bridge. It is logged with its stack and tried again with backoff; please report it.',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;

/** An expected failure as a value. */
export interface Fault {
  readonly code: FaultCode;
  /** One sentence: the field, what is wrong, what would be right. Never a secret. */
  readonly message: string;
  /** The annotation key, ConfigMap key or object field at fault. */
  readonly path?: string;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The one error class that carries a fault across an `await`. */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault, cause?: unknown) {
    super(fault.message, { cause });
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** The fault inside anything thrown; what is not ours is `internal`. */
export const faultOf = (thrown: unknown): Fault =>
  thrown instanceof FaultError
    ? thrown.fault
    : { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) };
