import { describe, expect, test } from '@jest/globals';
import { samplesOf, type RevisionFacts } from '../../../../src/domain/revision-metrics/samples.ts';
import { REVISION_METRICS } from '../../../../src/domain/revision-metrics/table.ts';
import { concurrencyRecordOf, queryRecordOf } from '../../../builders/record.ts';
import { steadily } from '../../../builders/signal.ts';
import { deploymentOf, NOW, paOf, worldOf } from '../../../builders/world.ts';

const facts = (changed: Partial<RevisionFacts> = {}): RevisionFacts => ({
  world: worldOf({
    pa: paOf({ 'min-scale': '2', 'max-scale': '9' }, { status: { desiredScale: 4 } }),
    deployment: deploymentOf(3),
    readyPods: 1,
  }),
  scaling: { signal: 'query', backend: 'hpa' },
  record: undefined,
  moves: { up: 0, down: 0 },
  ...changed,
});

/** `{replicas: 3}`, and of series with labels of their own `{'rung{hold}': 1}`. */
const told = (changed: Partial<RevisionFacts> = {}): Record<string, number> =>
  Object.fromEntries(
    samplesOf(facts(changed)).map(({ name, labels, value }) => {
      const own = Object.values(labels).join();
      const short = name.replace('hpa_bridge_revision_', '');
      return [own === '' ? short : `${short}{${own}}`, value];
    }),
  );

describe('a revision about which nothing is decided', () => {
  test('tells what it is, its replicas and its bounds', () => {
    expect(told()).toEqual({
      'info{,query,hpa}': 1,
      replicas: 3,
      ready_pods: 1,
      desired_replicas: 4,
      min_replicas: 2,
      max_replicas: 9,
    });
  });

  test('does not tell what is not known, and no limit where there is none', () => {
    const world = worldOf({ pa: paOf({ 'max-scale': '0' }), deployment: undefined, readyPods: 0 });
    expect(told({ world })).toEqual({ 'info{,query,hpa}': 1, ready_pods: 0, min_replicas: 0 });
  });

  test('names its Knative Service', () => {
    const labels = { 'serving.knative.dev/service': 'hello' };
    const world = worldOf({ pa: paOf({}, { metadata: { labels } }) });
    expect(told({ world })).toHaveProperty(['info{hello,query,hpa}'], 1);
  });
});

describe('a query', () => {
  const standing = { replicas: 3, readyPods: 3, target: { target: 10, metricType: 'AverageValue' } } as const;

  test('with a fresh number: value, target, what it alone asks for, and the limits that changed that', () => {
    const record = queryRecordOf({
      said: steadily(100, 0, 60),
      at: 60,
      standing,
      bounds: { min: 1, max: 5 },
    });
    expect(told({ record, moves: { up: 2, down: 1 } })).toMatchObject({
      value: 100,
      'target{pod}': 10,
      unlimited_replicas: 10,
      'rung{fresh}': 1,
      'limit{max-scale}': 1,
      'moves_total{up}': 2,
      'moves_total{down}': 1,
      evidence_timestamp_seconds: (NOW + 60_000) / 1000,
    });
  });

  test('that failed: why, on which rung, and no number that nobody has', () => {
    const record = queryRecordOf({ said: [[0, 'prometheus_empty']], at: 60, standing });
    const series = told({ record });
    expect(series).toMatchObject({ 'rung{hold}': 1, 'fault{prometheus_empty}': 1 });
    expect(series).not.toHaveProperty('value');
    expect(series).not.toHaveProperty('unlimited_replicas');
  });
});

test('requests at the pods: the stable average, and the age of the newest report', () => {
  const scrapedAt = NOW;
  const record = concurrencyRecordOf({ ready: 3, stable: 46, panic: 1, scrapedAt });
  expect(told({ record })).toMatchObject({
    value: 46,
    'target{pod}': 10,
    unlimited_replicas: 5,
    'rung{concurrency}': 1,
    evidence_timestamp_seconds: NOW / 1000,
  });
});

test('every sample has the labels that its row declares, and every row is told by some revision', () => {
  const all = [
    ...samplesOf(
      facts({ record: concurrencyRecordOf({ ready: 3, stable: 9000, panic: 1, scrapedAt: NOW }) }),
    ),
    ...samplesOf(facts({ record: queryRecordOf({ said: [[0, 'prometheus_empty']], at: 60 }) })),
    ...samplesOf(
      facts({ record: queryRecordOf({ said: steadily(100, 0, 60), at: 60, bounds: { min: 1, max: 2 } }) }),
    ),
  ];
  for (const { name, labels } of all)
    expect(['namespace', 'revision', ...Object.keys(labels)]).toEqual([...REVISION_METRICS[name].labels]);
  expect([...new Set(all.map(({ name }) => name))].sort()).toEqual(Object.keys(REVISION_METRICS).sort());
});
