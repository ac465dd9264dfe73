import type { FaultRow } from '../fault-row.ts';

/** What can be wrong with a question about decisions. */
export const RECORD_FAULTS = {
  request_invalid: {
    retry: 'never',
    reason: 'BadRequest',
    http: 400,
    doc: 'A request to hpa-bridge has a parameter that cannot be understood.',
  },
} as const satisfies Readonly<Record<string, FaultRow>>;
