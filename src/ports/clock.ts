import type { Instant, Ms } from '../domain/time.ts';

/** Time, so that tests never wait. */
export interface Clock {
  /** Wall time: for timestamps that people and other processes read. */
  now(): Instant;
  /** A reading that only moves forward, with an arbitrary origin: for windows, deadlines and leases. */
  monotonic(): Ms;
  /** Resolves after `wait`, never early. Rejects with the signal's reason when it aborts. */
  sleep(wait: Ms, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `wait`; the returned function cancels it. */
  after(wait: Ms, run: () => void): () => void;
  /**
   * Asked between two pieces of work by whoever has many of them, so that nobody holds up the process: undefined while this turn of the
   * event loop is still short, else a promise that resolves in a later turn. Who asked first goes on first.
   */
  giveWay(): Promise<void> | undefined;
}
