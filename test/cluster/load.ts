import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { api } from './lab.ts';
import { KINDS } from './kinds.ts';

/** How long the app holds a request. Against it, what a request takes beside is little: in flight at the pods is what was meant. */
export const HOLD = 500;

/**
 * Requests to the pods of a revision, past every proxy, so many at a time. Each comes on a connection of its own, so that kube-proxy spreads
 * them over the pods that are ready.
 */
export class Load implements AsyncDisposable {
  readonly #url: string;
  readonly #agent = new Agent({ pipelining: 0, connections: null });
  readonly #workers = new Set<Promise<void>>();
  #wanted = 0;
  /** Requests that were not answered with 200. */
  failed = 0;

  private constructor(url: string) {
    this.#url = url;
  }

  static async on(namespace: string, revision: string): Promise<Load> {
    const { spec } = await api.get(KINDS.coreService, namespace, `${revision}-private`);
    return new Load(`http://${spec.clusterIP}:80/?sleep=${HOLD}`);
  }

  /** So many requests are in flight from now on. */
  inFlight(count: number): void {
    this.#wanted = count;
    while (this.#workers.size < count) {
      const place = this.#workers.size;
      const worker = this.#work(place).finally(() => this.#workers.delete(worker));
      this.#workers.add(worker);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wanted = 0;
    await Promise.all(this.#workers);
    await this.#agent.close();
  }

  async #work(place: number): Promise<void> {
    while (place < this.#wanted) {
      try {
        const { statusCode, body } = await request(this.#url, { dispatcher: this.#agent, reset: true });
        await body.dump();
        if (statusCode !== 200) throw new Error(String(statusCode));
      } catch {
        this.failed += 1;
        await sleep(20);
      }
    }
  }
}
