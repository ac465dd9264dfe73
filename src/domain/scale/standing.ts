import type { ScrapeProblem } from './scrape-problem.ts';
import type { DeciderStatus } from './ticks.ts';

/** How it stands with what is measured at the pods of a revision. */
export interface PodStanding {
  readonly status: DeciderStatus;
  /** What has kept the pods from telling anything, for longer than one that is late or lost would. */
  readonly problem: ScrapeProblem | undefined;
}
