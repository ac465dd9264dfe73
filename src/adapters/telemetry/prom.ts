import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Series } from '../../domain/series.ts';
import { METRICS, type MetricName } from '../../domain/telemetry.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** The metrics of one process. */
export interface PromTelemetry extends Telemetry {
  /** What `/metrics` answers: Prometheus' text format. */
  render(): Promise<string>;
  readonly contentType: string;
  /** Stops measuring the event loop. */
  close(): void;
}

type LabelValues = Record<string, string>;

interface Collectors {
  readonly counters: Map<string, Counter>;
  readonly gauges: Map<string, Gauge>;
  readonly histograms: Map<string, Histogram>;
}

/** Milliseconds between two readings of the event loop's clock. */
const RESOLUTION = 20;
const QUANTILES = { '0.5': 50, '0.99': 99, '1': 100 } as const;

/** Registers every row of METRICS with a registry of its own, and starts to measure the event loop. */
export function createPromTelemetry(): PromTelemetry {
  const registry = new Registry();
  const collectors: Collectors = { counters: new Map(), gauges: new Map(), histograms: new Map() };
  for (const [name, row] of Object.entries<Series>(METRICS)) register(registry, collectors, { name, ...row });
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION });
  lag.enable();
  return {
    add: (name, labels, by = 1) => found(collectors.counters, name).inc(labels as LabelValues, by),
    set: (name, labels, value) => found(collectors.gauges, name).set(labels as LabelValues, value),
    observe: (name, labels, value) =>
      found(collectors.histograms, name).observe(labels as LabelValues, value),
    forget: (name, labels) => {
      for (const metrics of [collectors.counters, collectors.gauges, collectors.histograms])
        metrics.get(name)?.remove(labels as LabelValues);
    },
    contentType: registry.contentType,
    render: () => {
      const gauge = found(collectors.gauges, 'hpa_bridge_event_loop_lag_seconds');
      // The histogram holds the time between readings; what exceeds the interval asked for is the delay.
      for (const [quantile, percentile] of Object.entries(QUANTILES))
        gauge.set({ quantile }, Math.max(0, lag.percentile(percentile) / 1e9 - RESOLUTION / 1000));
      lag.reset();
      return registry.metrics();
    },
    close: () => void lag.disable(),
  };
}

function register(registry: Registry, into: Collectors, row: Series & { readonly name: string }): void {
  const asked = { name: row.name, help: row.doc, labelNames: [...row.labels], registers: [registry] };
  const start = combinations(row);
  switch (row.type) {
    case 'counter': {
      const counter = new Counter(asked);
      for (const labels of start) counter.inc(labels, 0);
      into.counters.set(row.name, counter);
      return;
    }
    case 'gauge': {
      const gauge = new Gauge(asked);
      if (row.absentUntilSet === true) gauge.remove();
      into.gauges.set(row.name, gauge);
      return;
    }
    case 'histogram': {
      const histogram = new Histogram({ ...asked, ...(row.buckets && { buckets: [...row.buckets] }) });
      for (const labels of start) histogram.zero(labels);
      into.histograms.set(row.name, histogram);
      return;
    }
  }
}

/** Every combination of the labels' known values; none when a label's values are not known. */
function combinations(row: Series): readonly LabelValues[] {
  let all: readonly LabelValues[] = [{}];
  for (const label of row.labels) {
    const values = row.known?.[label] ?? [];
    all = all.flatMap((series) => values.map((value) => ({ ...series, [label]: value })));
  }
  return row.labels.length === 0 ? [] : all;
}

/** A metric of the wrong type is a mistake in our code, which the caller's boundary logs. */
function found<M>(metrics: ReadonlyMap<string, M>, name: MetricName): M {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`${name} is a ${METRICS[name].type}`);
  return metric;
}
