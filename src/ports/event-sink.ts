import type { BridgeEvent } from '../domain/event.ts';
import type { Key } from '../domain/key.ts';
import type { Instant } from '../domain/time.ts';

/** How often an event happened so far, and when it did last. */
export interface Occurrence {
  readonly count: number;
  readonly at: Instant;
}

/** Where Event objects are written. Every method throws `FaultError`. */
export interface EventSink {
  /** Writes a new Event object; gives its key. */
  create(event: BridgeEvent, occurred: Occurrence): Promise<Key>;
  /** Says of an Event object that its event happened again, now with this message. Throws `not_found` when the object expired. */
  increment(existing: Key, occurred: Occurrence, message: string): Promise<void>;
}
