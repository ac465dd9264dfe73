import { ms } from '../domain/time.ts';
import type { Key } from '../domain/key.ts';
import type { LeaseStore } from '../ports/lease.ts';
import { orAborted } from './abort.ts';
import type { Gate } from './controller.ts';
import { Elector, type ElectorParts } from './elect.ts';
import { LruMap } from './lru-map.ts';

export interface LeadershipParts<K extends string> extends Omit<
  ElectorParts,
  'lease' | 'onHolder' | 'onLeading' | 'hesitation'
> {
  /** One for each bucket. */
  readonly leases: readonly LeaseStore[];
  /** The name of the lease under which a key is worked on. */
  readonly bucketOf: (key: K) => string;
  /** Told who holds a lease, whenever that changes; undefined: nobody. */
  readonly onHolder?: (lease: string, holder: string | undefined) => void;
}

/** Told of a bucket that we lead for from now on, or no longer; `has` says which keys are in it. */
export type BucketListener<K extends string> = (has: (key: K) => boolean, leads: boolean) => void;

const REMEMBERED_KEYS = 16_384;

/**
 * Leads for the keys of the buckets whose leases are ours. Who holds fewer leases takes a free one first, so that several processes
 * share them: each waits a retry period for every lease that it has already.
 */
export class Leadership<K extends string = Key> implements Gate<K> {
  readonly #electors: ReadonlyMap<string, Elector>;
  readonly #bucketOf: (key: K) => string;
  readonly #buckets = new LruMap<K, string>(REMEMBERED_KEYS);
  readonly #listeners = new Set<BucketListener<K>>();

  constructor({ leases, bucketOf, onHolder, ...shared }: LeadershipParts<K>) {
    this.#bucketOf = bucketOf;
    const electorOf = (lease: LeaseStore): Elector =>
      new Elector({
        ...shared,
        lease,
        onHolder: (holder) => onHolder?.(lease.name, holder),
        onLeading: (leads) => this.#tell(lease.name, leads),
        hesitation: () => ms(shared.terms.retryPeriod * this.#held()),
      });
    // Each process begins with another one, so that those that start together do not race for the same.
    const first = Math.floor(shared.random() * leases.length);
    const inTurn = [...leases.slice(first), ...leases.slice(0, first)];
    this.#electors = new Map(inTurn.map((lease) => [lease.name, electorOf(lease)]));
  }

  /** True only while no other process can lead for the key. */
  isOpen(key: K): boolean {
    return this.of(key).isLeading();
  }

  /** Who leads for a key. */
  of(key: K): Pick<Elector, 'isLeading' | 'untilOpen'> {
    const bucket = this.#buckets.use(key, () => this.#bucketOf(key));
    const elector = this.#electors.get(bucket);
    if (elector === undefined) throw new RangeError(`there is no lease ${bucket}`);
    return elector;
  }

  /** Resolves when we lead for any bucket, or the signal aborts. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    const electors = [...this.#electors.values()];
    while (!signal.aborted && !electors.some((elector) => elector.isLeading())) {
      const done = new AbortController();
      const opening = electors.map((elector) => elector.untilOpen(done.signal));
      await orAborted(Promise.race(opening), signal);
      done.abort();
    }
  }

  onChange(listener: BucketListener<K>): void {
    this.#listeners.add(listener);
  }

  /** See `Elector.run`, for every lease. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from(this.#electors.values(), (elector) => elector.run(signal)));
  }

  #held(): number {
    return [...this.#electors.values()].filter((elector) => elector.isLeading() || elector.isTaking()).length;
  }

  #tell(bucket: string, leads: boolean): void {
    const has = (key: K): boolean => this.#buckets.use(key, () => this.#bucketOf(key)) === bucket;
    for (const listener of this.#listeners) listener(has, leads);
  }
}
