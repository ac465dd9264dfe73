import { faultOf } from '../domain/fault.ts';
import { ms, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { withLimit } from './abort.ts';

/** One thing to end, e.g. the workers, the election, the server. */
export interface StopStep {
  readonly name: string;
  /** Resolves when it has ended; should hurry when the signal aborts. */
  readonly stop: (signal: AbortSignal) => Promise<void>;
  /** Left out unless every step before it ended well: what is still being written must not lose its lease to another. */
  readonly onlyAfterClean?: boolean;
}

export type Stopped = 'ended' | 'failed' | 'left out';

const NEVER = new AbortController().signal;

/**
 * Ends one thing after another, all within `deadline`. A step that fails or takes the rest of the time does not keep the later ones from
 * their turn; those then have no time to wait. Never throws; says what became of each step.
 */
export async function stopInOrder(
  steps: readonly StopStep[],
  parts: { readonly clock: Clock; readonly deadline: Ms; readonly log: Log },
): Promise<Readonly<Record<string, Stopped>>> {
  const { clock, deadline, log } = parts;
  const end = clock.monotonic() + deadline;
  const outcome: Record<string, Stopped> = {};
  let clean = true;
  for (const step of steps) {
    if (step.onlyAfterClean === true && !clean) {
      outcome[step.name] = 'left out';
      continue;
    }
    const left = ms(Math.max(0, end - clock.monotonic()));
    try {
      await withLimit(clock, left, NEVER, step.stop);
      outcome[step.name] = 'ended';
    } catch (thrown) {
      clean = false;
      outcome[step.name] = 'failed';
      log.warn('did not stop in time', { process: step.name, detail: faultOf(thrown).message });
    }
  }
  return outcome;
}
