import type { PrometheusServer } from '../../domain/config/prometheus-servers.ts';
import type { MetricSource } from '../../ports/metric-source.ts';
import { PrometheusSource, type MetricSourceParts } from './metric-source.ts';

/**
 * The source of each server, made when it is first asked for. A server that is described anew gets a new one: what is
 * in flight with the old one ends with its answer, and its idle connections close by themselves.
 */
export class PrometheusSources {
  readonly #parts: Omit<MetricSourceParts, 'server'>;
  /** By name and address: two servers may share one of them. */
  readonly #sources = new Map<string, { readonly described: string; readonly source: PrometheusSource }>();

  constructor(parts: Omit<MetricSourceParts, 'server'>) {
    this.#parts = parts;
  }

  readonly of = (server: PrometheusServer): MetricSource => {
    const id = `${server.name} ${server.address}`;
    const described = JSON.stringify(server);
    const known = this.#sources.get(id);
    if (known?.described === described) return known.source;
    const source = new PrometheusSource({ ...this.#parts, server });
    this.#sources.set(id, { described, source });
    return source;
  };

  /** Closes all connections. */
  close(): Promise<void> {
    for (const { source } of this.#sources.values()) source.close();
    this.#sources.clear();
    return Promise.resolve();
  }
}
