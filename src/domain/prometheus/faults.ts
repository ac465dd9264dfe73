import type { FaultRow } from '../fault-row.ts';

const row = (retry: FaultRow['retry'], reason: string, http: number, doc: string): FaultRow => ({
  retry,
  reason,
  http,
  doc,
});

/** Why a question to Prometheus gave no number: one row for each way, so that they can be told apart. */
export const PROMETHEUS_FAULTS = {
  prometheus_empty: row(
    'backoff',
    'QueryEmpty',
    404,
    'The query gave no series. That is not zero: its metric may be gone, or its scrape target.',
  ),
  prometheus_several: row(
    'backoff',
    'QuerySeveral',
    422,
    'The query gave several series where one number is needed; an aggregation such as sum() makes one of them.',
  ),
  prometheus_nan: row(
    'backoff',
    'QueryNaN',
    422,
    'The query gave NaN, which a division of zero by zero does.',
  ),
  prometheus_infinite: row(
    'backoff',
    'QueryInfinite',
    422,
    'The query gave +Inf or -Inf, which a division by zero does.',
  ),
  prometheus_string: row(
    'never',
    'QueryString',
    422,
    'The query gives a text and no number. The edit of the query is the retry.',
  ),
  prometheus_matrix: row(
    'never',
    'QueryMatrix',
    422,
    'The query gives a range of samples (a matrix); a function such as rate() or max_over_time() makes a number of it.',
  ),
  prometheus_partial: row(
    'backoff',
    'QueryPartial',
    502,
    'The answer came with warnings, or says that it is partial: data may be missing, so that the number may be too low. A server may be configured to allow it.',
  ),
  prometheus_malformed: row(
    'backoff',
    'AnswerMalformed',
    502,
    'The answer is not what Prometheus writes: no JSON, or JSON of another shape. Usually something else listens at the address.',
  ),
  prometheus_truncated: row('backoff', 'AnswerTruncated', 502, 'The answer ended before it was complete.'),
  prometheus_too_large: row(
    'backoff',
    'AnswerTooLarge',
    502,
    'The answer is larger than 1 MiB and was not read to its end. One number needs less.',
  ),
  prometheus_bad_data: row(
    'never',
    'QueryInvalid',
    400,
    'Prometheus does not accept the query (bad_data), mostly because of a mistake in its syntax. The edit is the retry.',
  ),
  prometheus_execution: row(
    'backoff',
    'QueryFailed',
    422,
    'Prometheus could not evaluate the query (execution), for example because it would load too many samples.',
  ),
  prometheus_query_timeout: row(
    'backoff',
    'QueryTimeout',
    504,
    'Prometheus gave up the query because it took longer than allowed (timeout).',
  ),
  prometheus_canceled: row(
    'backoff',
    'QueryCanceled',
    503,
    'Prometheus gave up the query because it was told to (canceled), for example when it is stopped.',
  ),
  prometheus_throttled: row(
    'backoff',
    'PrometheusOverloaded',
    503,
    'Prometheus, or a proxy before it, answered 429 or 503. Its Retry-After is obeyed.',
  ),
  prometheus_unauthorized: row(
    'backoff',
    'PrometheusUnauthorized',
    502,
    'Prometheus, or a proxy before it, did not accept our credentials (401, 403). They are read again before the next question.',
  ),
  prometheus_rejected: row(
    'backoff',
    'PrometheusRejected',
    502,
    'The answer is another 4xx. A 404 mostly means that the address or path prefix is wrong.',
  ),
  prometheus_redirect: row(
    'backoff',
    'PrometheusRedirect',
    502,
    'The answer is a redirect, which is never followed: credentials go to the configured address only.',
  ),
  prometheus_failed: row(
    'backoff',
    'PrometheusFailed',
    502,
    'Prometheus, or a proxy before it, answered with a 5xx.',
  ),
  prometheus_refused: row(
    'backoff',
    'PrometheusRefused',
    503,
    'Nothing listens at the address, or no way leads there.',
  ),
  prometheus_reset: row('backoff', 'PrometheusReset', 503, 'The connection was cut before the answer began.'),
  prometheus_tls: row(
    'backoff',
    'PrometheusTLS',
    502,
    'The two sides could not agree on TLS: another CA, another name, an expired certificate, or no TLS at all.',
  ),
  prometheus_dns: row('backoff', 'PrometheusDNS', 503, 'The name in the address cannot be resolved.'),
  prometheus_timeout: row(
    'backoff',
    'PrometheusTimeout',
    504,
    'No complete answer came within the timeout of the server.',
  ),
  prometheus_credentials: row(
    'backoff',
    'PrometheusCredentials',
    500,
    'A Secret, ConfigMap or file that a server is configured with cannot be read, or does not hold what it should. Nothing was asked.',
  ),
} as const satisfies Readonly<Record<string, FaultRow>>;

export type PrometheusFault = keyof typeof PROMETHEUS_FAULTS;
