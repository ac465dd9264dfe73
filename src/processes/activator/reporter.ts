import type { Key } from '../../domain/key.ts';
import { ActivatorReports } from '../../domain/scale/activator-reports.ts';
import { writeStatMessages, type StatMessage } from '../../domain/scale/stat-wire.ts';
import { seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

export interface ReporterParts {
  /** Who reports: the name of our pod. */
  readonly podName: string;
  readonly clock: Clock;
  readonly send: (message: Uint8Array) => void;
  /** Called with each report. */
  readonly onReport: () => void;
}

const EVERY = seconds(1);
/** Revisions in one message: about 50 kB. */
const AT_ONCE = 500;

/** Tells those who scale of our requests, as Knative's activators do: each second, and of the first one for a revision at once. */
export class Reporter {
  readonly #parts: ReporterParts;
  readonly #reports: ActivatorReports;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#reports = new ActivatorReports(parts.podName);
  }

  arrived(key: Key): void {
    const first = this.#reports.arrived(key, this.#parts.clock.monotonic());
    if (first !== undefined) this.#send([first]);
  }

  left(key: Key): void {
    this.#reports.left(key, this.#parts.clock.monotonic());
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onReport } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(EVERY, signal).catch(() => undefined);
      const messages = this.#reports.report(clock.monotonic());
      for (let from = 0; from < messages.length; from += AT_ONCE) {
        this.#send(messages.slice(from, from + AT_ONCE));
        await clock.giveWay();
      }
      onReport();
    }
  }

  #send(messages: readonly StatMessage[]): void {
    this.#parts.send(Uint8Array.from(writeStatMessages(messages)));
  }
}
