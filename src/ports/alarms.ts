import type { Ms } from '../domain/time.ts';

/** What wants to be told that its time has come. */
export interface Timed {
  /** Not before its time, and little later. */
  ring(now: Ms): void;
}

/** Alarms for very many things of which few ever ring. */
export interface Alarms {
  /** Rings once at this reading of the monotonic clock. Gives the slot, by which the alarm can be taken back. */
  add(timed: Timed, at: Ms): number;
  /** Takes an alarm back; nothing happens where it has rung. */
  remove(timed: Timed, slot: number): void;
}
