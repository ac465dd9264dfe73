import type { JsonObject } from '../../src/domain/json.ts';
import type { IntendedDifference } from './replay.ts';
import { at, objectIn, textAt } from './scaled-object-case.ts';

const READING = 'docs/decisions/0065-a-reading-is-a-closed-union.md';
const SERVERS = 'docs/decisions/0066-servers-are-configured-by-name.md';

/** The result type that the server's body names. */
function resultType(recorded: JsonObject): string {
  try {
    return textAt(JSON.parse(textAt(recorded, 'input', 'body')) as JsonObject, 'data', 'resultType');
  } catch {
    return '';
  }
}

/** Bodies that are none of Prometheus' answers with a number in it, and what we call them. */
const NO_VALUE = [
  'prometheus_malformed',
  'prometheus_matrix',
  'prometheus_bad_data',
  'prometheus_execution',
  'prometheus_query_timeout',
  'prometheus_canceled',
  'prometheus_failed',
  'prometheus_throttled',
];

const isSuccess = (recorded: JsonObject): boolean => {
  const status = Number(at(recorded, 'input', 'status'));
  return status >= 200 && status < 300;
};

/** The recorded parsing of triggers is not replayed. */
export const NOT_OURS: IntendedDifference = {
  name: 'keda-parses-its-own-triggers',
  reason:
    'The metadata of a trigger is parsed by KEDA, also where we write it: nothing of ours stands for it.',
  decision: SERVERS,
  explains: (recorded) => recorded['section'] === 'metadata',
};

/** Every way in which we are meant to read an answer unlike KEDA. */
export const KEDA_PROMETHEUS_DIFFERENCES: readonly IntendedDifference[] = [
  NOT_OURS,
  {
    name: 'keda-scalar-is-a-number',
    reason: 'A scalar is a number; KEDA takes it for a mistake.',
    decision: READING,
    explains: (recorded, expected, actual) =>
      at(expected, 'problem') === 'error' &&
      resultType(recorded) === 'scalar' &&
      at(actual, 'value') !== undefined,
  },
  {
    name: 'keda-no-value-is-no-zero',
    reason: 'What holds no value, a range, an error or another shape, is told apart from zero.',
    decision: READING,
    explains: (recorded, expected, actual) =>
      at(expected, 'value') !== undefined &&
      isSuccess(recorded) &&
      NO_VALUE.includes(textAt(actual, 'problem')),
  },
  {
    name: 'keda-panic-is-a-fault',
    reason: 'A value that is no text ends in a fault; KEDA panics.',
    decision: READING,
    explains: (_recorded, expected, actual) =>
      at(expected, 'problem') === 'panic' && textAt(actual, 'problem') === 'prometheus_malformed',
  },
  {
    name: 'keda-quantity-without-suffix',
    reason:
      'Above the largest suffix of a quantity a value stays what it is; Kubernetes\u2019 Go library drops it.',
    decision: READING,
    explains: (recorded, expected, actual) =>
      at(expected, 'active') === at(actual, 'active') &&
      at(actual, 'value') !== undefined &&
      /"\d+(?:\.\d+)?e\+?(?:2[1-9]|[3-9]\d|\d{3})"/i.test(textAt(objectIn(recorded, 'input'), 'body')),
  },
  {
    name: 'keda-address-is-a-whole-url',
    reason: 'A server address with a query, user name or fragment is refused; KEDA appends its path to it.',
    decision: 'docs/decisions/0012-a-prometheus-address-is-a-whole-url.md',
    explains: (recorded, _expected, actual) =>
      at(actual, 'refused') === 'address' &&
      /[?#@]/.test(textAt(recorded, 'input', 'metadata', 'serverAddress')),
  },
];
