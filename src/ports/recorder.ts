import type { BridgeEvent } from '../domain/event.ts';

/** Publishes events. Never throws and never blocks: an event that cannot be written is counted and dropped. */
export interface Recorder {
  publish(event: BridgeEvent): void;
}
