import type { Pod } from '../../domain/k8s/read/workload.ts';
import type { Key } from '../../domain/key.ts';
import { COLD_START_PHASES, type ColdStartPhase } from '../../domain/throttle/cold-start.ts';
import { ms, type Ms } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

interface Begun {
  readonly at: Ms;
  readonly reached: Map<ColdStartPhase, Ms>;
}

/** All starts of one revision that came to their end. */
export interface Starts {
  readonly count: number;
  /** From the first request until a pod took requests, of all of them together. */
  readonly took: Ms;
}

export interface ColdStartsParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** How long it takes from the first request that finds no pod until one answers, by what happens in between. */
export class ColdStarts {
  readonly #parts: ColdStartsParts;
  readonly #begun = new Map<Key, Begun>();
  readonly #ended = new Map<Key, Starts>();

  constructor(parts: ColdStartsParts) {
    this.#parts = parts;
  }

  /** A request has come for a revision without pods. */
  begin(key: Key): void {
    if (!this.#begun.has(key))
      this.#begun.set(key, { at: this.#parts.clock.monotonic(), reached: new Map() });
  }

  /** Something of it has happened; the first time counts. Cheap where nothing has begun: called for each request. */
  reach(key: Key, phase: ColdStartPhase): void {
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.reached.has(phase)) return;
    // What a pod answers that is on its way out belongs to another life.
    if (phase === 'answered' && !begun.reached.has('serving')) return;
    const { clock, telemetry } = this.#parts;
    const took = ms(clock.monotonic() - begun.at);
    begun.reached.set(phase, took);
    telemetry.observe('hpa_bridge_cold_start_seconds', { phase }, took / 1000);
    if (phase === 'serving') this.#count(key, took);
    if (phase === 'answered') this.forget(key);
  }

  /** A pod of the revision has changed. */
  saw(key: Key, { status }: Pod): void {
    this.reach(key, 'pod');
    if (status.podIP !== '') this.reach(key, 'address');
  }

  /** Nobody waits any more. */
  forget(key: Key): void {
    const begun = this.#begun.get(key);
    if (begun === undefined) return;
    this.#begun.delete(key);
    const took = begun.reached.get('serving');
    if (took === undefined) return;
    const detail = COLD_START_PHASES.flatMap((name) => {
      const after = begun.reached.get(name);
      return after === undefined ? [] : [`${name} ${Math.round(after)}`];
    }).join(', ');
    this.#parts.log.info('serving again', { key, ms: Math.round(took), detail });
  }

  /** Revisions that were started, each with its starts. */
  get ended(): ReadonlyMap<Key, Starts> {
    return this.#ended;
  }

  /** The revision is there no more. */
  gone(key: Key): void {
    this.#ended.delete(key);
  }

  #count(key: Key, took: Ms): void {
    const before = this.#ended.get(key);
    this.#ended.set(key, { count: (before?.count ?? 0) + 1, took: ms((before?.took ?? 0) + took) });
  }
}
