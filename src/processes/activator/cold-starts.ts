import type { Pod } from '../../domain/k8s/read/workload.ts';
import type { Key } from '../../domain/key.ts';
import { COLD_START_PHASES, type ColdStartPhase } from '../../domain/throttle/cold-start.ts';
import type { Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

interface Begun {
  readonly at: Ms;
  readonly reached: Map<ColdStartPhase, Ms>;
}

export interface ColdStartsParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** How long it takes from the first request that finds no pod until one serves, by what happens in between. */
export class ColdStarts {
  readonly #parts: ColdStartsParts;
  readonly #begun = new Map<Key, Begun>();

  constructor(parts: ColdStartsParts) {
    this.#parts = parts;
  }

  /** A request has come for a revision without pods. */
  begin(key: Key): void {
    if (!this.#begun.has(key))
      this.#begun.set(key, { at: this.#parts.clock.monotonic(), reached: new Map() });
  }

  /** Something of it has happened; the first time counts. */
  reach(key: Key, phase: ColdStartPhase): void {
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.reached.has(phase)) return;
    const { clock, telemetry, log } = this.#parts;
    const took = (clock.monotonic() - begun.at) as Ms;
    begun.reached.set(phase, took);
    telemetry.observe('hpa_bridge_cold_start_seconds', { phase }, took / 1000);
    if (phase !== 'serving') return;
    this.#begun.delete(key);
    const detail = COLD_START_PHASES.flatMap((name) => {
      const after = begun.reached.get(name);
      return after === undefined ? [] : [`${name} ${Math.round(after)}`];
    }).join(', ');
    log.info('serving again', { key, ms: Math.round(took), detail });
  }

  /** A pod of the revision has changed. */
  saw(key: Key, { status }: Pod): void {
    this.reach(key, 'pod');
    if (status.podIP !== '') this.reach(key, 'address');
  }

  /** Nobody waits any more. */
  forget(key: Key): void {
    this.#begun.delete(key);
  }
}
