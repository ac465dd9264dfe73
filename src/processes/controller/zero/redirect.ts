import type { Key } from '../../../domain/key.ts';
import type { Step } from '../../../domain/plan/world.ts';
import { ms } from '../../../domain/time.ts';
import type { Gate } from '../../../engine/controller.ts';
import { Semaphore } from '../../../engine/semaphore.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';

/** Writes what stands in Endpoints that exist. */
type EndpointsStep = Extract<Step, { do: 'apply' }>;

/** What of a plan requests wait for. */
export const endpointsStep = (steps: readonly Step[]): EndpointsStep | undefined =>
  steps.find((step): step is EndpointsStep => step.do === 'apply' && step.kind === 'Endpoints');

export interface RedirectParts {
  /** Revisions of which requests go to activators. */
  readonly held: () => readonly Key[];
  /** What has to be written for requests of a revision to find those who are there now; undefined: nothing, or not known yet. */
  readonly stepFor: (key: Key) => EndpointsStep | undefined;
  /** Resolves with whether it was written. Never rejects. */
  readonly write: (key: Key, step: EndpointsStep) => Promise<boolean>;
  /** Has a revision planned anew. */
  readonly again: (key: Key) => void;
  readonly gate: Pick<Gate, 'isOpen'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** So many of the connections to the API server that others find some, too. */
const AT_ONCE = 12;

/**
 * Leads requests to other activators when those change, for all revisions at once: ahead of the queue and past its workers, because an address
 * that is gone refuses the requests of thousands. Each write is locked by the version that was read, so that a reconcile of the same
 * revision and this one never undo each other.
 */
export class Redirect {
  readonly #parts: RedirectParts;
  readonly #writes = new Semaphore(AT_ONCE);
  readonly #stop = new AbortController();
  #running = false;
  #again = false;

  constructor(parts: RedirectParts) {
    this.#parts = parts;
  }

  /** Others hold requests than before. A round that runs is followed by another one. */
  start(): void {
    if (this.#running || this.#stop.signal.aborted) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#rounds().catch((cause: unknown) => {
      if (!this.#stop.signal.aborted) this.#parts.log.error('leading requests elsewhere broke', { cause });
    });
  }

  stop(): void {
    this.#stop.abort(new Error('stopping'));
  }

  async #rounds(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#round();
      } while (this.#hasToGoOn());
    } finally {
      this.#running = false;
    }
  }

  #hasToGoOn(): boolean {
    return this.#again && !this.#stop.signal.aborted;
  }

  async #round(): Promise<void> {
    const { held, gate, clock, log } = this.#parts;
    const began = clock.monotonic();
    const writes: Promise<boolean>[] = [];
    for (const key of held()) {
      await clock.giveWay();
      if (this.#stop.signal.aborted || this.#again) break;
      if (gate.isOpen(key)) writes.push(this.#writes.run(() => this.#one(key), this.#stop.signal));
    }
    const written = (await Promise.all(writes)).filter(Boolean).length;
    const took = ms(Math.round(clock.monotonic() - began));
    log.info('led requests to other activators', { count: written, ms: took });
  }

  /** Planned when it is written, not before: meanwhile the world may have moved on. */
  async #one(key: Key): Promise<boolean> {
    const { stepFor, write, again } = this.#parts;
    const step = stepFor(key);
    const isWritten = step !== undefined && (await write(key, step));
    // What could not be written, or not be planned yet, the next reconcile sees to.
    if (!isWritten) again(key);
    return isWritten;
  }
}
