import { FAULTS } from '../../src/domain/fault.ts';
import type { Retry } from '../../src/domain/fault-row.ts';
import { code, page, table } from './markdown.ts';

const RETRIES: Readonly<Record<Retry, string>> = {
  never: 'when something changes',
  now: 'at once',
  backoff: 'later, with backoff',
};

/** docs/faults.md */
export const faultsPage = (): string =>
  page(
    'Faults',
    'Every failure that hpa-bridge expects. The code is in logs and metrics, the reason in conditions and events.',
    table(
      ['code', 'reason', 'tried again', 'HTTP', 'what it means'],
      Object.entries(FAULTS).map(([name, { reason, retry, http, doc }]) => [
        code(name),
        code(reason),
        RETRIES[retry],
        String(http),
        doc,
      ]),
    ),
  );
