import type { Key } from '../../domain/key.ts';
import type { Scaling } from '../../domain/plan/world.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Counts the revisions of our classes by what they scale by and who scales them, in `hpa_bridge_revisions`. */
export class Census {
  readonly #telemetry: Telemetry;
  readonly #of = new Map<Key, Scaling>();
  readonly #counts = new Map<string, number>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** What the newest plan says of the revision; undefined: it is gone, or not ours any more. */
  note(key: Key, now: Scaling | undefined): void {
    const before = this.#of.get(key);
    if (before?.signal === now?.signal && before?.backend === now?.backend) return;
    if (now === undefined) this.#of.delete(key);
    else this.#of.set(key, now);
    if (before !== undefined) this.#change(before, -1);
    if (now !== undefined) this.#change(now, 1);
  }

  #change({ signal, backend }: Scaling, by: 1 | -1): void {
    const series = `${signal} ${backend}`;
    const count = (this.#counts.get(series) ?? 0) + by;
    this.#counts.set(series, count);
    this.#telemetry.set('hpa_bridge_revisions', { signal, backend }, count);
  }
}
