import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { Outcome, Replay } from './replay.ts';

/** A case whose answer differs and no rule explains it. */
export interface Difference {
  readonly id: string;
  readonly expected: Json;
  readonly actual: Json;
}

/** What replaying one file gave. */
export interface Tally {
  readonly total: number;
  readonly same: number;
  /** Cases that differ on purpose, by the rule's name. */
  readonly intended: ReadonlyMap<string, number>;
  readonly different: readonly Difference[];
}

/** A file of recorded cases: its head, and one object per case. */
export interface RecordedFile {
  readonly head: JsonObject;
  readonly cases: readonly JsonObject[];
}

/** A replay that throws has found a difference: the product's own functions do not throw. */
function outcomeOf(replay: Replay, recorded: JsonObject): Outcome {
  try {
    return replay.run(recorded);
  } catch (thrown) {
    const actual = `threw ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
    return { is: 'different', expected: recorded['out'] ?? recorded['expect'] ?? null, actual };
  }
}

/** Replays every case, or undefined when no replay knows such files. */
export function replayFile(file: RecordedFile, replays: readonly Replay[]): Tally | undefined {
  const replay = replays.find((one) => one.knows(file.head));
  if (replay === undefined) return undefined;
  let same = 0;
  const intended = new Map<string, number>();
  const different: Difference[] = [];
  for (const [at, recorded] of file.cases.entries()) {
    const outcome = outcomeOf(replay, recorded);
    if (outcome.is === 'same') same++;
    else if (outcome.is === 'intended') intended.set(outcome.rule, (intended.get(outcome.rule) ?? 0) + 1);
    else
      different.push({
        id: typeof recorded['id'] === 'string' ? recorded['id'] : `#${at}`,
        expected: outcome.expected,
        actual: outcome.actual,
      });
  }
  return { total: file.cases.length, same, intended, different };
}
