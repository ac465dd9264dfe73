import { probePause } from '../../domain/throttle/probing.ts';
import { ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PodProbe, Probed } from '../../ports/pod-probe.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface ProbesParts {
  readonly probe: PodProbe;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface Probing {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks several pods again and again until each serves, or is not asked for any more. */
export class Probes {
  readonly #parts: ProbesParts;
  readonly #onProbed: (address: string, came: Probed) => void;
  readonly #running = new Map<string, AbortController>();

  /** `onProbed` hears of every answer. */
  constructor(parts: ProbesParts, onProbed: (address: string, came: Probed) => void) {
    this.#parts = parts;
    this.#onProbed = onProbed;
  }

  /** Makes that these are asked, and no others. */
  keep(addresses: readonly string[], how: (address: string) => Probing): void {
    const wanted = new Set(addresses);
    for (const [address, running] of this.#running)
      if (!wanted.has(address)) {
        this.#running.delete(address);
        running.abort();
      }
    for (const address of addresses) if (!this.#running.has(address)) void this.#ask(address, how(address));
  }

  async #ask(address: string, { origin, headers }: Probing): Promise<void> {
    const { probe, clock, telemetry } = this.#parts;
    const stop = new AbortController();
    const isWanted = (): boolean => !stop.signal.aborted;
    this.#running.set(address, stop);
    const began = clock.monotonic();
    while (isWanted()) {
      const came = await probe.ask(origin, headers, stop.signal);
      if (!isWanted()) return;
      telemetry.add('hpa_bridge_activator_probes_total', { outcome: came });
      if (came === 'serves') this.#running.delete(address);
      this.#onProbed(address, came);
      if (came === 'serves') return;
      const kind = came === 'no-connection' ? came : 'answered';
      const pause = probePause(kind, ms(clock.monotonic() - began));
      await clock.sleep(pause, stop.signal).catch(() => undefined);
    }
  }
}
