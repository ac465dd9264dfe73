import type { Instant, Ms } from '../time.ts';
import { bounded, type Bounded } from './bounded.ts';
import type { Scaled } from './scaled.ts';
import { toZero, type ZeroReason } from './to-zero.ts';

/** What is to be done with the replicas of a revision. */
export interface Scaling {
  /** The scale that the status tells; negative: unknown. */
  readonly want: number;
  /** How many replicas to have; undefined: leave them as they are. */
  readonly replicas: number | undefined;
  readonly limited: Bounded;
  /** What decided about the last pods, if nobody needs any. */
  readonly zero?: ZeroReason;
  /** Look again after this long, because time alone changes the answer. */
  readonly revisit?: Ms;
  /** Find out, for as long as it takes, whether requests reach the activator; then look again. */
  readonly awaitProof?: true;
}

/** First find out once whether requests reach the activator, and ask again with the answer. */
export interface NeedsProof {
  readonly prove: true;
}

/**
 * From a decision to replicas (serving: pkg/reconciler/autoscaling/kpa/scaler.go). A negative decision is none yet: it moves only a
 * revision that is starting, to what it starts with.
 */
export function scalingOf(
  scaled: Scaled,
  decided: number,
  now: Instant,
  inPath?: boolean,
): Scaling | NeedsProof {
  const starting = scaled.active === undefined || scaled.active.status === 'Unknown';
  if (decided < 0 && !starting) return { want: decided, replicas: undefined, limited: { pods: decided } };
  const limited = bounded(scaled, decided);
  const { pods } = limited;
  // Bounds below zero, set past the admission of Knative, are no number of replicas.
  if (pods !== 0) return { want: pods, replicas: pods < 0 ? undefined : pods, limited };
  const zero = toZero(scaled, now, inPath);
  if (zero.then === 'prove') return { prove: true };
  const { because, revisit } = zero;
  return {
    want: zero.then === 'scale' ? zero.pods : zero.want,
    replicas: zero.then === 'scale' ? zero.pods : undefined,
    limited,
    zero: because,
    ...(revisit === undefined ? {} : { revisit }),
    ...(because === 'activator-not-in-path' ? { awaitProof: true } : {}),
  };
}
