import { describe, expect, test } from '@jest/globals';
import { autoscalerOf, scaledBy } from '../../../../src/domain/record/joined.ts';
import { configOf, hpaOf, paOf, revisionOf, worldOf } from '../../../builders/world.ts';

describe('why nothing is decided', () => {
  const QUERY = { query: 'sum(x)', target: '10' };
  const world = (annotations: Record<string, string>, backend: 'hpa' | 'keda' = 'hpa') =>
    worldOf({ pa: paOf(annotations), kedaServed: true, config: configOf({ bridge: { backend } }) });

  test.each([
    [{ metric: 'cpu', target: '70' }, 'cpu', 'hpa', /^Its HPA measures cpu or memory itself/],
    [
      { metric: 'concurrency' },
      'concurrency',
      'none',
      /^What its pods carry decides\. The leader alone asks them/,
    ],
    [{ ...QUERY, target: '-1' }, 'invalid', 'none', /target.*-1.*expected/],
  ])('%j', (annotations, signal, backend, problem) => {
    expect(scaledBy(world(annotations), false)).toEqual({
      signal,
      backend,
      problem: expect.stringMatching(problem),
    });
  });
  test('where KEDA asks', () => {
    expect(scaledBy(world(QUERY, 'keda'), false)).toMatchObject({
      signal: 'query',
      backend: 'keda',
      problem: expect.stringContaining('KEDA asks Prometheus itself'),
    });
  });
  test('a mistake beside what goes on', () => {
    const { problem } = scaledBy(world({ ...QUERY, target: '-1' }), true);
    expect(problem).toMatch(/ What was in force before goes on\.$/);
  });
  test('nothing is wrong where something is decided', () => {
    expect(scaledBy(world(QUERY), true)).toEqual({ signal: 'query', backend: 'hpa', problem: null });
  });
  test('a Revision that is not seen yet', () => {
    const owner = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      name: 'x',
      uid: 'y',
      controller: true,
    };
    const pa = paOf(QUERY, { metadata: { ownerReferences: [owner] } });
    expect(scaledBy(worldOf({ pa, revision: undefined }), false).problem).toMatch(/Revision/);
    expect(scaledBy(worldOf({ pa: paOf(QUERY), revision: revisionOf(QUERY) }), true).problem).toBeNull();
  });
});

test('what an HPA made of it, whatever kind of metric it has', () => {
  const hpa = hpaOf({
    spec: { minReplicas: 2 },
    status: {
      currentReplicas: 3,
      desiredReplicas: 5,
      conditions: [
        {
          type: 'ScalingLimited',
          status: 'True',
          reason: 'TooManyReplicas',
          message: 'too many',
          lastTransitionTime: '2026-01-02T03:04:05Z',
        },
        { type: 'AbleToScale', status: 'True' },
      ],
      currentMetrics: [
        {
          type: 'External',
          external: { metric: { name: 'hpa-bridge-query' }, current: { averageValue: '9440m' } },
        },
        { type: 'External', external: { metric: { name: 's0-prometheus' }, current: { value: '47' } } },
        {
          type: 'Resource',
          resource: { name: 'cpu', current: { averageUtilization: 71, averageValue: '7m' } },
        },
        { type: 'Later' },
        {},
      ],
    },
  });
  expect(autoscalerOf(hpa)).toEqual({
    name: 'hello-00001',
    minReplicas: 2,
    maxReplicas: 10,
    currentReplicas: 3,
    desiredReplicas: 5,
    metrics: [
      { name: 'hpa-bridge-query', current: '9440m' },
      { name: 's0-prometheus', current: '47' },
      { name: 'cpu', current: '71 %' },
    ],
    conditions: [
      { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas', message: 'too many' },
      { type: 'AbleToScale', status: 'True' },
    ],
  });
  expect(autoscalerOf(hpaOf())).toMatchObject({ minReplicas: null, metrics: [], conditions: [] });
});
