import { FaultError, type FaultCode } from '../../src/domain/fault.ts';
import type { KubeObject } from '../../src/domain/k8s/meta.ts';
import type { Ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { KubeReader, Page, Selection, WatchEvent } from '../../src/ports/kube.ts';
import { thingObject } from '../builders/thing.ts';

interface Entry {
  readonly version: number;
  readonly event: WatchEvent;
}

/** How a fault shows: the next request or frame fails with the code, or the stream just closes. */
export type Trouble = FaultCode | 'closed';

/**
 * A small truthful API server for one kind: versions, history that expires, lists in pages of one snapshot, watches. Troubles that a test
 * queues hit whatever is asked for or delivered next.
 */
export class ModelServer implements Pick<KubeReader, 'list' | 'watch' | 'served'> {
  readonly #clock: Clock;
  readonly objects = new Map<string, KubeObject>();
  readonly troubles: Trouble[] = [];
  #version = 100;
  #oldest = 100;
  /** The objects as of the oldest version that is kept. */
  #base: ReadonlyMap<string, KubeObject> = new Map();
  #history: Entry[] = [];
  readonly #pageSize: number;
  #changed = Promise.withResolvers<undefined>();

  constructor(clock: Clock, pageSize: number) {
    this.#clock = clock;
    this.#pageSize = pageSize;
  }

  put(name: string): void {
    const object = thingObject(name, String(++this.#version));
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    this.objects.set(name, object);
    this.#record({ type, object });
  }

  delete(name: string): void {
    if (!this.objects.delete(name)) return;
    this.#record({ type: 'DELETED', object: thingObject(name, String(++this.#version)) });
  }

  /** History up to now expires: versions and continue tokens from before are answered with 410. */
  compact(): void {
    this.#base = new Map(this.objects);
    this.#history = [];
    this.#oldest = this.#version;
  }

  /** Puts a trouble in the way of what comes next, also of a stream that waits. */
  trouble(trouble: Trouble): void {
    this.troubles.push(trouble);
    this.#wake();
  }

  async list(_selection: Selection, page: { readonly continue?: string }): Promise<Page> {
    await Promise.resolve();
    this.#fail();
    const [at, from] = page.continue === undefined ? [this.#version, 0] : this.#token(page.continue);
    const all = [...this.#snapshot(at).values()];
    const end = from + this.#pageSize;
    return {
      items: all.slice(from, end),
      resourceVersion: String(at),
      ...(end < all.length ? { continue: `${at}:${end}` } : {}),
    };
  }

  async *watch(
    _selection: Selection,
    from: { readonly resourceVersion: string; readonly timeout: Ms; readonly idle: Ms },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent> {
    let at = Number(from.resourceVersion);
    const timeout = this.#clock.sleep(from.timeout, signal).then(
      () => 'over' as const,
      () => 'over' as const,
    );
    for (;;) {
      await Promise.resolve();
      if (this.#fail() === 'closed') return;
      if (at < this.#oldest) throw new FaultError({ code: 'gone', message: 'too old' });
      const next = this.#history.find((entry) => entry.version > at);
      if (next !== undefined) {
        at = next.version;
        yield next.event;
      } else if ((await Promise.race([timeout, this.#changed.promise])) === 'over') return;
    }
  }

  served(): Promise<boolean> {
    return Promise.resolve(true);
  }

  #token(token: string): readonly [number, number] {
    const [at = 0, from = 0] = token.split(':').map(Number);
    if (at < this.#oldest) throw new FaultError({ code: 'gone', message: 'the continue token expired' });
    return [at, from];
  }

  /** The objects as they were at a version, in the order of their names. */
  #snapshot(at: number): Map<string, KubeObject> {
    const upTo = this.#history.filter((entry) => entry.version <= at);
    const state = new Map(this.#base);
    for (const { event } of upTo) {
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') state.delete(event.object.metadata.name);
      else state.set(event.object.metadata.name, event.object);
    }
    return new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #record(event: WatchEvent): void {
    this.#history.push({ version: this.#version, event });
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }

  #fail(): Trouble | undefined {
    const trouble = this.troubles.shift();
    if (trouble === undefined || trouble === 'closed') return trouble;
    throw new FaultError({ code: trouble, message: `injected ${trouble}` });
  }
}
