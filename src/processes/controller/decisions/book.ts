import type { Key } from '../../../domain/key.ts';
import { noted, type DecisionRecord, type Run } from '../../../domain/record/record.ts';
import { Rings } from '../../../engine/rings.ts';

/** Runs of decisions that are kept of one revision, and of all of them: some 4 for each of 10,000. */
const KEPT = { each: 32, overall: 40_000 };

/** Told of each run that begins, with the one before it. */
export type OnRun = (key: Key, run: Run, before: Run | undefined) => void;

/** What was decided about every revision, whoever decided it. Each replica keeps its own. */
export class DecisionBook {
  readonly #runs = new Rings<Run>(KEPT);
  readonly #onRun: OnRun;

  constructor(onRun: OnRun) {
    this.#onRun = onRun;
  }

  /** Takes a decision; undefined: nothing is decided about the revision any more, and what was is forgotten. */
  note(key: Key, record: DecisionRecord | undefined): void {
    if (record === undefined) {
      this.#runs.remove(key);
      return;
    }
    const before = this.#runs.newest(key);
    const run = noted(before, record);
    if (run.count > 1) {
      this.#runs.replaceNewest(key, run);
      return;
    }
    this.#runs.push(key, run);
    this.#onRun(key, run, before);
  }

  newest(key: Key): Run | undefined {
    return this.#runs.newest(key);
  }

  /** The newest first. */
  runs(key: Key): readonly Run[] {
    return this.#runs.all(key).toReversed();
  }

  /** Revisions about which something was decided. */
  keys(): Iterable<Key> {
    return this.#runs.keys();
  }
}
