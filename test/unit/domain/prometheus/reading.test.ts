import { describe, expect, test } from '@jest/globals';
import { PROMETHEUS_FAULTS } from '../../../../src/domain/prometheus/faults.ts';
import { isCutJson } from '../../../../src/domain/prometheus/json-cut.ts';
import { readAnswer, readSeries, type HttpAnswer } from '../../../../src/domain/prometheus/reading.ts';
import type { Reading } from '../../../../src/domain/prometheus/answer.ts';

const read = (answer: Partial<HttpAnswer>, allowPartial = false): Reading =>
  readAnswer({ status: 200, body: '', ...answer }, { allowPartial });
const success = (resultType: string, result: unknown, beside: object = {}): string =>
  JSON.stringify({ status: 'success', data: { resultType, result }, ...beside });
const one = (value: unknown, beside: object = {}): string =>
  success('vector', [{ metric: {}, value: [1_767_225_600.25, value] }], beside);
const refusal = (errorType: string): string =>
  JSON.stringify({ status: 'error', errorType, error: 'said so' });

describe('numbers', () => {
  test('a vector of exactly one series', () => {
    expect(read({ body: one('47.2') })).toEqual({
      is: 'vector',
      number: 47.2,
      at: 1_767_225_600_250,
      warnings: [],
    });
  });
  test('a scalar', () => {
    expect(read({ body: success('scalar', [1_767_225_600, '-3e2']) })).toMatchObject({
      is: 'scalar',
      number: -300,
    });
  });
  test.each(['0', '-0', '1e-320', '9007199254740993', '0x1p-2'])('%s is read as Go reads it', (text) => {
    expect(read({ body: one(text) })).toMatchObject({ is: 'vector' });
  });
  test('infos are no warnings', () => {
    const body = one('1', { infos: ['PromQL info: metric might not be a counter'] });
    expect(read({ body })).toMatchObject({
      number: 1,
      warnings: ['PromQL info: metric might not be a counter'],
    });
  });
});

describe('all series', () => {
  const series = [
    { metric: { a: '1' }, value: [1_767_225_600, '5'] },
    { metric: { a: '2' }, value: [1_767_225_600, 'NaN'] },
    { metric: { a: '3' }, histogram: [1_767_225_600, {}] },
    { value: [1_767_225_600, '6'] },
    'nonsense',
  ];
  const readAll = (body: string, allowPartial = false) => readSeries({ status: 200, body }, { allowPartial });

  test('are read one by one: what one of them says is not what the others say', () => {
    expect(readAll(success('vector', series))).toMatchObject({
      is: 'series',
      series: [
        { labels: { a: '1' }, reading: { is: 'vector', number: 5 } },
        { labels: { a: '2' }, reading: { is: 'prometheus_nan' } },
        { labels: { a: '3' }, reading: { is: 'prometheus_malformed' } },
        { labels: {}, reading: { is: 'vector', number: 6 } },
        { labels: {}, reading: { is: 'prometheus_malformed' } },
      ],
    });
  });
  test('are partial together', () => {
    const body = success('vector', series.slice(0, 2), { warnings: ['store-1 is down'] });
    expect(readAll(body)).toMatchObject({ is: 'prometheus_partial' });
    expect(readAll(body, true)).toMatchObject({
      series: [
        { reading: { number: 5, warnings: ['store-1 is down'] } },
        { reading: { is: 'prometheus_nan' } },
      ],
    });
  });
  test('may be none', () => {
    expect(readAll(success('vector', []))).toEqual({ is: 'series', series: [] });
    expect(readAll(success('vector', null))).toEqual({ is: 'series', series: [] });
  });
});

describe('a partial answer', () => {
  const body = one('1', { warnings: ['store-1 is down'] });
  test('is no number', () => {
    expect(read({ body })).toMatchObject({
      is: 'prometheus_partial',
      message: expect.stringContaining('store-1 is down'),
    });
  });
  test('is one where it is allowed, with its warning', () => {
    expect(read({ body }, true)).toMatchObject({ is: 'vector', number: 1, warnings: ['store-1 is down'] });
  });
  test('of VictoriaMetrics says so without a warning', () => {
    const body = one('1', { isPartial: true });
    expect(read({ body })).toMatchObject({
      is: 'prometheus_partial',
      message: 'The answer may be incomplete, Prometheus warns: isPartial is true.',
    });
    expect(read({ body }, true)).toMatchObject({ is: 'vector', number: 1, warnings: ['isPartial is true'] });
    expect(read({ body: one('1', { isPartial: false }) })).toMatchObject({ number: 1, warnings: [] });
  });
  test('that is empty is partial first: the series may be in the missing part', () => {
    const empty = success('vector', [], { warnings: ['store-1 is down'] });
    expect(read({ body: empty }).is).toBe('prometheus_partial');
    expect(read({ body: empty }, true).is).toBe('prometheus_empty');
  });
});

const series = { metric: {}, value: [1, '1'] };
test.each<readonly [string, Partial<HttpAnswer>]>([
  ['prometheus_empty', { body: success('vector', []) }],
  ['prometheus_empty', { body: success('vector', null) }],
  ['prometheus_several', { body: success('vector', [series, series]) }],
  ['prometheus_nan', { body: one('NaN') }],
  ['prometheus_infinite', { body: one('+Inf') }],
  ['prometheus_infinite', { body: success('scalar', [1, '-Inf']) }],
  ['prometheus_string', { body: success('string', [1, 'text']) }],
  ['prometheus_matrix', { body: success('matrix', [{ metric: {}, values: [[1, '1']] }]) }],
  ['prometheus_matrix', { body: success('matrix', []) }],
  ['prometheus_malformed', { body: '' }],
  ['prometheus_malformed', { body: '<html>' }],
  ['prometheus_malformed', { body: 'null' }],
  ['prometheus_malformed', { body: '{}' }],
  ['prometheus_malformed', { body: success('vector', {}) }],
  ['prometheus_malformed', { body: success('tensor', []) }],
  ['prometheus_malformed', { body: one(5) }],
  ['prometheus_malformed', { body: one(null) }],
  ['prometheus_malformed', { body: one('five') }],
  ['prometheus_malformed', { body: success('vector', [{ metric: {}, histogram: [1, {}] }]) }],
  ['prometheus_malformed', { body: refusal('new_kind') }],
  ['prometheus_malformed', { body: `${one('1')}x` }],
  ['prometheus_truncated', { body: one('1').slice(0, -1) }],
  ['prometheus_truncated', { body: one('1').slice(0, 20) }],
  ['prometheus_bad_data', { status: 400, body: refusal('bad_data') }],
  ['prometheus_bad_data', { body: refusal('bad_data') }],
  ['prometheus_execution', { status: 422, body: refusal('execution') }],
  ['prometheus_query_timeout', { status: 503, body: refusal('timeout') }],
  ['prometheus_canceled', { status: 503, body: refusal('canceled') }],
  ['prometheus_canceled', { status: 499, body: refusal('canceled') }],
  ['prometheus_failed', { status: 500, body: refusal('internal') }],
  ['prometheus_throttled', { status: 503, body: refusal('unavailable') }],
  ['prometheus_throttled', { status: 503, body: 'no healthy upstream' }],
  ['prometheus_throttled', { status: 429, body: refusal('bad_data') }],
  ['prometheus_unauthorized', { status: 401 }],
  ['prometheus_unauthorized', { status: 403, body: 'denied' }],
  ['prometheus_rejected', { status: 404, body: '404 page not found' }],
  ['prometheus_redirect', { status: 302 }],
  ['prometheus_failed', { status: 500, body: one('1') }],
  ['prometheus_failed', { status: 502, body: '<html>' }],
  ['prometheus_failed', { status: 100 }],
])('%s: %j', (is, answer) => {
  expect(read(answer)).toMatchObject({ is, message: expect.stringMatching(/^[^\n]{10,600}\.$/) });
  expect(Object.keys(PROMETHEUS_FAULTS)).toContain(is);
});

test.each([
  [429, ''],
  [503, ''],
  [503, refusal('timeout')],
])('of %i %s the Retry-After is handed on', (status, body) => {
  expect(read({ status, body, retryAfterMs: 7000 })).toMatchObject({ retryAfterMs: 7000 });
});

test('what Prometheus says against a query is told', () => {
  expect(read({ status: 400, body: refusal('bad_data') })).toMatchObject({
    message: 'Prometheus does not accept the query: said so.',
  });
});

test.each([
  ['{"a":"}', true],
  ['{"a":"\\"}', true],
  ['[1,2', true],
  ['{"a":"{"}', false],
  ['"a', false],
  ['', false],
])('%s is cut: %s', (text, cut) => {
  expect(isCutJson(text)).toBe(cut);
});
