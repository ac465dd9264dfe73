import type { Labels, MetricName } from '../../src/domain/telemetry.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';

/** A telemetry whose series can be read: counters and gauges by value, histograms by the number of observations. */
export class TallyingTelemetry implements Telemetry {
  readonly #series = new Map<string, number>();

  add<N extends MetricName>(name: N, labels: Labels<N>, by = 1): void {
    this.#series.set(seriesOf(name, labels), this.valueOf(name, labels) + by);
  }
  set<N extends MetricName>(name: N, labels: Labels<N>, value: number): void {
    this.#series.set(seriesOf(name, labels), value);
  }
  observe<N extends MetricName>(name: N, labels: Labels<N>): void {
    this.add(name, labels);
  }
  forget<N extends MetricName>(name: N, labels: Labels<N>): void {
    this.#series.delete(seriesOf(name, labels));
  }

  valueOf<N extends MetricName>(name: N, labels: Labels<N>): number {
    return this.#series.get(seriesOf(name, labels)) ?? 0;
  }
}

const seriesOf = (name: string, labels: object): string => `${name}${JSON.stringify(labels)}`;
