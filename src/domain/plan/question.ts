import type { PrometheusServer } from '../config/prometheus-servers.ts';
import type { Comparison } from '../prometheus/desired-pods.ts';
import type { ZeroFor } from '../prometheus/null-values.ts';
import type { Intent, Signal } from './intent.ts';
import { zeroFor } from './policy-of.ts';

/** A query of a revision as it is asked once, and what its answer is compared with. */
export interface PlannedQuestion {
  /** PromQL as it is sent. */
  readonly query: string;
  /** Made from the name of a metric. */
  readonly derived: boolean;
  readonly server: PrometheusServer;
  /** What counts as zero beside numbers. */
  readonly zeroFor: ZeroFor;
  readonly comparison: Comparison;
}

/** What is asked for a revision that scales by this query and has so many replicas. */
export function questionOf(
  { settings, config, bounds }: Intent,
  signal: Extract<Signal, { from: 'query' }>,
  server: PrometheusServer,
  replicas: number,
): PlannedQuestion {
  const metricType = settings.metricType === 'Value' ? 'Value' : 'AverageValue';
  return {
    query: signal.query,
    derived: signal.derived,
    server,
    zeroFor: zeroFor(settings, config.bridge, server),
    comparison: { target: signal.target, metricType, bounds, replicas },
  };
}
