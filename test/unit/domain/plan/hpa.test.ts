import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../../src/domain/json.ts';
import { horizontalPodAutoscalerFor } from '../../../../src/domain/plan/hpa.ts';
import { intentOf } from '../../../../src/domain/plan/intent-of.ts';
import { byPa, configOf, NAME, paOf, STARTED, TARGET_REF, worldOf } from '../../../builders/world.ts';

const HPA = configOf({ bridge: { backend: 'hpa', signalWithoutMetric: 'cpu' } });

const built = (annotations: Record<string, string>, pa = paOf(annotations, { status: STARTED })) => {
  const intended = intentOf(worldOf({ pa, config: HPA }));
  return intended.ok ? horizontalPodAutoscalerFor(intended.value.intent) : intended;
};
const specOf = (annotations: Record<string, string>): JsonObject => {
  const result = built(annotations);
  if (!result.ok) throw new Error(result.error.map(({ message }) => message).join(' '));
  return result.value.object['spec'] as JsonObject;
};
const refusedKeys = (annotations: Record<string, string>): readonly string[] => {
  const result = built(annotations);
  return result.ok ? [] : result.error.filter(({ effect }) => effect === 'refused').map(({ key }) => key);
};
const resource = (name: string, target: Json): Json => ({ type: 'Resource', resource: { name, target } });

test('the whole object', () => {
  const result = built({ metric: 'cpu', target: '70', 'min-scale': '2', 'max-scale': '5' });
  expect(result).toMatchObject({
    ok: true,
    value: {
      mistakes: [],
      object: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: {
          name: NAME,
          namespace: 'default',
          labels: { app: NAME, 'serving.knative.dev/revision': NAME },
          annotations: { 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' },
          ownerReferences: [byPa()],
        },
        spec: {
          scaleTargetRef: TARGET_REF,
          minReplicas: 2,
          maxReplicas: 5,
          metrics: [resource('cpu', { type: 'Utilization', averageUtilization: 70 })],
        },
      },
    },
  });
});

describe('metrics', () => {
  const external = (target: Json): Json => ({
    type: 'External',
    external: {
      metric: { name: 'hpa-bridge-query', selector: { matchLabels: { 'hpa-bridge.dev/revision': NAME } } },
      target,
    },
  });
  test.each<[Record<string, string>, Json | undefined]>([
    [{ metric: 'cpu', target: '70.1' }, resource('cpu', { type: 'Utilization', averageUtilization: 71 })],
    [{ target: '5' }, resource('cpu', { type: 'Utilization', averageUtilization: 5 })],
    [
      { metric: 'memory', target: '0.5' },
      resource('memory', { type: 'AverageValue', averageValue: '512Ki' }),
    ],
    [
      { metric: 'memory', target: '50', 'metric-type': 'Utilization' },
      resource('memory', { type: 'Utilization', averageUtilization: 50 }),
    ],
    [{ query: 'up', target: '0.5' }, external({ type: 'AverageValue', averageValue: '500m' })],
    [{ query: 'up', target: '1000', 'metric-type': 'Value' }, external({ type: 'Value', value: '1k' })],
    [{ metric: 'requests', target: '10' }, external({ type: 'AverageValue', averageValue: '10' })],
    [{ metric: 'cpu' }, undefined],
    [{}, undefined],
  ])('%j', (annotations, metric) => {
    expect(specOf(annotations)['metrics']).toEqual(metric === undefined ? undefined : [metric]);
  });
});

test('bounds: never below one, unlimited is the largest int32', () => {
  expect(specOf({ target: '5' })).toMatchObject({ minReplicas: 1, maxReplicas: 2147483647 });
  expect(specOf({ target: '5', 'min-scale': '0', 'max-scale': '3' })).toMatchObject({
    minReplicas: 1,
    maxReplicas: 3,
  });
});

describe('until the revision has started, the minimum holds the initial scale', () => {
  const minimum = (annotations: Record<string, string>, reachability = '') => {
    const result = built(annotations, paOf(annotations, { spec: { reachability } }));
    return result.ok ? (result.value.object['spec'] as JsonObject)['minReplicas'] : undefined;
  };
  test('of the annotation', () => expect(minimum({ target: '5', 'initial-scale': '4' })).toBe(4));
  test('within the maximum', () =>
    expect(minimum({ target: '5', 'initial-scale': '4', 'max-scale': '3' })).toBe(3));
  test('not below the minimum', () =>
    expect(minimum({ target: '5', 'initial-scale': '4', 'min-scale': '6' })).toBe(6));
  test('unless nothing reaches the revision', () =>
    expect(minimum({ target: '5', 'initial-scale': '4' }, 'Unreachable')).toBe(1));
});

test('the window stands on both sides, rules replace it on theirs', () => {
  expect(specOf({ target: '5' })).not.toHaveProperty('behavior');
  expect(specOf({ target: '5', window: '90s' })['behavior']).toEqual({
    scaleUp: { stabilizationWindowSeconds: 90 },
    scaleDown: { stabilizationWindowSeconds: 90 },
  });
  const rules = '{"policies":[{"type":"Pods","value":4,"periodSeconds":15}]}';
  expect(specOf({ target: '5', window: '90s', 'hpa-scale-up-rules': rules })['behavior']).toEqual({
    scaleUp: JSON.parse(rules) as Json,
    scaleDown: { stabilizationWindowSeconds: 90 },
  });
});

test.each([
  ['target', { metric: 'cpu', target: '0' }],
  ['target', { metric: 'cpu', target: '2147483648' }],
  ['target', { query: 'up', target: '0.0001' }],
  ['target', { query: 'up', target: 'NaN' }],
  ['metric-type', { query: 'up', target: '5', 'metric-type': 'Utilization' }],
  ['metric-type', { metric: 'cpu', target: '5', 'metric-type': 'Value' }],
  ['window', { target: '5', window: '2h' }],
  ['hpa-scale-up-rules', { target: '5', 'hpa-scale-up-rules': '{' }],
  ['prometheus-address', { query: 'up', target: '5', 'prometheus-address': 'http://elsewhere:9090' }],
  ['min-scale', { target: '5', 'min-scale': '3', 'max-scale': '2' }],
])('%s is refused in %j', (key, annotations) => {
  expect(refusedKeys(annotations)).toEqual([`autoscaling.knative.dev/${key}`]);
});
