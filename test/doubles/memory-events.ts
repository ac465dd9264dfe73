import type { BridgeEvent } from '../../src/domain/event.ts';
import { FaultError, type Fault } from '../../src/domain/fault.ts';
import { keyOf, namespaceOf, type Key } from '../../src/domain/key.ts';
import type { Instant } from '../../src/domain/time.ts';
import type { EventSink, Occurrence } from '../../src/ports/event-sink.ts';

export interface KeptEvent {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly last: Instant;
}

/** Event objects in memory. */
export class MemoryEvents implements EventSink {
  readonly objects = new Map<Key, KeptEvent>();
  /** While set, every write fails with it. */
  fault: Fault | undefined;
  /** While set, writes wait for it. */
  hold: Promise<void> | undefined;
  #next = 0;

  async create(event: BridgeEvent, { count, at }: Occurrence): Promise<Key> {
    await this.#answer();
    const key = keyOf(namespaceOf(event.about.key), `event-${++this.#next}`);
    this.objects.set(key, { reason: event.reason, message: event.message, count, last: at });
    return key;
  }

  async increment(existing: Key, { count, at }: Occurrence, message: string): Promise<void> {
    await this.#answer();
    const kept = this.objects.get(existing);
    if (kept === undefined) throw new FaultError({ code: 'not_found', message: 'the event expired' });
    this.objects.set(existing, { ...kept, count, message, last: at });
  }

  async #answer(): Promise<void> {
    await this.hold;
    if (this.fault !== undefined) throw new FaultError(this.fault);
  }
}
