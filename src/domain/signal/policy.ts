import type { Ms } from '../time.ts';
import { ms } from '../time.ts';
import type { ZeroFor } from '../prometheus/null-values.ts';

/** What counts once the last good value is too old: what is measured at the pods, the scale as it is, a number of replicas, or nothing. */
export const FALLBACKS = ['auto', 'concurrency', 'hold', 'replicas', 'off'] as const;
export type Fallback = (typeof FALLBACKS)[number];

/** What a query says that gives no series. */
export const EMPTY_RESULTS = ['error', 'zero'] as const;

/** How the answers to a revision's query are judged. */
export interface Policy {
  /** How often the query is asked. */
  readonly interval: Ms;
  /** How long one answer may take. */
  readonly timeout: Ms;
  /** How long answers must have been good without a gap before they may scale down. */
  readonly window: Ms;
  /** How long the last good number counts. */
  readonly staleAfter: Ms;
  readonly fallback: Fallback;
  /** At least 1. */
  readonly fallbackReplicas: number | undefined;
  readonly zeroFor: ZeroFor;
}

/** So many intervals may pass without a good answer before the signal counts as gone: one that is late or lost is no outage. */
const PATIENCE = 2.5;

/** How old a number may be that counts as fresh. */
export const freshFor = ({ interval, timeout }: Policy): Ms => ms(interval * PATIENCE + timeout);
