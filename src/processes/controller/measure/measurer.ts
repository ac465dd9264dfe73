import type { PrometheusServer } from '../../../domain/config/prometheus-servers.ts';
import type { Key } from '../../../domain/key.ts';
import type { Ms } from '../../../domain/time.ts';
import { ServerAsker, type AskerParts } from './server-asker.ts';

/** What is to be known of a revision. */
export interface Wanted {
  readonly server: PrometheusServer;
  /** PromQL, with its templates filled in. */
  readonly query: string;
  /** From one answer to the next; shorter than a second is a second. */
  readonly interval: Ms;
}

interface Place {
  readonly asker: ServerAsker;
  readonly server: string;
  readonly query: string;
  readonly interval: Ms;
}

/**
 * Keeps asking what is wanted of each key, with as few requests as can be: identical queries once, others joined. A new question is
 * answered within about a second, and then once in every interval.
 */
export class Measurer {
  readonly #parts: AskerParts;
  readonly #places = new Map<Key, Place>();
  /** By everything that is configured of them: a server that is configured otherwise is another one. */
  readonly #askers = new Map<string, ServerAsker>();
  readonly #identities = new WeakMap<PrometheusServer, string>();
  /** Askers that nobody needs any more, until what they have in flight has ended. */
  readonly #ending = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(parts: AskerParts) {
    this.#parts = parts;
  }

  /** What is wanted of the key from now on, or undefined for nothing. The same again changes nothing. */
  set(key: Key, wanted: Wanted | undefined): void {
    const before = this.#places.get(key);
    if (wanted === undefined) {
      this.#places.delete(key);
      if (before !== undefined) this.#leave(key, before);
      return;
    }
    const { query, interval } = wanted;
    const server = this.#identityOf(wanted.server);
    const isElsewhere = before?.server !== server || before.query !== query;
    if (!isElsewhere && before.interval === interval) return;
    const asker = this.#askerOf(wanted.server, server);
    this.#places.set(key, { asker, server, query, interval });
    asker.want(key, query, interval);
    if (before !== undefined && isElsewhere) this.#leave(key, before);
  }

  /** Asks until the signal aborts; resolves when nothing is in flight any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const asker of this.#askers.values()) asker.start(signal);
    if (!signal.aborted)
      await new Promise<unknown>((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await Promise.all([...this.#askers.values()].map((asker) => asker.idle()));
    await Promise.all(this.#ending);
  }

  #askerOf(server: PrometheusServer, identity: string): ServerAsker {
    const known = this.#askers.get(identity);
    if (known !== undefined) return known;
    const asker = new ServerAsker(server, this.#parts);
    this.#askers.set(identity, asker);
    if (this.#signal !== undefined) asker.start(this.#signal);
    return asker;
  }

  #leave(key: Key, { asker, server, query }: Place): void {
    asker.leave(key, query);
    if (!asker.isIdle) return;
    this.#askers.delete(server);
    const ending = asker.idle().finally(() => {
      this.#ending.delete(ending);
      this.#forgetSeries(asker.serverName);
    });
    this.#ending.add(ending);
  }

  /** Of a server that is not asked any more, by whatever configuration. */
  #forgetSeries(server: string): void {
    if ([...this.#askers.values()].some(({ serverName }) => serverName === server)) return;
    this.#parts.telemetry.forget('hpa_bridge_prometheus_circuit_open', { server });
  }

  #identityOf(server: PrometheusServer): string {
    const known = this.#identities.get(server) ?? JSON.stringify(server);
    this.#identities.set(server, known);
    return known;
  }
}
