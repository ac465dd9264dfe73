import { seconds, type Instant, type Ms } from '../time.ts';

interface Slot {
  readonly index: number;
  readonly pods: number;
}

/**
 * The largest number of pods that was decided within a delay (serving: pkg/autoscaler/aggregation/max). Time is cut into slots of one tick,
 * counted since 1970, and a slot keeps the larger one of two decisions: a delay of a single slot is not no delay.
 */
export class DelayWindow {
  readonly delay: Ms;
  readonly #slot: Ms;
  /** How many slots the delay has. */
  readonly #length: number;
  /** From the oldest to the newest, and falling: what is not larger than a later one can never be the largest again. */
  readonly #falling: Slot[] = [];

  /** `delay` is above 0. */
  constructor(delay: Ms, slot: Ms = seconds(2)) {
    this.delay = delay;
    this.#slot = slot;
    this.#length = Math.ceil(delay / slot);
  }

  /** Notes a decision and returns the largest one within the delay, itself included. A clock that was set back stays in the last slot. */
  record(now: Instant, pods: number): number {
    const falling = this.#falling;
    const index = Math.max(Math.floor(now / this.#slot), falling.at(-1)?.index ?? 0);
    let most = pods;
    for (let last = falling.at(-1); last !== undefined; last = falling.at(-1)) {
      if (last.index === index) most = Math.max(most, last.pods);
      else if (last.pods > pods) break;
      falling.pop();
    }
    falling.push({ index, pods: most });
    while (index - (falling[0]?.index ?? index) >= this.#length) falling.shift();
    return falling[0]?.pods ?? most;
  }
}
