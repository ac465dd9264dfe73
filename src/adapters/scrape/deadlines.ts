import { ms, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * One deadline for each of many things that get equally long: the first to come is the first to be late, so that one timer watches over all
 * of them.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #wait: Ms;
  readonly #onLate: (thing: T) => void;
  /** When each is late, in the order in which they came. */
  readonly #due = new Map<T, number>();
  #cancel: (() => void) | undefined;

  /** `onLate` is called `wait` after something was added, unless it was removed before. */
  constructor(clock: Clock, wait: Ms, onLate: (thing: T) => void) {
    this.#clock = clock;
    this.#wait = wait;
    this.#onLate = onLate;
  }

  add(thing: T): void {
    this.#due.set(thing, this.#clock.monotonic() + this.#wait);
    this.#cancel ??= this.#clock.after(this.#wait, () => this.#look());
  }

  remove(thing: T): void {
    this.#due.delete(thing);
  }

  /** Nothing is late any more. */
  close(): void {
    this.#cancel?.();
    this.#due.clear();
  }

  #look(): void {
    this.#cancel = undefined;
    for (const [thing, due] of this.#due) {
      const left = due - this.#clock.monotonic();
      if (left > 0) {
        this.#cancel ??= this.#clock.after(ms(left), () => this.#look());
        return;
      }
      this.#due.delete(thing);
      this.#onLate(thing);
    }
  }
}
