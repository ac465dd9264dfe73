import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { BucketWindow } from '../../../src/domain/scale/bucket-window.ts';
import { DelayWindow } from '../../../src/domain/scale/delay-window.ts';
import { instant, ms } from '../../../src/domain/time.ts';
import { compared, recordedNumber } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { listOf, numberOf, textOf } from '../texts.ts';

/** One recorded operation: its name and up to two numbers. */
interface Op {
  readonly name: string;
  readonly at: ReturnType<typeof instant>;
  readonly value: number;
}

const opsOf = (input: JsonObject): readonly Op[] =>
  itemsIn(input, 'ops').map((op) => {
    const [name, at, value] = listOf(op);
    return { name: textOf(name), at: instant(numberOf(at)), value: numberOf(value) };
  });

/** The answers of a window of buckets: averages and emptiness, in the order in which they were asked for. */
function bucketAnswers(window: BucketWindow, weighted: boolean, ops: readonly Op[]): readonly Json[] {
  return ops.flatMap(({ name, at, value }): readonly Json[] => {
    if (name === 'r') window.record(at, value);
    if (name === 'w') window.resize(ms(value), at);
    if (name === 'a') return [recordedNumber(weighted ? window.weightedAverage(at) : window.average(at))];
    return name === 'e' ? [window.isEmpty(at)] : [];
  });
}

/** Linear and weighted windows, and the window of the scale-down delay: operations in, answers out. */
export const WINDOWS_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'windows',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const kind = textAt(input, 'kind');
    const [window, granularity] = [ms(numberOf(input['windowMs'])), ms(numberOf(input['granularityMs']))];
    const ops = opsOf(input);
    const delay = new DelayWindow(window, granularity);
    const results =
      kind === 'max'
        ? ops.map(({ at, value }) => delay.record(at, value))
        : bucketAnswers(new BucketWindow(window, granularity), kind === 'weighted', ops);
    return compared(objectIn(recorded, 'out'), { results });
  },
};
