import type { Key } from '../../../domain/key.ts';
import { concurrencyRecord } from '../../../domain/record/concurrency-record.ts';
import type { Decision } from '../../../domain/scale/decide.ts';
import type { ScaleRecord } from '../../../domain/scale/record.ts';
import type { DecisionBook } from './book.ts';

export interface NotePodsParts {
  readonly book: Pick<DecisionBook, 'newest' | 'note'>;
  /** What became of a decision: a look at all that is known of the revision. */
  readonly recordOf: (key: Key, decision: Decision) => ScaleRecord | undefined;
  /** Replicas that there are; undefined: unknown. */
  readonly replicasOf: (key: Key) => number | undefined;
}

/** Notes decisions about revisions that are scaled by what their pods carry. */
export class NotePods {
  readonly #parts: NotePodsParts;

  constructor(parts: NotePodsParts) {
    this.#parts = parts;
  }

  /**
   * Takes a decision. There is one every two seconds for each revision: only where it is another one than
   * before, or was made by other annotations, is it looked up what became of it.
   */
  decided(key: Key, decision: Decision, news: boolean): void {
    const { book, recordOf, replicasOf } = this.#parts;
    const before = news ? undefined : this.#before(key);
    const from = replicasOf(key);
    const isAlike = before?.decision.pods === decision.pods && before.decision.spec === decision.spec;
    const record = isAlike && from !== undefined ? { ...before, decision, from } : recordOf(key, decision);
    if (record !== undefined) book.note(key, concurrencyRecord(record));
  }

  /** The revision is not scaled by what its pods carry any more. */
  forget(key: Key): void {
    if (this.#before(key) !== undefined) this.#parts.book.note(key, undefined);
  }

  #before(key: Key): ScaleRecord | undefined {
    const record = this.#parts.book.newest(key)?.record;
    return record === undefined || record.signal === 'query' ? undefined : record.scale;
  }
}
