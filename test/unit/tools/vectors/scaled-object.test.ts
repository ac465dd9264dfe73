import { expect, test } from '@jest/globals';
import { sameJson, type Json, type JsonObject } from '../../../../src/domain/json.ts';
import { readRecorded } from '../../../../tools/vectors/read-file.ts';
import { at, objectIn } from '../../../../tools/vectors/scaled-object-case.ts';
import { SCALED_OBJECT_DIFFERENCES } from '../../../../tools/vectors/scaled-object-differences.ts';
import { answerTo, recordedAnswer } from '../../../../tools/vectors/scaled-object.ts';

const { cases } = readRecorded('test/vectors', 'scaledobject.json.gz');
/** A PodAutoscaler of another class is never planned, so that its rule looks at the question alone. */
const ours = cases.filter(({ group }) => group !== 'class');

const explained = (recorded: JsonObject, actual: Json): string | undefined =>
  SCALED_OBJECT_DIFFERENCES.find((rule) => rule.explains(recorded, recordedAnswer(recorded), actual))?.name;

const withSpec = (answer: JsonObject, changed: JsonObject): JsonObject => ({
  object: { ...objectIn(answer, 'object'), spec: { ...objectIn(answer, 'object', 'spec'), ...changed } },
});

const WRONG: readonly (readonly [string, (answer: JsonObject) => JsonObject])[] = [
  ['another maximum', (answer) => withSpec(answer, { maxReplicaCount: 7 })],
  ['a minimum of 0', (answer) => withSpec(answer, { minReplicaCount: 0 })],
  ['no triggers', (answer) => withSpec(answer, { triggers: [] })],
  ['a field more', (answer) => withSpec(answer, { pollingInterval: 1 })],
];

test.each(WRONG)('no rule explains %s', (_what, wrong) => {
  let judged = 0;
  for (const recorded of ours) {
    const answer = answerTo(recorded);
    // What upstream refuses has nothing to be compared with but the derived query.
    if (at(answer, 'object') === undefined || at(recorded, 'expect', 'kind') !== 'object') continue;
    const spoilt = wrong(answer);
    if (sameJson(spoilt, answer)) continue;
    judged++;
    expect({ id: recorded['id'], rule: explained(recorded, spoilt) }).toEqual({
      id: recorded['id'],
      rule: undefined,
    });
  }
  expect(judged).toBeGreaterThan(100);
});

test('no rule explains that a good object is refused', () => {
  const refusal = { refused: [['autoscaling.knative.dev/scaling-modifiers', 'without reason']] };
  let judged = 0;
  for (const recorded of ours) {
    if (!sameJson(recordedAnswer(recorded), answerTo(recorded))) continue;
    judged++;
    if (at(recorded, 'expect', 'kind') !== 'object') continue;
    expect({ id: recorded['id'], rule: explained(recorded, refusal) }).toEqual({
      id: recorded['id'],
      rule: undefined,
    });
  }
  expect(judged).toBeGreaterThan(100);
});
