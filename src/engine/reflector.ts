import { faultOf, type Fault } from '../domain/fault.ts';
import type { HasMeta, KubeObject } from '../domain/k8s/meta.ts';
import type { Result } from '../domain/result.ts';
import { minutes, ms, seconds, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubeReader, Selection, WatchEvent } from '../ports/kube.ts';
import type { Log } from '../ports/log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { backoffAfter, type BackoffRange } from './backoff.ts';
import { keyOfObject, ObjectReader, versionOf } from './object-reader.ts';
import type { Store } from './store.ts';
import type { Saw, Seen, StoreOp, WatchState } from './watch-state.ts';
import { step } from './watch-step.ts';

export interface ReflectorParts<T extends HasMeta, I extends string> {
  readonly reader: Pick<KubeReader, 'list' | 'watch' | 'served'>;
  readonly selection: Selection;
  /** What metrics and logs call it; the plural of the kind unless there are several caches of one kind. */
  readonly label?: string;
  /** Makes the view of an object. A fault concerns that object only. */
  readonly parse: (object: KubeObject) => Result<T, Fault>;
  readonly store: Pick<Store<T, I>, 'upsert' | 'remove' | 'replace' | 'get' | 'size' | 'synced'>;
  /** True for a kind that a cluster may do without: while it is not served, its store counts as synced and is empty. */
  readonly optional?: boolean;
  /** Told whether the kind is served, whenever that becomes known or changes. */
  readonly onServed?: (served: boolean) => void;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly timing?: Partial<ReflectorTiming>;
}

export interface ReflectorTiming {
  /** The server is asked to end a stream after this to twice this, so that streams spread over its replicas. */
  readonly watchTimeout: Ms;
  /** A stream silent for so long is dead: bookmarks come about once a minute. */
  readonly idle: Ms;
  /** A stream that lived so long was a good one: it is opened again at once. */
  readonly steady: Ms;
  /** Between looks for a kind that is not served. */
  readonly unserved: Ms;
  readonly backoff: BackoffRange;
}

const TIMING: ReflectorTiming = {
  watchTimeout: minutes(5),
  idle: seconds(90),
  steady: seconds(10),
  unserved: seconds(10),
  backoff: { base: ms(500), max: seconds(30) },
};

/** Objects per page of a list: a page is parsed in one go, and with big objects that must not take long either. */
const PAGE = 200;
const AT_ONCE = ms(0);

/** Keeps a store equal to what the API server says of a kind, through whatever happens to the server and the way to it. */
export class Reflector<T extends HasMeta, I extends string = never> {
  readonly #parts: ReflectorParts<T, I>;
  readonly #timing: ReflectorTiming;
  readonly #resource: string;
  readonly #log: Log;
  #state: WatchState<T> = { at: 'empty' };
  /** Requests and streams in a row that brought nothing. */
  #failures = 0;
  #served: boolean | undefined;
  readonly #objects: ObjectReader<T>;

  constructor(parts: ReflectorParts<T, I>) {
    this.#parts = parts;
    this.#timing = { ...TIMING, ...parts.timing };
    this.#resource = parts.label ?? parts.selection.resource.plural;
    this.#log = parts.log.with({ resource: this.#resource });
    this.#objects = new ObjectReader(parts.parse, (key, version, fault) => {
      parts.telemetry.add('hpa_bridge_objects_unreadable_total', { resource: this.#resource });
      this.#log.warn('object cannot be read', { key, version, detail: fault.message });
    });
    parts.telemetry.set('hpa_bridge_caches_synced', { resource: this.#resource }, 0);
  }

  /** Runs until the signal aborts; nothing else ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.#turn(signal)
        .catch((thrown: unknown) => this.#failed(thrown, signal))
        .catch(() => this.#backoff(AT_ONCE)); // a listener of ours broke, while it was told of a fault
      if (wait > 0) await this.#parts.clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  /** Does what the state calls for, and says how long to wait before the next turn. */
  async #turn(signal: AbortSignal): Promise<Ms> {
    switch (this.#state.at) {
      case 'empty':
        return this.#list(undefined, signal);
      case 'listing':
        return this.#list(this.#state.next, signal);
      case 'listed':
        return this.#watch(this.#state.version, signal);
      case 'watching': // a turn ended without telling; cannot happen, and resuming is right if it does
        await this.#advance({ saw: 'closed' });
        return this.#backoff(AT_ONCE);
    }
  }

  async #list(next: string | undefined, signal: AbortSignal): Promise<Ms> {
    const { reader, selection, clock, telemetry } = this.#parts;
    const from = next === undefined ? { limit: PAGE } : { limit: PAGE, continue: next };
    const page = await reader.list(selection, from, signal);
    const items: Seen<T>[] = [];
    for (const object of page.items) {
      await clock.giveWay();
      items.push(this.#objects.read(object));
    }
    this.#tellServed(true);
    await this.#advance({ saw: 'page', items, version: page.resourceVersion, next: page.continue });
    if (page.continue === undefined) telemetry.add('hpa_bridge_lists_total', { resource: this.#resource });
    return AT_ONCE;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<Ms> {
    const { reader, selection, clock, random, telemetry } = this.#parts;
    const timeout = ms(Math.round(this.#timing.watchTimeout * (1 + random())));
    const opened = clock.monotonic();
    await this.#advance({ saw: 'opened' });
    const from = { resourceVersion, timeout, idle: this.#timing.idle };
    for await (const event of reader.watch(selection, from, signal)) {
      await this.#advance(this.#sawIn(event));
      this.#failures = 0;
      await clock.giveWay();
    }
    if (signal.aborted) return AT_ONCE;
    await this.#advance({ saw: 'closed' });
    telemetry.add('hpa_bridge_watch_restarts_total', { resource: this.#resource, cause: 'closed' });
    if (clock.monotonic() - opened < this.#timing.steady) return this.#backoff(AT_ONCE);
    this.#failures = 0;
    return AT_ONCE;
  }

  #sawIn(event: WatchEvent): Saw<T> {
    if (event.type === 'BOOKMARK') return { saw: 'bookmark', version: event.resourceVersion };
    const version = versionOf(event.object);
    if (event.type !== 'DELETED') return { saw: 'upsert', item: this.#objects.read(event.object), version };
    const key = keyOfObject(event.object);
    this.#objects.forget(key);
    return { saw: 'remove', key, version };
  }

  async #advance(input: Saw<T>): Promise<void> {
    const [next, op] = step(this.#state, input);
    this.#state = next;
    if (op === undefined) return;
    await this.#apply(op);
    const { telemetry, store } = this.#parts;
    telemetry.set('hpa_bridge_cache_objects', { resource: this.#resource }, store.size);
    telemetry.set('hpa_bridge_caches_synced', { resource: this.#resource }, store.synced ? 1 : 0);
  }

  async #apply(op: StoreOp<T>): Promise<void> {
    const { store, optional = false } = this.#parts;
    switch (op.op) {
      case 'upsert':
        store.upsert(op.item);
        return;
      case 'remove':
        store.remove(op.key);
        return;
      case 'replace':
        return store.replace(op.items);
      case 'clear':
        if (optional || store.synced) await store.replace([]);
    }
  }

  async #failed(thrown: unknown, signal: AbortSignal): Promise<Ms> {
    if (signal.aborted) return AT_ONCE;
    const fault = faultOf(thrown);
    const watching = this.#state.at === 'watching';
    if (await this.#isUnserved(fault, signal)) {
      if (this.#tellServed(false)) this.#log.info('kind is not served', { detail: fault.message });
      await this.#advance({ saw: 'unserved' });
      this.#failures = 0;
      return ms(this.#timing.unserved * (0.75 + this.#parts.random() / 2));
    }
    await this.#advance({ saw: fault.code === 'gone' ? 'gone' : 'failed' });
    const { telemetry } = this.#parts;
    telemetry.add('hpa_bridge_faults_total', { code: fault.code });
    if (watching)
      telemetry.add('hpa_bridge_watch_restarts_total', { resource: this.#resource, cause: fault.code });
    const fields = { fault: fault.code, detail: fault.message };
    if (fault.code === 'internal') this.#log.error('cache broke', { ...fields, cause: thrown });
    else this.#log.warn(watching ? 'watch broke' : 'list failed', fields);
    return this.#backoff(ms(fault.retryAfterMs ?? 0));
  }

  /** A 404 may be a passing answer of a server that is starting; discovery has the last word, and silence from it changes nothing. */
  async #isUnserved({ code }: Fault, signal: AbortSignal): Promise<boolean> {
    if (code !== 'kind_not_served' && code !== 'not_found') return false;
    const { reader, selection } = this.#parts;
    return !(await reader.served(selection.resource, signal).catch(() => true));
  }

  /** True when this is news. */
  #tellServed(served: boolean): boolean {
    if (this.#served === served) return false;
    this.#served = served;
    this.#parts.onServed?.(served);
    return true;
  }

  #backoff(least: Ms): Ms {
    this.#failures += 1;
    return ms(least + backoffAfter(this.#failures, this.#timing.backoff, this.#parts.random));
  }
}
