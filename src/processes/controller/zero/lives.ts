import type { Key } from '../../../domain/key.ts';
import type { LifeTold } from '../../../domain/plan/world.ts';
import type { Evidence } from '../../../domain/zero/seen.ts';
import type { LifeState } from '../../../domain/zero/words.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { Census } from '../census.ts';
import { Inquiries, type InquiriesParts } from './inquiries.ts';

/** What plans found of the lives of revisions, for those who count them, ask for them, and have to wake them up. Nothing is decided by it. */
export class Lives {
  readonly #telemetry: Telemetry;
  readonly #inquiries: Inquiries;
  readonly #census: Census<LifeState>;
  readonly #held = new Set<Key>();

  constructor(parts: InquiriesParts) {
    this.#telemetry = parts.telemetry;
    this.#inquiries = new Inquiries(parts);
    this.#census = new Census((state, count) =>
      parts.telemetry.set('hpa_bridge_revision_life', { state }, count),
    );
  }

  /** What the newest plan says; undefined: the bridge keeps nothing of the revision. */
  note(key: Key, life: LifeTold | undefined): void {
    this.#census.note(key, life?.state);
    this.#inquiries.want(key, life?.inquiry);
    if (life?.isHeld === true) this.#held.add(key);
    else this.#held.delete(key);
    if (life?.cancelled !== undefined)
      this.#telemetry.add('hpa_bridge_zero_cancelled_total', { cause: life.cancelled });
  }

  evidence(key: Key): Evidence | undefined {
    return this.#inquiries.evidence(key);
  }

  /** Revisions of which requests go to activators. */
  held(): readonly Key[] {
    return [...this.#held];
  }

  stop(): void {
    this.#inquiries.stop();
  }
}
