import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { beginConditions, type ConditionSet } from '../../../src/domain/k8s/conditions.ts';
import type { Condition, ConditionStatus } from '../../../src/domain/k8s/read/condition.ts';
import { DEPENDENTS } from '../../../src/domain/plan/start.ts';
import { rfc3339 } from '../../../src/domain/rfc3339.ts';
import { desiredScaleAfter, withActivity } from '../../../src/domain/scale/activity.ts';
import { activeThreshold } from '../../../src/domain/scale/bounded.ts';
import { activatorsFor } from '../../../src/domain/scale/burst.ts';
import { instant } from '../../../src/domain/time.ts';
import { compared } from '../compare.ts';
import type { Replay } from '../replay.ts';
import { objectIn, textAt } from '../scaled-object-case.ts';
import { numberOf } from '../texts.ts';
import { anySpec } from './decider.ts';
import { sourceOf } from './scaled.ts';

/** Recorded conditions, by type. */
const conditionsIn = (input: JsonObject): readonly Condition[] =>
  Object.entries(objectIn(input, 'conditions')).map(([type, condition]) => ({
    type,
    status: textAt(condition, 'status') as ConditionStatus,
    reason: textAt(condition, 'reason'),
    message: textAt(condition, 'message'),
    lastTransitionTime: rfc3339(instant(numberOf(objectIn(condition)['sinceMs']))),
  }));

const recordedConditions = ({ current }: ConditionSet): JsonObject =>
  Object.fromEntries(
    current.map(({ type, status, reason, message, lastTransitionTime }): [string, Json] => [
      type,
      {
        status,
        reason: reason ?? '',
        message: message ?? '',
        sinceMs: Date.parse(lastTransitionTime ?? ''),
      },
    ]),
  );

function statusAnswer(input: JsonObject): JsonObject {
  const stored = conditionsIn(input);
  const scaled = {
    ...sourceOf(input),
    reachability: textAt(input, 'reachability'),
    initialized: stored.some(({ type, status }) => type === 'ScaleTargetInitialized' && status === 'True'),
  };
  const [want, ready] = [numberOf(input['want']), numberOf(input['ready'])];
  const threshold = activeThreshold(scaled);
  const begun = beginConditions(stored, DEPENDENTS, instant(numberOf(input['nowMs'])));
  const serviceName = textAt(input, 'serviceName');
  const previous = (input['prevDesired'] ?? null) === null ? undefined : numberOf(input['prevDesired']);
  return {
    activeThreshold: threshold,
    conditions: recordedConditions(withActivity(begun, { want, ready, threshold, serviceName })),
    desiredScale: desiredScaleAfter(previous, want),
    actualScale: ready,
  };
}

/** The conditions that follow the pods, and how many activators are needed. */
export const ACTIVE_CONDITION_REPLAY: Replay = {
  knows: (head) => head['kind'] === 'active_condition',
  run: (recorded) => {
    const input = objectIn(recorded, 'in');
    const answer =
      textAt(input, 'fn') === 'computeStatus'
        ? statusAnswer(input)
        : {
            numActivators: activatorsFor(
              anySpec({
                targetBurstCapacity: numberOf(input['targetBurstCapacity']),
                total: numberOf(input['totalValue']),
                activatorCapacity: numberOf(input['activatorCapacity']),
              }),
              numberOf(input['ready']),
            ),
          };
    return compared(objectIn(recorded, 'out'), answer);
  },
};
