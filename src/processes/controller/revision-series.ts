import type { Key } from '../../domain/key.ts';
import type { Scaling, World } from '../../domain/plan/world.ts';
import type { DecisionRecord } from '../../domain/record/record.ts';
import { samplesOf, type Moves, type SamplesOfRevision } from '../../domain/revision-metrics/samples.ts';

export interface RevisionSeriesParts {
  readonly observe: (key: Key) => World | undefined;
  /** The newest decision about a revision. */
  readonly newest: (key: Key) => DecisionRecord | undefined;
  /** Whether the series of a revision are told by this process, now: one replica tells them. */
  readonly isTold: (key: Key) => boolean;
}

interface Planned {
  readonly scaling: Scaling;
  readonly moves: Moves;
}

const NO_MOVES: Moves = { up: 0, down: 0 };

/** Tells the series of each revision when somebody asks. It keeps only what is in no cache: what the last plan found, and moves. */
export class RevisionSeries {
  readonly #parts: RevisionSeriesParts;
  readonly #planned = new Map<Key, Planned>();

  constructor(parts: RevisionSeriesParts) {
    this.#parts = parts;
  }

  /** What the newest plan found; undefined: nothing, or the revision is gone or not ours any more. */
  planned(key: Key, scaling: Scaling | undefined): void {
    if (scaling === undefined) this.#planned.delete(key);
    else this.#planned.set(key, { scaling, moves: this.#planned.get(key)?.moves ?? NO_MOVES });
  }

  /** A revision that was planned is to have another number of pods than it has. */
  moved(key: Key, direction: 'up' | 'down'): void {
    const planned = this.#planned.get(key);
    if (planned === undefined) return;
    const { moves } = planned;
    this.#planned.set(key, { ...planned, moves: { ...moves, [direction]: moves[direction] + 1 } });
  }

  /** Looks at a revision when it is its turn, so that who renders them may pause in between. */
  *all(): Iterable<SamplesOfRevision> {
    for (const key of [...this.#planned.keys()]) {
      if (!this.#parts.isTold(key)) continue;
      const planned = this.#planned.get(key);
      const world = this.#parts.observe(key);
      if (planned === undefined || world === undefined) continue;
      yield { key, samples: samplesOf({ world, ...planned, record: this.#parts.newest(key) }) };
    }
  }
}
