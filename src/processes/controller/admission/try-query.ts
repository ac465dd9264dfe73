import { trialSentence, untriedSentence, type Trial } from '../../../domain/admission/dry-run.ts';
import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import type { Ms } from '../../../domain/time.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MetricSource } from '../../../ports/metric-source.ts';

export interface TryQueryParts {
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
}

/** At a time: whoever applies a thousand objects asks Prometheus no faster than it answers. */
const AT_ONCE = 4;

/** Asks queries before they are applied, within a budget: what came of it in one sentence, or that there was no time. Never rejects. */
export function queryTrier({
  sourceOf,
  clock,
}: TryQueryParts): (trial: Trial, budget: Ms) => Promise<string | undefined> {
  const room = new Semaphore(AT_ONCE);
  return async (trial, budget) => {
    const stop = new AbortController();
    let cancel = (): void => undefined;
    const late = new Promise<string>((resolve) => {
      cancel = clock.after(budget, () => {
        stop.abort(new Error('no time'));
        resolve(untriedSentence(trial));
      });
    });
    const due = clock.monotonic() + budget;
    const asked = room
      // Whoever got room from one that ran out of time, at that very moment, has none left either.
      .run(async () => {
        if (clock.monotonic() >= due) stop.abort(new Error('no time'));
        stop.signal.throwIfAborted();
        return sourceOf(trial.server).ask({ query: trial.query }, stop.signal);
      }, stop.signal)
      .then(
        ({ reading }) => trialSentence(trial, reading),
        () => untriedSentence(trial),
      );
    try {
      return await Promise.race([asked, late]);
    } finally {
      cancel();
    }
  };
}
