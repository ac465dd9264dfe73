import { FaultError } from '../../src/domain/fault.ts';
import { ms } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { LeaseRecord, LeaseStore } from '../../src/ports/lease.ts';

/** What happens to one request. A lost answer is the mean one: the server did it, the client does not know. */
export interface Fate {
  /** On the way there and on the way back, in milliseconds. */
  readonly there: number;
  readonly back: number;
  readonly end: 'good' | 'request lost' | 'answer lost';
}

export const GOOD: Fate = { there: 0, back: 0, end: 'good' };

/** A way to a lease on which requests are slow or get lost. Like a real network it does not recall what was sent when the client gives up. */
export class FlakyLease implements LeaseStore {
  readonly name: string;
  readonly #lease: LeaseStore;
  readonly #clock: Clock;
  readonly #fates: Fate[];
  /** While true, nothing arrives and nothing comes back. */
  cut = false;

  constructor(lease: LeaseStore, clock: Clock, fates: readonly Fate[] = []) {
    this.name = lease.name;
    this.#lease = lease;
    this.#clock = clock;
    this.#fates = [...fates];
  }

  read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return this.#send(() => this.#lease.read(signal));
  }
  create(record: Omit<LeaseRecord, 'version'>, signal: AbortSignal): Promise<LeaseRecord> {
    return this.#send(() => this.#lease.create(record, signal));
  }
  update(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord> {
    return this.#send(() => this.#lease.update(record, signal));
  }

  async #send<T>(request: () => Promise<T>): Promise<T> {
    const fate = this.#fates.shift() ?? GOOD;
    await this.#clock.sleep(ms(fate.there));
    if (this.#isLost(fate, 'request lost')) throw lost('request');
    const answer = await request();
    await this.#clock.sleep(ms(fate.back));
    if (this.#isLost(fate, 'answer lost')) throw lost('answer');
    return answer;
  }

  #isLost(fate: Fate, when: Fate['end']): boolean {
    return this.cut || fate.end === when;
  }
}

const lost = (what: string): FaultError =>
  new FaultError({ code: 'api_unavailable', message: `the ${what} was lost` });
