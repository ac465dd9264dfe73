import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { decide, firstMemory, type Memory } from '../../../src/domain/scale/decide.ts';
import type { DeciderSpec } from '../../../src/domain/scale/spec.ts';
import { instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { itemsIn, objectIn, textAt } from '../scaled-object-case.ts';
import { listOf, numberOf } from '../texts.ts';
import { nanosOf } from './scaled.ts';

/** A recorded DeciderSpec. Where its target comes from is not recorded. */
function specOf(spec: JsonObject): DeciderSpec {
  const [target, total] = [numberOf(spec['targetValue']), numberOf(spec['totalValue'])];
  return {
    metric: textAt(spec, 'scalingMetric'),
    target,
    total,
    utilization: target / total,
    from: 'config-autoscaler',
    maxScaleUpRate: numberOf(spec['maxScaleUpRate']),
    maxScaleDownRate: numberOf(spec['maxScaleDownRate']),
    targetBurstCapacity: numberOf(spec['targetBurstCapacity']),
    activatorCapacity: numberOf(spec['activatorCapacity']),
    panicThreshold: numberOf(spec['panicThreshold']),
    stableWindow: nanosOf(spec['stableWindowMs']),
    panicWindow: nanosOf(0),
    scaleDownDelay: nanosOf(spec['scaleDownDelayMs']),
    initialScale: numberOf(spec['initialScale']),
    reachable: spec['reachable'] === true,
    activationScale: numberOf(spec['activationScale']),
  };
}

/** A spec in which only these members matter. */
export const anySpec = (members: Partial<DeciderSpec>): DeciderSpec => ({ ...specOf({}), ...members });

/** What a tick found, by the recorded code: all is well, no data, not collecting, no such pods, pods not counted. */
const FINE = 0;
const PODS_NOT_FOUND = 3;
const PODS_NOT_COUNTED = 4;

/** The rows of a series of ticks, and how often each metric was read. */
function answerTo(input: JsonObject): JsonObject {
  const created = instant(numberOf(input['createdAtMs']));
  const updates = new Map(
    itemsIn(input, 'updates').map((update) => [
      numberOf(objectIn(update)['beforeTick']),
      specOf(objectIn(update, 'spec')),
    ]),
  );
  let spec = specOf(objectIn(input, 'spec'));
  // A count that failed at the start is none.
  let memory: Memory = firstMemory(spec, Math.max(0, numberOf(input['readyAtCreation'])), created);
  const calls = { concurrencyCalls: 0, rpsCalls: 0 };
  const rows = itemsIn(input, 'ticks').map((tick, index): Json => {
    spec = updates.get(index) ?? spec;
    const [at = 0, ready = 0, stable = 0, panic = 0, code = 0] = listOf(tick).map(numberOf);
    if (code !== PODS_NOT_COUNTED) calls[spec.metric === 'rps' ? 'rpsCalls' : 'concurrencyCalls']++;
    const panicOf = ({ peak, panicAt }: Memory): readonly number[] => [peak, panicAt ?? -1];
    if (code !== FINE && code !== PODS_NOT_FOUND) return [0, 0, 0, ...panicOf(memory)];
    // The count that comes beside "not found" is used.
    const seen = { ready, stable, panic };
    const decision = decide(spec, seen, memory, instant(at));
    memory = decision.memory;
    return [decision.pods, decision.excessBurst, 1, ...panicOf(memory)];
  });
  return { rows, ...calls };
}

/** Series of ticks through one decider: what was measured in, pods and panic out. */
export const DECIDER_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'decider',
  run: (recorded) => compared(objectIn(recorded, 'out'), answerTo(objectIn(recorded, 'in'))),
};
