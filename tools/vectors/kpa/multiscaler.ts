import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { firstStatus, isNews, nextTick, wakes } from '../../../src/domain/scale/ticks.ts';
import { instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn } from '../scaled-object-case.ts';
import { listOf, numberOf } from '../texts.ts';
import { anySpec } from './decider.ts';

/** Ticks and pokes in their order; what the decisions would be is recorded. */
function answerTo(input: JsonObject): JsonObject {
  const created = instant(numberOf(input['createdAtMs']));
  const end = numberOf(input['endMs']);
  const results = itemsIn(input, 'results').map((result) => listOf(result).map(numberOf));
  const pokes = itemsIn(input, 'pokes').map((poke) => listOf(poke).map(numberOf));
  const spec = anySpec({
    targetBurstCapacity: numberOf(input['targetBurstCapacity']),
    total: numberOf(input['totalValue']),
    initialScale: numberOf(input['initialScale']),
  });
  let status = firstStatus(spec);
  const initial: Json = [status.desiredScale, status.excessBurstCapacity];
  const [scaleCalls, informs]: [Json[], Json[]] = [[], []];
  const decideAt = (at: number): void => {
    const [desiredScale = 0, excessBurstCapacity = 0, valid] =
      results[Math.min(scaleCalls.length, results.length - 1)] ?? [];
    const next = valid === 1 ? { desiredScale, excessBurstCapacity } : status;
    if (isNews(status, next)) informs.push(at);
    status = next;
    scaleCalls.push([at, status.desiredScale, status.excessBurstCapacity]);
  };
  let tick = nextTick(created, created);
  const ticksUntil = (at: number): void => {
    for (; tick <= at; tick = nextTick(created, tick)) decideAt(tick);
  };
  for (const [at = 0, averageConcurrentRequests = 0] of pokes) {
    // A tick of the same moment comes first.
    ticksUntil(at);
    if (wakes(status, { averageConcurrentRequests })) decideAt(at);
  }
  ticksUntil(end);
  return { initial, scaleCalls, informs };
}

/** When a revision is decided upon, and when that is news. */
export const MULTISCALER_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'multiscaler',
  run: (recorded) => compared(objectIn(recorded, 'out'), answerTo(objectIn(recorded, 'in'))),
};
