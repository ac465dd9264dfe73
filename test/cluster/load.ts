import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { eventually } from './api.ts';
import { KINDS, type Pod } from './kinds.ts';
import { api } from './lab.ts';

/** How long the app holds a request, in milliseconds. Against it, what a request takes beside is little: in flight at the pods is what was meant. */
const HOLD = 500;
/** The same where a case turns on how many are in flight: against this even a machine that has no time now and then is quick. */
export const LONG_HOLD = 2000;
/** Where queue-proxies take requests. */
const PORT = 8012;
/** How often the pods are looked up that the requests go to. */
const LOOK = 100;

/** Where a pod takes requests; nowhere while it is not ready, or on its way out. */
function addressesOf({ metadata, status }: Pod): readonly string[] {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  const address = status?.podIP;
  return ready === true && metadata.deletionTimestamp === undefined && address !== undefined ? [address] : [];
}

interface LoadOptions {
  /** How long the app holds a request, in milliseconds. */
  readonly hold?: number;
  /** Host and port of an activator, or of a Service. */
  readonly through?: string;
}

/**
 * Requests to a revision, so many at a time: through what stands before its pods, or past every proxy. Then they are dealt out to the pods
 * that are ready in turn: what a sample of them carries is like what the others do, and two runs can be compared.
 */
export class Load implements AsyncDisposable {
  readonly #namespace: string;
  readonly #revision: string;
  readonly #hold: number;
  readonly #through: string | undefined;
  readonly #agent = new Agent({ pipelining: 1, connections: null });
  readonly #workers = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  readonly #looking: Promise<void>;
  #pods: readonly string[] = [];
  #turn = 0;
  #wanted = 0;
  /** Requests that were not answered with 200. */
  failed = 0;

  private constructor(namespace: string, revision: string, { hold = HOLD, through }: LoadOptions) {
    this.#namespace = namespace;
    this.#revision = revision;
    this.#hold = hold;
    this.#through = through;
    this.#looking = through === undefined ? this.#look() : Promise.resolve();
  }

  /** To its pods, once one is ready; or at once through what stands before them, whether there are any or not. */
  static async on(namespace: string, revision: string, options: LoadOptions = {}): Promise<Load> {
    const load = new Load(namespace, revision, options);
    if (options.through !== undefined) return load;
    await eventually(() => {
      if (load.#pods.length === 0) throw new Error(`${revision} has no pod that is ready`);
    });
    return load;
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
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#wanted = 0;
    await Promise.all([...this.#workers, this.#looking]);
    await this.#agent.close();
  }

  async #look(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const selector = `?labelSelector=serving.knative.dev%2Frevision%3D${this.#revision}`;
      // Where nobody says which pods there are, they are the ones that were.
      const pods = await api.list(KINDS.pod, this.#namespace, selector).catch(() => undefined);
      if (pods !== undefined) this.#pods = pods.flatMap(addressesOf);
      await sleep(LOOK, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Host and port of the next request. */
  #next(): string {
    if (this.#through !== undefined) return this.#through;
    const pod = this.#pods[this.#turn++ % this.#pods.length];
    if (pod === undefined) throw new Error('no pod is ready');
    return `${pod}:${PORT}`;
  }

  async #work(place: number): Promise<void> {
    while (place < this.#wanted) {
      try {
        const { statusCode, body } = await request(`http://${this.#next()}/?sleep=${this.#hold}`, {
          dispatcher: this.#agent,
          // By these an activator knows whom a request is for.
          headers: {
            'knative-serving-namespace': this.#namespace,
            'knative-serving-revision': this.#revision,
          },
        });
        await body.dump();
        if (statusCode !== 200) throw new Error(String(statusCode));
      } catch {
        this.failed += 1;
        await sleep(20);
      }
    }
  }
}
