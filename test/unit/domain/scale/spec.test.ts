import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../../src/domain/annotation/parse.ts';
import { AUTOSCALER_DEFAULTS } from '../../../../src/domain/config/autoscaler.ts';
import { printDuration } from '../../../../src/domain/go/duration.ts';
import {
  deciderSpec,
  metricSpec,
  type DeciderSpec,
  type MetricSpec,
} from '../../../../src/domain/scale/spec.ts';

type Annotations = Readonly<Record<string, string>>;

const read = (annotations: Annotations): ReturnType<typeof readSettings>['settings'] =>
  readSettings(
    Object.fromEntries(
      Object.entries(annotations).map(([key, text]) => [`autoscaling.knative.dev/${key}`, text]),
    ),
  ).settings;

const specOf = (annotations: Annotations, metric = 'concurrency', containerConcurrency = 0): DeciderSpec =>
  deciderSpec({
    settings: read(annotations),
    config: AUTOSCALER_DEFAULTS,
    metric,
    containerConcurrency,
    reachability: '',
  });

const windowsOf = (annotations: Annotations): MetricSpec =>
  metricSpec(read(annotations), AUTOSCALER_DEFAULTS, 'hello-private');

describe('the target', () => {
  test.each<[string, DeciderSpec, Partial<DeciderSpec>]>([
    ['is 70 % of 100 requests', specOf({}), { target: 70, total: 100, from: 'config-autoscaler' }],
    [
      'is 70 % of what a container takes',
      specOf({}, 'concurrency', 10),
      { target: 7, total: 10, from: 'containerConcurrency' },
    ],
    ['is 70 % of 200 requests a second', specOf({}, 'rps', 10), { target: 140, total: 200 }],
    ['is told by the annotation', specOf({ target: '50' }), { target: 35, total: 50, from: 'target' }],
    [
      'is no more than a container takes',
      specOf({ target: '50' }, 'concurrency', 10),
      { target: 7, from: 'containerConcurrency' },
    ],
    [
      'which does not concern requests a second',
      specOf({ target: '50' }, 'rps', 10),
      { target: 35, from: 'target' },
    ],
    [
      'follows the utilization',
      specOf({ 'target-utilization-percentage': '90' }),
      { target: 90, utilization: 0.9 },
    ],
    ['is at least a hundredth', specOf({ target: '0.001' }), { target: 0.01, total: 0.001 }],
    ['is the product as floats have it', specOf({}, 'concurrency', 3), { target: 2.0999999999999996 }],
  ])('%s', (_, spec, expected) => {
    expect(spec).toMatchObject(expected);
  });
});

describe('windows', () => {
  test('the panic window is a share of the stable one, in whole seconds, at least one', () => {
    const panicOf = (window: string, percentage: string): string =>
      printDuration(windowsOf({ window, 'panic-window-percentage': percentage }).panicWindow);
    expect([panicOf('60s', '10'), panicOf('25s', '10'), panicOf('6s', '1'), panicOf('1h', '100')]).toEqual([
      '6s',
      '3s',
      '1s',
      '1h0m0s',
    ]);
  });

  test('pods are not scraped where all requests go through the activator', () => {
    expect(windowsOf({}).scrapeTarget).toBe('hello-private');
    expect(windowsOf({ 'target-burst-capacity': '-1' }).scrapeTarget).toBe('');
  });

  test('only the very name chooses the weighted average', () => {
    const algorithms = ['weightedExponential', 'weighted-exponential', 'exponential'].map(
      (algorithm) => windowsOf({ 'metric-aggregation-algorithm': algorithm }).algorithm,
    );
    expect(algorithms).toEqual(['weighted-exponential', 'weighted-exponential', 'linear']);
  });
});
