import type { SCALE_FAULTS } from './faults.ts';

/** Why the pods of a revision told nothing. */
export type ScrapeProblem =
  /** How many pods are ready is not known. */
  | { readonly is: 'pods-unknown' }
  /** Too few pods answered; of others than the sample nothing is inferred. */
  | { readonly is: 'pods-exhausted'; readonly answered: number; readonly needed: number }
  /** Every pod asked by its address answered 502 or 503, as a mesh makes them. */
  | { readonly is: 'not-addressable' }
  /** The Service led to pods that had answered before. */
  | { readonly is: 'seen-before' }
  /** One pod or the Service did not answer as it should. */
  | { readonly is: 'unanswered'; readonly message: string }
  /** The Service did not lead to enough pods, for the last reason that was met. */
  | { readonly is: 'too-few-by-service'; readonly needed: number; readonly because: ScrapeProblem };

/** The fault whose reason Knative's Metric gives in its Ready condition (serving: metric_lifecycle.go). */
export function faultOfProblem(problem: ScrapeProblem): keyof typeof SCALE_FAULTS {
  if (problem.is === 'pods-unknown') return 'pods_unknown';
  if (problem.is === 'too-few-by-service') return faultOfProblem(problem.because);
  return problem.is === 'seen-before' ? 'pods_seen_before' : 'pods_silent';
}

/** The problem as one sentence. */
export function sentenceOfProblem(problem: ScrapeProblem): string {
  switch (problem.is) {
    case 'pods-unknown':
      return 'The ready pods could not be counted.';
    case 'pods-exhausted':
      return `Only ${problem.answered} of ${problem.needed} pods that stand for all told their requests.`;
    case 'not-addressable':
      return 'Every pod answered 502 or 503 when asked by its address, as behind a mesh.';
    case 'seen-before':
      return 'The Service led only to pods that had told their requests already.';
    case 'unanswered':
      return problem.message;
    case 'too-few-by-service':
      return `The Service did not lead to ${problem.needed} pods: ${sentenceOfProblem(problem.because)}`;
  }
}

/** True when nothing new is said. Failures that have no name of their own are the same only as the same object. */
export function isSameProblem(a: ScrapeProblem | undefined, b: ScrapeProblem | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || (a.is === b.is && (a.is === 'pods-unknown' || a.is === 'seen-before'));
}
