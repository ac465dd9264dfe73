import type { JsonObject } from '../json.ts';

/** A Status object that says why a request failed, with its fields in the order in which Go writes them. */
export const failureStatus = ({
  code,
  reason,
  message,
  details,
}: {
  /** The HTTP status code. */
  readonly code: number;
  /** The machine's word for it, as apimachinery has them. */
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject | undefined;
}): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code,
});
