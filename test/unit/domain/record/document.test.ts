import { describe, expect, test } from '@jest/globals';
import { plainServer } from '../../../../src/domain/config/prometheus-servers.ts';
import { decisionDocument } from '../../../../src/domain/record/document.ts';
import { measuredOf } from '../../../../src/domain/record/measured.ts';
import { noted } from '../../../../src/domain/record/record.ts';
import { decisionSchema, type DecisionDocument } from '../../../../src/domain/record/schema.ts';
import type { DecisionRecord } from '../../../../src/domain/record/record.ts';
import { concurrencyRecordOf, queryRecordOf } from '../../../builders/record.ts';
import { settingsOf } from '../../../builders/scale.ts';
import { steadily } from '../../../builders/signal.ts';
import { NOW } from '../../../builders/world.ts';

/** As it arrives. */
const documentOf = (record: DecisionRecord): DecisionDocument =>
  decisionSchema.parse(JSON.parse(JSON.stringify(decisionDocument(noted(undefined, record)))));

test('a query: what was asked, what came, the arithmetic, what is told', () => {
  const record = queryRecordOf({ said: steadily(25, 0, 30), at: 31, bounds: { min: 1, max: 5 } });
  expect(documentOf(record)).toEqual({
    at: '2026-01-02T03:04:36Z',
    lastAt: '2026-01-02T03:04:36Z',
    count: 1,
    sentence: 'stays at 4: 25 / target 10 per pod, fresh, not fewer before a whole window of fresh answers',
    signal: 'query',
    rung: 'fresh',
    fault: null,
    detail: null,
    from: 4,
    pods: 4,
    asked: {
      query: 'sum(rate(requests[1m]))',
      server: { name: 'main', address: 'http://prometheus.monitoring:9090' },
      intervalSeconds: 15,
      staleAfterSeconds: 300,
      windowSeconds: 60,
    },
    answer: {
      outcome: 'vector',
      number: 25,
      evaluatedAt: '2026-01-02T03:04:35Z',
      receivedAt: '2026-01-02T03:04:35Z',
      obtained: 'alone',
      notes: [],
    },
    inputs: [
      { name: 'query', value: 25, ageSeconds: 1, origin: 'Prometheus server main' },
      { name: 'replicas', value: 4, ageSeconds: null, origin: 'Deployment' },
      { name: 'ready pods', value: 4, ageSeconds: null, origin: 'pods' },
    ],
    steps: [
      { says: 'the query says', gives: 25 },
      { says: 'raised to what keeps 4 pods', gives: 40 },
      { says: '40 / target 10 per pod', gives: 4 },
      { says: 'rounded up', gives: 4 },
    ],
    limits: [{ by: 'window', from: 3, to: 4 }],
    told: { value: 40, target: 10, metricType: 'AverageValue', mayLower: false },
  });
});

test('a query that says nothing', () => {
  const document = documentOf(queryRecordOf({ said: [[0, 'prometheus_empty']], at: 1 }));
  expect(document).toMatchObject({ rung: 'hold', fault: 'prometheus_empty', detail: 'No.', pods: 4 });
  expect(document.answer).toMatchObject({
    outcome: 'empty',
    number: null,
    evaluatedAt: null,
    notes: ['No.'],
  });
  expect(document.inputs[0]).toMatchObject({ name: 'query', value: null, ageSeconds: null });
  expect(document.steps[0]).toEqual({ says: 'the value that keeps 4 pods', gives: 40 });
});

test('before the first answer', () => {
  expect(documentOf(queryRecordOf({ said: [], at: 1 }))).toMatchObject({
    answer: null,
    pods: null,
    steps: [],
    told: { value: null },
  });
});

test('concurrency: both averages with their age, the threshold, and each limit', () => {
  const seen = { ready: 3, stable: 900, panic: 20, scrapedAt: NOW };
  const document = documentOf(concurrencyRecordOf(seen, { spec: { maxScaleUpRate: 10 } }));
  expect(document).toMatchObject({
    signal: 'concurrency',
    rung: 'concurrency',
    pods: 30,
    told: null,
    asked: null,
  });
  expect(document.inputs).toEqual([
    { name: 'stable', value: 900, ageSeconds: 0, origin: 'queue-proxies of the pods' },
    { name: 'panic', value: 20, ageSeconds: 0, origin: 'queue-proxies of the pods' },
    { name: 'ready pods', value: 3, ageSeconds: null, origin: 'pods' },
    { name: 'replicas', value: 3, ageSeconds: null, origin: 'Deployment' },
  ]);
  expect(document.steps).toContainEqual({ says: 'pods for the stable window: ceil(900 / 10)', gives: 90 });
  expect(document.steps).toContainEqual({ says: 'no panic: 2 / 3 < 2', gives: 2 / 3 });
  expect(document.steps).toContainEqual({ says: 'max-scale-up-rate', gives: 30 });
  expect(document.limits).toEqual([{ by: 'max-scale-up-rate', from: 90, to: 30 }]);
});

test('concurrency: what a proxy has reported, and a number that JSON does not have', () => {
  const seen = { ready: 3, stable: 1, panic: 1, pushedAt: NOW };
  const document = documentOf(
    concurrencyRecordOf(seen, {
      spec: { target: NaN },
      settings: settingsOf({ minScale: 2 }),
      active: undefined,
    }),
  );
  expect(document.inputs[0]).toMatchObject({ origin: 'activators', ageSeconds: 0 });
  expect(document.steps[0]).toMatchObject({ gives: null });
  expect(document.limits).toEqual([{ by: 'min-scale', from: null, to: 2 }]);
});

describe('no secret is told', () => {
  const SECRET = 'hunter2hunter2';
  test.each([
    ['in a query', { query: `sum(x{password="${SECRET}"})` }],
    ['in a header', { server: { ...plainServer('main', 'http://p:9090'), headers: { 'X-Key': SECRET } } }],
    ['in a parameter', { server: { ...plainServer('main', 'http://p:9090'), parameters: { key: SECRET } } }],
  ])('%s', (_, changed) => {
    const record = queryRecordOf({ said: steadily(25, 0, 60), at: 61 });
    const measurement = { ...record.measurement, ...changed };
    const text = JSON.stringify(documentOf({ ...record, measurement }));
    expect(text).toContain('"name":"main"');
    expect(text).not.toContain(SECRET);
  });
});

test('what a decision goes by: the number, its target and its age', () => {
  const query = queryRecordOf({ said: steadily(25, 0, 30), at: 31, bounds: { min: 1, max: 5 } });
  expect(measuredOf(query)).toEqual({
    value: 25,
    target: 10,
    metricType: 'AverageValue',
    ageSeconds: 1,
  });
  expect(measuredOf(queryRecordOf({ said: [], at: 1 }))).toMatchObject({ value: null, ageSeconds: null });
  const seen = { ready: 3, stable: 45, panic: 20, scrapedAt: NOW };
  expect(measuredOf(concurrencyRecordOf(seen))).toEqual({
    value: 45,
    target: 10,
    metricType: 'AverageValue',
    ageSeconds: 0,
  });
});
