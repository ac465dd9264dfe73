import type { Labels, MetricName } from '../domain/telemetry.ts';

/** Declared metrics only: an undeclared series or a missing label does not compile. */
export interface Telemetry {
  /** Adds to a counter (`by` defaults to 1). */
  add<N extends MetricName>(name: N, labels: Labels<N>, by?: number): void;
  /** Sets a gauge. */
  set<N extends MetricName>(name: N, labels: Labels<N>, value: number): void;
  /** Adds one observation to a histogram. */
  observe<N extends MetricName>(name: N, labels: Labels<N>, value: number): void;
  /** Removes a series, e.g. of a revision that is gone. */
  forget<N extends MetricName>(name: N, labels: Labels<N>): void;
}
