import { FaultError, faultOf } from '../domain/fault.ts';
import { rfc3339 } from '../domain/rfc3339.ts';
import { ms, type Instant, type Ms } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { LeaseRecord, LeaseStore } from '../ports/lease.ts';
import type { Log } from '../ports/log.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { orAborted, withLimit } from './abort.ts';

export interface ElectionTerms {
  /** Who we are in the lease; different for every process that ever runs. */
  readonly identity: string;
  /** Others may take the lease when they saw no renewal for so long. */
  readonly leaseDuration: Ms;
  /** We stop leading when we could not renew for so long. Below `leaseDuration` by more than the longest write may take. */
  readonly renewDeadline: Ms;
  /** Between two tries to get or renew the lease. */
  readonly retryPeriod: Ms;
}

export interface ElectorParts {
  readonly lease: LeaseStore;
  readonly terms: ElectionTerms;
  readonly clock: Clock;
  /** Values in [0, 1), for jitter. */
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Told who holds the lease, whenever that changes; undefined: nobody. */
  readonly onHolder?: (holder: string | undefined) => void;
  /** Told whether we lead, whenever that changes. */
  readonly onLeading?: (leads: boolean) => void;
  /** How long a lease that nobody holds is left to others, as of now; absent: not at all. */
  readonly hesitation?: () => Ms;
}

const NEVER = new AbortController().signal;

/**
 * Leads while the lease is ours. Only durations of our own monotonic clock count: a lease is up when nobody changed its record for its
 * duration since we first saw it so, whatever times are written in it.
 */
export class Elector {
  readonly #parts: ElectorParts;
  readonly #log: Log;
  /** The record as we wrote it last, while nothing says that it changed since. */
  #held: LeaseRecord | undefined;
  #observed: { readonly record: LeaseRecord; readonly at: number } | undefined;
  #holder: string | undefined;
  #leads = false;
  #freeSince: Ms | undefined;
  #isTaking = false;
  #leadUntil = 0;
  #cancelDeadline: () => void = () => undefined;
  #opening = Promise.withResolvers<undefined>();

  /** Throws RangeError on terms under which two could lead at once. */
  constructor(parts: ElectorParts) {
    const { leaseDuration, renewDeadline, retryPeriod } = parts.terms;
    if (!(leaseDuration > renewDeadline && renewDeadline > retryPeriod && retryPeriod > 0))
      throw new RangeError('lease duration > renew deadline > retry period > 0 must hold');
    this.#parts = parts;
    this.#log = parts.log.with({ lease: parts.lease.name });
    parts.telemetry.set('hpa_bridge_leader', { lease: parts.lease.name }, 0);
  }

  /** True only while no other can hold the lease. Asked before every write; it does not depend on timers being on time. */
  isLeading(): boolean {
    return this.#leads && this.#parts.clock.monotonic() < this.#leadUntil;
  }

  /** True while the server is asked to make the lease ours, or to keep it so. */
  isTaking(): boolean {
    return this.#isTaking;
  }

  /** Resolves when we lead, or the signal aborts. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    while (!this.isLeading() && !signal.aborted) {
      if (this.#leads) this.#stepDown('renew deadline passed'); // the timer is late
      await orAborted(this.#opening.promise, signal);
    }
  }

  /** Tries to get and keep the lease until the signal aborts, then gives it back. Abort it after the work that needs it has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, terms } = this.#parts;
    while (!signal.aborted) {
      await this.#attempt(signal);
      await clock.sleep(ms(terms.retryPeriod * (1 + random() / 5)), signal).catch(() => undefined);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      if (this.#held === undefined || !(await this.#renew(this.#held))) await this.#getOrWait(signal);
    } catch (thrown) {
      // What the server did is unknown: it is asked before the next write.
      this.#held = undefined;
      if (signal.aborted) return;
      const { code, message } = faultOf(thrown);
      this.#parts.telemetry.add('hpa_bridge_faults_total', { code });
      this.#log.warn('lease could not be got or renewed', { fault: code, detail: message });
    }
  }

  async #getOrWait(signal: AbortSignal): Promise<void> {
    const { lease } = this.#parts;
    const record = await this.#ask(signal, (within) => lease.read(within));
    if (record === undefined) {
      if (this.#isDue()) await this.#write((within) => lease.create(this.#ours(undefined), within));
      return;
    }
    this.#observe(record);
    if (record.holder === this.#parts.terms.identity) await this.#update(record);
    else if (!this.#isFree(record)) this.#stepDown('another process holds the lease');
    else if (this.#isDue()) await this.#update(record);
  }

  /** False when somebody else wrote the record. */
  async #renew(held: LeaseRecord): Promise<boolean> {
    try {
      await this.#update(held);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof FaultError) || thrown.fault.code !== 'conflict') throw thrown;
      this.#held = undefined;
      return false;
    }
  }

  #update(record: LeaseRecord): Promise<void> {
    const next = { ...this.#ours(record), version: record.version };
    return this.#write((within) => this.#parts.lease.update(next, within));
  }

  /** A write is not given up when we stop: what became of it would be unknown, and the lease could not be given back. */
  async #write(write: (within: AbortSignal) => Promise<LeaseRecord>): Promise<void> {
    // From before the request: whoever sees what we wrote counts from a later moment.
    const begun = this.#parts.clock.monotonic();
    this.#isTaking = true;
    try {
      this.#won(await this.#ask(NEVER, write), begun);
    } finally {
      this.#isTaking = false;
    }
  }

  /** Half the deadline for each request, so that a connection that hangs leaves time for another. */
  #ask<T>(signal: AbortSignal, request: (within: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, terms } = this.#parts;
    return withLimit(clock, ms(terms.renewDeadline / 2), signal, request);
  }

  #ours(before: LeaseRecord | undefined): Omit<LeaseRecord, 'version'> {
    const { clock, terms } = this.#parts;
    const now = micro(clock.now());
    const stays = before?.holder === terms.identity;
    return {
      holder: terms.identity,
      durationSeconds: Math.ceil(terms.leaseDuration / 1000),
      renewTime: now,
      acquireTime: stays ? before.acquireTime : now,
      transitions: before === undefined ? 0 : before.transitions + (stays ? 0 : 1),
    };
  }

  #isFree({ holder, durationSeconds }: LeaseRecord): boolean {
    const { clock, terms } = this.#parts;
    const duration = durationSeconds > 0 ? durationSeconds * 1000 : terms.leaseDuration;
    const free = holder === '' || clock.monotonic() - (this.#observed?.at ?? clock.monotonic()) >= duration;
    if (!free) this.#freeSince = undefined;
    return free;
  }

  /** Whether a free lease has been left to others for long enough. Who leads takes one that has vanished back at once. */
  #isDue(): boolean {
    const now = this.#parts.clock.monotonic();
    this.#freeSince ??= now;
    return this.isLeading() || now - this.#freeSince >= (this.#parts.hesitation?.() ?? 0);
  }

  /** The record's time starts when we see it changed. */
  #observe(record: LeaseRecord): void {
    const before = this.#observed?.record;
    const same =
      before?.holder === record.holder &&
      before.renewTime === record.renewTime &&
      before.version === record.version;
    if (!same) this.#observed = { record, at: this.#parts.clock.monotonic() };
    const holder = record.holder === '' ? undefined : record.holder;
    if (before !== undefined && holder === this.#holder) return;
    this.#holder = holder;
    this.#log.info('lease has a holder', { holder: holder ?? '' });
    this.#parts.onHolder?.(holder);
  }

  #won(record: LeaseRecord, begun: number): void {
    const { clock, terms, telemetry, lease } = this.#parts;
    this.#held = record;
    this.#freeSince = undefined;
    this.#leadUntil = begun + terms.renewDeadline;
    this.#observe(record);
    this.#cancelDeadline();
    const left = ms(this.#leadUntil - clock.monotonic());
    if (left <= 0) return;
    this.#cancelDeadline = clock.after(left, () => this.#stepDown('renew deadline passed'));
    if (this.#leads) return;
    this.#leads = true;
    telemetry.set('hpa_bridge_leader', { lease: lease.name }, 1);
    this.#log.info('leading', { holder: terms.identity });
    this.#parts.onLeading?.(true);
    this.#opening.resolve(undefined);
  }

  #stepDown(reason: string, level: 'info' | 'warn' = 'warn'): void {
    this.#held = undefined;
    this.#cancelDeadline();
    if (!this.#leads) return;
    this.#leads = false;
    this.#opening = Promise.withResolvers();
    this.#parts.telemetry.set('hpa_bridge_leader', { lease: this.#parts.lease.name }, 0);
    this.#log[level]('leading no more', { reason });
    this.#parts.onLeading?.(false);
  }

  /** Leaves the record without a holder, so that another need not wait for its end. */
  async #release(): Promise<void> {
    const { clock, lease, terms } = this.#parts;
    const held = this.isLeading() ? this.#held : undefined;
    this.#stepDown('stopping', 'info');
    if (held === undefined) return;
    const now = micro(clock.now());
    const free = { ...held, holder: '', durationSeconds: 1, renewTime: now, acquireTime: now };
    await withLimit(clock, terms.retryPeriod, NEVER, (within) => lease.update(free, within)).catch(
      (thrown: unknown) =>
        this.#log.warn('lease could not be given back', { detail: faultOf(thrown).message }),
    );
  }
}

/** RFC 3339 with six digits of a second, as Kubernetes writes a MicroTime. */
const micro = (at: Instant): string =>
  `${rfc3339(at).slice(0, -1)}.${String((((at % 1000) + 1000) % 1000) | 0).padStart(3, '0')}000Z`;
