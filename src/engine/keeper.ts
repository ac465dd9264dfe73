import { faultOf } from '../domain/fault.ts';
import { seconds, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { orAborted } from './abort.ts';
import { backoffAfter } from './backoff.ts';
import { ALWAYS_OPEN, type Gate } from './controller.ts';

export interface KeeperParts {
  /** What is kept, for logs. */
  readonly name: string;
  /** Makes it so; says how long it can be left alone at most. Throws FaultError. */
  readonly task: () => Promise<Ms>;
  /** Nothing is done while it is closed. */
  readonly gate?: Pick<Gate, 'untilOpen'>;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const BACKOFF = { base: seconds(1), max: seconds(60) };

/** Keeps one thing as it should be: looks at it when poked and now and then, one look at a time, and after a failure with backoff. */
export class Keeper {
  readonly #parts: KeeperParts;
  #poked = Promise.withResolvers<undefined>();
  #failures = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Something may have changed. Also heard while the task is running. */
  poke(): void {
    this.#poked.resolve(undefined);
  }

  /** Until the signal aborts; resolves when the last task has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { gate = ALWAYS_OPEN, clock } = this.#parts;
    for (;;) {
      await gate.untilOpen(signal);
      if (signal.aborted) return;
      this.#poked = Promise.withResolvers();
      const wait = await this.#once();
      const done = new AbortController();
      const rest = clock.sleep(wait, done.signal).catch(() => undefined);
      // What failed is not hurried by changes, some of which may be its own doing.
      await orAborted(this.#failures > 0 ? rest : Promise.race([rest, this.#poked.promise]), signal);
      done.abort();
    }
  }

  async #once(): Promise<Ms> {
    const { name, task, random, telemetry, log } = this.#parts;
    try {
      const wait = await task();
      this.#failures = 0;
      return wait;
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      this.#failures += 1;
      telemetry.add('hpa_bridge_faults_total', { code });
      const fields = { resource: name, fault: code, detail: message };
      if (code === 'internal') log.error('could not be kept', { ...fields, cause: thrown });
      else log.warn('could not be kept', fields);
      return backoffAfter(this.#failures, BACKOFF, random);
    }
  }
}
