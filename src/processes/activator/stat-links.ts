import { faultOf } from '../../domain/fault.ts';
import { ms, seconds } from '../../domain/time.ts';
import { backoffAfter } from '../../engine/backoff.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { StatDialer, StatLink } from '../../ports/stat-dialer.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface StatLinksParts {
  readonly dialer: StatDialer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const BACKOFF = { base: ms(100), max: seconds(5) };

/** A connection to each of those who want to know of our requests; what breaks is connected again. Nobody waits for it: what cannot be sent is not. */
export class StatLinks {
  readonly #parts: StatLinksParts;
  readonly #led = new Map<string, AbortController>();
  readonly #open = new Set<StatLink>();

  constructor(parts: StatLinksParts) {
    this.#parts = parts;
    this.#tell();
  }

  /** Makes that these `host:port` are connected, and no others. */
  lead(addresses: readonly string[]): void {
    const wanted = new Set(addresses);
    for (const [address, stop] of this.#led)
      if (!wanted.has(address)) {
        this.#led.delete(address);
        stop.abort();
      }
    for (const address of wanted)
      if (!this.#led.has(address)) {
        const stop = new AbortController();
        this.#led.set(address, stop);
        void this.#keep(address, stop.signal);
      }
  }

  /** Over every connection that is open. */
  send(message: Uint8Array): void {
    for (const link of this.#open) link.send(message);
  }

  async #keep(address: string, signal: AbortSignal): Promise<void> {
    const { dialer, clock, random, log } = this.#parts;
    const isWanted = (): boolean => !signal.aborted;
    for (let failures = 0; isWanted();) {
      try {
        const link = await dialer.dial(address, signal);
        failures = 0;
        this.#count(() => this.#open.add(link));
        await link.ended;
        this.#count(() => this.#open.delete(link));
      } catch (thrown) {
        if (isWanted() && failures === 0)
          log.warn('requests cannot be reported', { address, detail: faultOf(thrown).message });
      }
      failures += 1;
      await clock.sleep(backoffAfter(failures, BACKOFF, random), signal).catch(() => undefined);
    }
  }

  #count(change: () => unknown): void {
    change();
    this.#tell();
  }

  #tell(): void {
    this.#parts.telemetry.set('hpa_bridge_stat_links', {}, this.#open.size);
  }
}
