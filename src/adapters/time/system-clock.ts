import { performance } from 'node:perf_hooks';
import { instant, ms, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { Turns } from './turns.ts';

/** The longest wait that one Node timer can hold; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

const monotonic = (): Ms => ms(performance.now());

/** Node timers round to whole milliseconds and may fire a little early, so what is left of the wait is waited again. */
function after(wait: Ms, run: () => void): () => void {
  const due = monotonic() + wait;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const left = Math.ceil(due - monotonic());
    timer = setTimeout(() => (monotonic() < due ? arm() : run()), Math.min(Math.max(left, 0), LONGEST));
  };
  arm();
  return () => clearTimeout(timer);
}

function sleep(wait: Ms, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const cancel = after(wait, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The process has one event loop: everything that works on it shares its turns. */
const turns = new Turns();

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonic,
  sleep,
  after,
  giveWay: () => turns.giveWay(),
};
