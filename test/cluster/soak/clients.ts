import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request, type Dispatcher } from 'undici';
import { between, oneOf } from './chance.ts';
import type { Ledger } from './ledger.ts';

/**
 * For how long a connection is kept over which nothing is under way, in milliseconds: longer than a stable window, so that some lead to pods whose revision is
 * idle already; shorter than what is left to pods that end, because nobody can save a request that meets the end of its connection.
 */
const KEPT = 8_000;
/** How long the app holds a request at most, in milliseconds. */
const HOLD = 400;

export interface Target {
  readonly namespace: string;
  readonly revision: string;
  /** Of the public Service. */
  readonly clusterIP: string;
}

const METHODS: readonly Dispatcher.HttpMethod[] = ['GET', 'POST'];
const BODY = 'x'.repeat(10_000);

/** Clients of revisions, as gateways are: each request over a connection of its own or over one that was kept. None of them sends anything twice. */
export class Clients implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #fresh = new Agent({ pipelining: 0, connections: null });
  readonly #kept = new Agent({ pipelining: 1, connections: null, keepAliveTimeout: KEPT });

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** One request, by a chance GET or POST, fresh or kept, quick or held. Resolves when it is answered or lost. */
  async ask({ namespace, revision, clusterIP }: Target, why: string): Promise<void> {
    const method = oneOf(METHODS);
    const connection = oneOf(['fresh', 'kept'] as const);
    const id = this.#ledger.send(`${revision}-${why}-${method}-${connection}`);
    const began = Date.now();
    try {
      const { statusCode, headers, body } = await request(
        `http://${clusterIP}/?id=${id}&sleep=${Math.round(between(0, HOLD))}`,
        {
          method,
          dispatcher: connection === 'kept' ? this.#kept : this.#fresh,
          headers: { 'knative-serving-namespace': namespace, 'knative-serving-revision': revision },
          body: method === 'POST' ? BODY : null,
        },
      );
      const text = await body.text();
      if (statusCode === 200) this.#ledger.answered(id);
      else this.#ledger.lost(id, `${since(began)}: ${statusCode} ${JSON.stringify(headers)} ${text.trim()}`);
    } catch (thrown) {
      this.#ledger.lost(id, `${since(began)}: ${String(thrown)}`);
    }
  }

  /** So many requests, almost at once. */
  async volley(target: Target, why: string, count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        await sleep(between(0, 50));
        await this.ask(target, why);
      }),
    );
  }

  /** A few each tenth of a second, whether the last ones were answered or not, for so many milliseconds. */
  async steady(target: Target, why: string, duration: number): Promise<void> {
    const asked: Promise<void>[] = [];
    const end = performance.now() + duration;
    while (performance.now() < end) {
      asked.push(this.ask(target, why));
      await sleep(100);
    }
    await Promise.all(asked);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fresh.close();
    await this.#kept.close();
  }
}

const since = (began: number): string =>
  `sent ${new Date(began).toISOString()}, ended after ${Date.now() - began} ms`;
