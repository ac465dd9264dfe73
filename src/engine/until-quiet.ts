import { faultOf } from '../domain/fault.ts';
import { rfc3339 } from '../domain/rfc3339.ts';
import { minutes, ms, plus, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { LeaseRecord, LeaseStore } from '../ports/lease.ts';
import type { Log } from '../ports/log.ts';
import { withLimit } from './abort.ts';
import type { ElectionTerms } from './elect.ts';

export interface QuietParts {
  readonly terms: ElectionTerms;
  readonly clock: Clock;
  readonly log: Log;
}

/** No two clocks of a cluster are so far apart: what was renewed before is left over from a time that is past. */
const RELIC: Ms = minutes(-60);

/**
 * Resolves when nobody leads under any of these leases any more, or the signal aborts: none has changed for as long as it is to last, by
 * our own clock. One that has no holder is waited for, too, because another process of its kind may be about to take it.
 */
export async function untilQuiet(
  leases: readonly LeaseStore[],
  parts: QuietParts,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(leases.map((lease) => untilUnchanged(lease, parts, signal)));
}

async function untilUnchanged(lease: LeaseStore, parts: QuietParts, signal: AbortSignal): Promise<void> {
  const { terms, clock, log } = parts;
  let seen: { readonly version: string; readonly at: Ms } | undefined;
  while (!signal.aborted) {
    try {
      const record = await withLimit(clock, ms(terms.renewDeadline / 2), signal, (within) =>
        lease.read(within),
      );
      if (record === undefined || isRelic(record, clock)) return;
      const now = clock.monotonic();
      if (seen === undefined)
        log.info('another lease is waited for', { lease: lease.name, holder: record.holder });
      if (seen?.version !== record.version) seen = { version: record.version, at: now };
      if (now - seen.at >= Math.max(terms.leaseDuration, record.durationSeconds * 1000)) return;
    } catch (thrown) {
      if (thrown !== signal.reason)
        log.warn('another lease could not be read', { lease: lease.name, detail: faultOf(thrown).message });
    }
    await clock.sleep(terms.retryPeriod, signal).catch(() => undefined);
  }
}

/** Both are RFC 3339 in UTC, and compare as texts. */
const isRelic = ({ renewTime }: LeaseRecord, clock: Clock): boolean =>
  renewTime < rfc3339(plus(clock.now(), RELIC));
