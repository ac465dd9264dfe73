import type { Key } from '../../domain/key.ts';
import type { Scaling } from '../../domain/plan/world.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Counts revisions by what is known of each, so that a gauge can say how many there are of every sort. */
export class Census<T extends string> {
  readonly #tell: (sort: T, count: number) => void;
  readonly #of = new Map<Key, T>();
  readonly #counts = new Map<T, number>();

  /** `tell` is told of each sort whose count changed. */
  constructor(tell: (sort: T, count: number) => void) {
    this.#tell = tell;
  }

  /** What is known of the revision now; undefined: it is gone, or not ours any more. */
  note(key: Key, now: T | undefined): void {
    const before = this.#of.get(key);
    if (before === now) return;
    if (now === undefined) this.#of.delete(key);
    else this.#of.set(key, now);
    if (before !== undefined) this.#change(before, -1);
    if (now !== undefined) this.#change(now, 1);
  }

  #change(sort: T, by: 1 | -1): void {
    const count = (this.#counts.get(sort) ?? 0) + by;
    this.#counts.set(sort, count);
    this.#tell(sort, count);
  }
}

/** Counts revisions by what they scale by and who scales them. */
export const revisionCensus = (telemetry: Telemetry): Census<`${Scaling['signal']} ${Scaling['backend']}`> =>
  new Census((sort, count) => {
    const [signal = '', backend = ''] = sort.split(' ');
    telemetry.set('hpa_bridge_revisions', { signal, backend }, count);
  });
