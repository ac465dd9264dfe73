import { parseFloat64 } from '../go/parse-float.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { shown } from '../shown.ts';
import { instant, type Instant } from '../time.ts';
import {
  isNumber,
  type FailedReading,
  type Found,
  type NumberReading,
  type Reading,
  type Series,
} from './answer.ts';
import type { PrometheusFault } from './faults.ts';
import { isCutJson } from './json-cut.ts';

/** An HTTP answer, complete as far as HTTP can tell. */
export interface HttpAnswer {
  readonly status: number;
  /** How long a `Retry-After` header asks us to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly body: string;
}

export interface ReadingRules {
  /** Whether a number that came with warnings is a number. */
  readonly allowPartial: boolean;
}

const failed = (is: PrometheusFault, message: string): FailedReading => ({ is, message });

/** Prometheus' own words for what went wrong (prometheus: web/api/v1/api.go). */
const ERROR_TYPES: Readonly<Record<string, readonly [PrometheusFault, string]>> = {
  bad_data: ['prometheus_bad_data', 'Prometheus does not accept the query'],
  execution: ['prometheus_execution', 'Prometheus could not evaluate the query'],
  timeout: ['prometheus_query_timeout', 'Prometheus gave up the query because it took too long'],
  canceled: ['prometheus_canceled', 'Prometheus gave up the query because it was canceled'],
  internal: ['prometheus_failed', 'Prometheus failed'],
  unavailable: ['prometheus_throttled', 'Prometheus is not available now'],
};

const LONGEST = 300;

/** What somebody else wrote, on one line and cut. */
const quoted = (text: string): string => {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
};

/** Reads any HTTP answer to an instant query as one number. Never throws. */
export const readAnswer = (answer: HttpAnswer, rules: ReadingRules): Reading =>
  oneNumberOf(readSeries(answer, rules));

/** The one number of an answer: that of a scalar, or of a vector of exactly one series. */
export function oneNumberOf(found: Found): Reading {
  if (found.is !== 'series') return found;
  const [first] = found.series;
  if (first === undefined)
    return failed(
      'prometheus_empty',
      'The query gives no series: the metric or its labels do not exist, or its target is gone.',
    );
  if (found.series.length > 1)
    return failed(
      'prometheus_several',
      `The query gives ${found.series.length} series: expected one number, for example by sum() around the query.`,
    );
  return first.reading;
}

/** Reads any HTTP answer to an instant query, with all of its series. Never throws. */
export function readSeries(answer: HttpAnswer, rules: ReadingRules): Found {
  const body = parsed(answer.body);
  const refusal = isJsonObject(body) && body['status'] === 'error' ? refusalIn(body) : undefined;
  const throttled = answer.status === 429 || (answer.status === 503 && refusal === undefined);
  if (throttled) return overloaded(answer, body);
  if (refusal !== undefined) return { ...refusal, ...waitOf(answer) };
  if (answer.status < 200 || answer.status > 299) return ofStatus(answer);
  if (body !== undefined) return ofBody(body, rules);
  if (isCutJson(answer.body))
    return failed(
      'prometheus_truncated',
      `The answer ends after ${answer.body.length} characters, before it is complete.`,
    );
  return failed('prometheus_malformed', `The answer is not JSON: ${shown(answer.body)}.`);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const waitOf = ({ retryAfterMs }: HttpAnswer): { readonly retryAfterMs?: number } =>
  retryAfterMs === undefined ? {} : { retryAfterMs };

function overloaded(answer: HttpAnswer, body: Json | undefined): FailedReading {
  const said = isJsonObject(body) && typeof body['error'] === 'string' ? `: ${quoted(body['error'])}` : '';
  return {
    ...failed('prometheus_throttled', `The answer is ${answer.status}, too busy${said}.`),
    ...waitOf(answer),
  };
}

function refusalIn(body: JsonObject): FailedReading | undefined {
  const type = wordOf(body['errorType']);
  const known = Object.hasOwn(ERROR_TYPES, type) ? ERROR_TYPES[type] : undefined;
  if (known === undefined) return undefined;
  const [is, says] = known;
  const error = typeof body['error'] === 'string' ? body['error'] : '';
  return failed(is, `${says}${error === '' ? '' : `: ${quoted(error)}`}.`);
}

function ofStatus({ status, body }: HttpAnswer): FailedReading {
  const said = quoted(body) === '' ? '' : `: ${shown(quoted(body))}`;
  if (status === 401 || status === 403)
    return failed(
      'prometheus_unauthorized',
      `The answer is ${status}, our credentials are not accepted${said}.`,
    );
  if (status >= 300 && status < 400)
    return failed(
      'prometheus_redirect',
      `The answer is ${status}, a redirect, which is not followed: expected the final address.`,
    );
  if (status >= 400 && status < 500)
    return failed(
      'prometheus_rejected',
      `The answer is ${status}${said}; the address or path prefix may be wrong.`,
    );
  return failed('prometheus_failed', `The answer is ${status}${said}.`);
}

const malformed = (what: string): FailedReading =>
  failed('prometheus_malformed', `The answer is not one of Prometheus' to a query: ${what}.`);

function ofBody(body: Json, rules: ReadingRules): Found {
  if (!isJsonObject(body)) return malformed('expected a JSON object');
  if (body['status'] === 'error')
    return malformed(`it is an error of the unknown type ${shown(wordOf(body['errorType']))}`);
  if (body['status'] !== 'success') return malformed('expected status "success"');
  const { data } = body;
  if (!isJsonObject(data)) return malformed('expected data as an object');
  const found = ofData(data);
  const warnings = warningsIn(body);
  if (warnings.length > 0 && !rules.allowPartial) return failed('prometheus_partial', partial(warnings));
  const said = [...warnings, ...textsIn(body['infos'])].map(quoted);
  if (said.length === 0) return found;
  const warned = (reading: Reading): Reading =>
    isNumber(reading) ? { ...reading, warnings: said } : reading;
  if (found.is !== 'series') return warned(found);
  return { is: 'series', series: found.series.map((one) => ({ ...one, reading: warned(one.reading) })) };
}

/** VictoriaMetrics (docs/victoriametrics/Cluster-VictoriaMetrics.md) does not warn of storage that was away: it says isPartial. */
const warningsIn = (body: JsonObject): readonly string[] => [
  ...textsIn(body['warnings']),
  ...(body['isPartial'] === true ? ['isPartial is true'] : []),
];

const partial = (warnings: readonly string[]): string =>
  `The answer may be incomplete, Prometheus warns: ${warnings.slice(0, 3).map(quoted).join('; ')}.`;

const wordOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const textsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : [];

function ofData({ resultType, result }: JsonObject): Found {
  switch (resultType) {
    case 'scalar':
      return ofSample('scalar', result);
    case 'vector':
      return ofVector(result);
    case 'string':
      return failed('prometheus_string', 'The query gives a text: expected PromQL that gives one number.');
    case 'matrix':
      return failed(
        'prometheus_matrix',
        'The query gives a range of samples: expected a function such as rate() or max_over_time() around it, that makes one number of it.',
      );
    default:
      return malformed(`the result type is ${shown(wordOf(resultType))}`);
  }
}

function ofVector(result: Json | undefined): Found {
  // Some write an empty result as null.
  if (result === null) return { is: 'series', series: [] };
  if (!Array.isArray(result)) return malformed('expected data.result as a list');
  return { is: 'series', series: (result as readonly Json[]).map(ofSeries) };
}

function ofSeries(item: Json): Series {
  if (!isJsonObject(item)) return { labels: {}, reading: malformed('expected a series as an object') };
  const labels = isJsonObject(item['metric']) ? item['metric'] : {};
  if (item['value'] === undefined && item['histogram'] !== undefined)
    return {
      labels,
      reading: malformed(
        'the series is a native histogram: expected a number, for example by histogram_quantile() around it',
      ),
    };
  return { labels, reading: ofSample('vector', item['value']) };
}

/** `[seconds since 1970, "value"]` */
function ofSample(is: NumberReading['is'], sample: Json | undefined): Reading {
  const [time, text] = Array.isArray(sample) ? (sample as readonly Json[]) : [];
  if (typeof time !== 'number' || typeof text !== 'string')
    return malformed('expected a sample as [time, "value"]');
  const value = parseFloat64(text);
  if (!value.ok) return malformed(`the value ${shown(text)} is not a number`);
  if (Number.isNaN(value.value))
    return failed('prometheus_nan', 'The value is NaN, not a number; a division of 0 by 0 gives it.');
  if (!Number.isFinite(value.value))
    return failed(
      'prometheus_infinite',
      `The value is ${value.value > 0 ? '+Inf' : '-Inf'}; a division by 0 gives it.`,
    );
  return { is, number: value.value, at: momentOf(time), warnings: [] };
}

const momentOf = (seconds: number): Instant => instant(Math.round(seconds * 1000));
