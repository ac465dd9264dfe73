import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import type { Key } from '../../../domain/key.ts';
import type { Answer } from '../../../domain/prometheus/answer.ts';
import { ms } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MetricSource } from '../../../ports/metric-source.ts';
import type { Measures, Wanted } from './keep-measuring.ts';

export interface EachAloneParts {
  readonly sourceOf: (server: PrometheusServer) => MetricSource;
  readonly clock: Clock;
  readonly onAnswer: (key: Key, answer: Answer) => void;
}

/** Asks every query by a request of its own, at its interval. */
export class EachAlone implements Measures {
  readonly #parts: EachAloneParts;
  readonly #asking = new Map<Key, { readonly wanted: string; readonly end: AbortController }>();
  readonly #stop = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();

  constructor(parts: EachAloneParts) {
    this.#parts = parts;
  }

  set(key: Key, wanted: Wanted | undefined): void {
    const text = JSON.stringify(wanted);
    const before = this.#asking.get(key);
    if (before?.wanted === text) return;
    before?.end.abort(new Error('asked differently'));
    this.#asking.delete(key);
    if (wanted === undefined) return;
    const end = new AbortController();
    this.#asking.set(key, { wanted: text, end });
    const asking = this.#ask(key, wanted, AbortSignal.any([end.signal, this.#stop.signal]))
      .catch(() => undefined)
      .finally(() => this.#inFlight.delete(asking));
    this.#inFlight.add(asking);
  }

  async run(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.#stop.abort(signal.reason);
    await Promise.all(this.#inFlight);
  }

  async #ask(key: Key, { server, query, interval }: Wanted, signal: AbortSignal): Promise<void> {
    const { sourceOf, clock, onAnswer } = this.#parts;
    for (;;) {
      onAnswer(key, await sourceOf(server).ask({ query }, signal));
      await clock.sleep(ms(interval), signal);
    }
  }
}
