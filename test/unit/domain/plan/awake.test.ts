import { expect, test } from '@jest/globals';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { Step } from '../../../../src/domain/plan/world.ts';
import { deploymentOf, paOf, worldOf } from '../../../builders/world.ts';

const lifts = (annotations: Record<string, string>, replicas: number, kedaServed = false): readonly Step[] =>
  plan(worldOf({ pa: paOf(annotations), deployment: deploymentOf(replicas), kedaServed })).steps.filter(
    (step) => step.do === 'scale',
  );
const CPU = { metric: 'cpu', target: '70' };

test('a revision that an HPA scales is lifted from zero, under a lock', () => {
  expect(lifts(CPU, 0)).toEqual([
    { do: 'scale', key: 'default/hello-00001-deployment', replicas: 1, resourceVersion: '70' },
  ]);
});

test('and at once to its minimum', () => {
  expect(lifts({ ...CPU, 'min-scale': '3' }, 0)).toMatchObject([{ replicas: 3 }]);
});

test.each<[string, Record<string, string>, number, boolean]>([
  ['one that runs', CPU, 1, false],
  ['one that KEDA scales, which lifts by itself', CPU, 0, true],
  ['one whose annotations are refused', { metric: 'cpu', target: '-1' }, 0, false],
])('%s is not', (_, annotations, replicas, kedaServed) => {
  expect(lifts(annotations, replicas, kedaServed)).toEqual([]);
});
