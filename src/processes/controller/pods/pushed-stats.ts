import { keyOf } from '../../../domain/key.ts';
import { isCountable, reportedAt } from '../../../domain/scale/stat.ts';
import { readStatMessages, type StatMessage } from '../../../domain/scale/stat-wire.ts';
import type { Instant } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { StatReceiver } from '../../../ports/stat-receiver.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { PodSignals } from './pod-signals.ts';

export interface PushedStatsParts {
  readonly pods: Pick<PodSignals, 'reported'>;
  /** Told who reports. */
  readonly onReport: (podName: string, at: Instant) => void;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/**
 * Brings what proxies push to the revisions that it is about. Every replica is told everything; a report about a revision that this one
 * does not measure is left out.
 */
export class PushedStats implements StatReceiver {
  readonly #parts: PushedStatsParts;

  constructor(parts: PushedStatsParts) {
    this.#parts = parts;
  }

  async message(bytes: Uint8Array): Promise<void> {
    const { clock, telemetry, log } = this.#parts;
    const read = readStatMessages(bytes);
    telemetry.add('hpa_bridge_stat_messages_total', { outcome: read.ok ? 'read' : 'malformed' });
    if (!read.ok) {
      log.debug('statistics refused', { fault: read.error.code, detail: read.error.message });
      return;
    }
    for (const message of read.value) {
      await clock.giveWay();
      telemetry.add('hpa_bridge_stats_total', { outcome: this.#take(message) });
    }
  }

  #take({ namespace, name, stat }: StatMessage): 'taken' | 'not-measured' | 'empty' | 'implausible' {
    if (stat === undefined) return 'empty';
    if (!isCountable(stat)) return 'implausible';
    const { pods, clock, onReport } = this.#parts;
    onReport(stat.podName, clock.now());
    return pods.reported(keyOf(namespace, name), stat, reportedAt(stat, clock.now()))
      ? 'taken'
      : 'not-measured';
  }
}
