import { expect, test } from '@jest/globals';
import { hpaCount, type HpaCount } from '../../../../src/domain/record/hpa-count.ts';
import type { Scale } from '../../../../src/domain/signal/scale-value.ts';
import type { ToldTarget } from '../../../../src/domain/signal/told.ts';

const AVERAGE: ToldTarget = { target: 10, metricType: 'AverageValue' };
const VALUE: ToldTarget = { target: 10, metricType: 'Value' };

const of = (replicas: number | undefined, readyPods: number): Scale => ({ replicas, readyPods });

// After kubernetes: podautoscaler/replica_calculator.go.
test.each<readonly [string, number, ToldTarget, Scale, HpaCount]>([
  ['per pod: rounded up', 41.5, AVERAGE, of(3, 3), { quotient: 4.15, exact: 5, tolerated: 5 }],
  ['within a tenth of what the pods carry', 44, AVERAGE, of(4, 4), { quotient: 4.4, exact: 5, tolerated: 4 }],
  ['just outside', 44.1, AVERAGE, of(4, 4), { quotient: 4.41, exact: 5, tolerated: 5 }],
  ['within a tenth, downwards', 36, AVERAGE, of(4, 4), { quotient: 3.6, exact: 4, tolerated: 4 }],
  ['in all: the factor times the ready pods', 15, VALUE, of(4, 3), { quotient: 1.5, exact: 5, tolerated: 5 }],
  [
    'exactly the target keeps even those that are not ready',
    10,
    VALUE,
    of(4, 1),
    { quotient: 1, exact: 4, tolerated: 4 },
  ],
  ['a negative value is none', -5, AVERAGE, of(4, 4), { quotient: 0, exact: 0, tolerated: 0 }],
  ['no replicas have no tolerance', 5, AVERAGE, of(0, 0), { quotient: 0.5, exact: 1, tolerated: 1 }],
  ['nor have unknown ones', 41, AVERAGE, of(undefined, 0), { quotient: 4.1, exact: 5, tolerated: 5 }],
  [
    'never more than replicas can be',
    1e300,
    AVERAGE,
    of(4, 4),
    { quotient: 1e299, exact: 2147483647, tolerated: 2147483647 },
  ],
])('%s', (...[, value, target, scale, count]) => {
  expect(hpaCount(value, target, scale)).toEqual(count);
});
