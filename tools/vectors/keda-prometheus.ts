import { parseBool } from '../../src/domain/go/parse-bool.ts';
import { sameJson, type JsonObject } from '../../src/domain/json.ts';
import { isPrometheusAddress } from '../../src/domain/prometheus-address.ts';
import { numberOf } from '../../src/domain/prometheus/null-values.ts';
import { readAnswer } from '../../src/domain/prometheus/reading.ts';
import { kedaQuantity } from './keda-quantity.ts';
import { KEDA_PROMETHEUS_DIFFERENCES, NOT_OURS } from './keda-prometheus-differences.ts';
import type { Outcome, Replay } from './replay.ts';
import { itemsIn, objectIn, textAt } from './scaled-object-case.ts';
import { numberOf as recordedNumberOf } from './texts.ts';

/** What we answer: `{value, active}`, `{problem: outcome}` or `{refused: "address"}`. */
function answerTo(recorded: JsonObject): JsonObject {
  const input = objectIn(recorded, 'input');
  const metadata = objectIn(input, 'metadata');
  const address = textAt(metadata, 'serverAddress').trim().replace('$SERVER', 'http://prometheus:9090');
  if (!isPrometheusAddress(address)) return { refused: 'address' };
  const answered = { status: recordedNumberOf(input['status']), body: textAt(input, 'body') };
  // KEDA reads neither warnings nor infos.
  const reading = readAnswer(answered, { allowPartial: true });
  const ignore = parseBool(textAt(metadata, 'ignoreNullValues') || 'true');
  const value = numberOf(reading, ignore.ok && ignore.value ? 'nulls' : 'nothing');
  if (value === undefined) return { problem: reading.is };
  const threshold = Number(textAt(metadata, 'activationThreshold') || '0');
  return { value: kedaQuantity(value), active: value > threshold };
}

/** What KEDA answered, in the words of `answerTo`; its reasons for an error are texts of Go's. */
function recordedAnswer(recorded: JsonObject): JsonObject {
  const expect = objectIn(recorded, 'expect');
  if (expect['kind'] !== 'ok') return { problem: textAt(expect, 'kind') };
  const [first] = itemsIn(expect, 'values');
  return { value: textAt(first, 'value'), active: expect['active'] === true };
}

const isError = (expected: JsonObject, actual: JsonObject): boolean =>
  expected['problem'] === 'error' && actual['value'] === undefined;

function outcomeOf(recorded: JsonObject, expected: JsonObject, actual: JsonObject): Outcome {
  if (isError(expected, actual) || sameJson(expected, actual)) return { is: 'same' };
  const rule = KEDA_PROMETHEUS_DIFFERENCES.find((one) => one.explains(recorded, expected, actual));
  return rule === undefined ? { is: 'different', expected, actual } : { is: 'intended', rule: rule.name };
}

/** KEDA's Prometheus scaler: what a server answered, and the value and activity that came of it. */
export const KEDA_PROMETHEUS_REPLAY: Replay = {
  knows: (head) => head['schema'] === 'keda/prometheus-and-resource-scalers/v1',
  run: (recorded) =>
    recorded['section'] === 'query'
      ? outcomeOf(recorded, recordedAnswer(recorded), answerTo(recorded))
      : { is: 'intended', rule: NOT_OURS.name },
};
