import { ms, type Ms } from '../domain/time.ts';
import type { Alarms, Timed } from '../ports/alarms.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * Alarms for very many things of which few ever ring: one timer for all, and setting or taking back an alarm is a step in a set. While
 * nothing waits there is no timer.
 */
export class TimerWheel implements Alarms {
  readonly #clock: Clock;
  readonly #tick: Ms;
  readonly #slots = new Map<number, Set<Timed>>();
  #turned = 0;
  #waiting = 0;
  #armed = false;

  /** All that falls within one tick rings together: at most two ticks late. */
  constructor(clock: Clock, tick: Ms) {
    this.#clock = clock;
    this.#tick = tick;
  }

  add(timed: Timed, at: Ms): number {
    if (!this.#armed) this.#arm();
    const slot = Math.max(Math.ceil(at / this.#tick), this.#turned + 1);
    const there = this.#slots.get(slot);
    if (there === undefined) this.#slots.set(slot, new Set([timed]));
    else there.add(timed);
    this.#waiting += 1;
    return slot;
  }

  remove(timed: Timed, slot: number): void {
    const there = this.#slots.get(slot);
    if (there?.delete(timed) !== true) return;
    this.#waiting -= 1;
    if (there.size === 0) this.#slots.delete(slot);
  }

  #arm(): void {
    this.#armed = true;
    this.#turned = Math.floor(this.#clock.monotonic() / this.#tick);
    this.#clock.after(this.#tick, this.#turn);
  }

  readonly #turn = (): void => {
    const now = this.#clock.monotonic();
    for (const end = Math.floor(now / this.#tick); this.#turned < end;) {
      this.#turned += 1;
      this.#ring(this.#turned, now);
    }
    this.#armed = this.#waiting > 0;
    // To the next whole tick: a timer that comes a little early would find nothing due.
    if (this.#armed) this.#clock.after(ms((this.#turned + 1) * this.#tick - now), this.#turn);
  };

  #ring(slot: number, now: Ms): void {
    const due = this.#slots.get(slot);
    if (due === undefined) return;
    this.#slots.delete(slot);
    this.#waiting -= due.size;
    for (const timed of due) timed.ring(now);
  }
}
