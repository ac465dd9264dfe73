import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { RevisionDecisions } from '../../../../src/domain/record/schema.ts';
import { ms } from '../../../../src/domain/time.ts';
import { explainText, lengthOfTime, wrapped } from '../../../../src/processes/explain/report.ts';
import { decisionsOf } from '../../../builders/decisions.ts';
import { concurrencyRecordOf, queryRecordOf } from '../../../builders/record.ts';
import { steadily } from '../../../builders/signal.ts';

const GROWING = [
  queryRecordOf({ said: [], at: 1 }),
  queryRecordOf({ said: steadily(38, 0, 75), at: 76 }),
  queryRecordOf({ said: steadily(99, 0, 300), at: 301, bounds: { min: 1, max: 5 } }),
];
const HPA: RevisionDecisions['autoscaler'] = {
  name: 'shop-00001',
  minReplicas: 1,
  maxReplicas: 5,
  currentReplicas: 4,
  desiredReplicas: 5,
  metrics: [{ name: 'hpa-bridge-query', current: '24750m' }],
  conditions: [
    {
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
    },
  ],
};

test('the whole picture, as docs/explain.md shows it', () => {
  const text = explainText(decisionsOf(GROWING, 310, { autoscaler: HPA }));
  expect(readFileSync('docs/explain.md', 'utf8')).toContain(text);
  expect(text).toBe(`\
revision  team/shop-00001, by query, through hpa
pods      4 wanted, 4 ready, 5 pods asked for
decision  4 -> 5: 99 / target 10 per pod, fresh, capped by max-scale 5
          since 03:09:06Z (9 s), made once

query     sum(rate(requests[1m]))
server    main, http://prometheus.monitoring:9090, every 15 s
answer    vector 99, 10 s ago, alone
with      replicas 4 (Deployment), ready pods 4 (pods)

          the query says                                                      99
          99 / target 10 per pod                                             9.9
          rounded up                                                          10
          capped by max-scale 5                                                5

told      99, to be compared with 10 per pod; it may ask for fewer pods
hpa       shop-00001: has 4, wants 5 (at least 1, at most 5); hpa-bridge-query
          24750m
          ScalingLimited=True, TooManyReplicas: the desired replica count is
          more than the maximum replica count

history   ·········▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇██ 4 to 5 pods in 5m 9s
          03:09:06Z 4 -> 5: 99 / target 10 per pod, fresh, capped by max-scale 5
          03:05:21Z stays at 4: 38 / target 10 per pod, fresh
          03:04:06Z stays at 4: no value is told, because the query has not been
          answered yet (NotMeasuredYet)

told by   hpa-bridge-0_1, which leads
`);
});

test('a revision that nobody decides about says why', () => {
  const problem = 'Its HPA measures cpu or memory itself, and says in its status what it makes of that.';
  const told = decisionsOf([], 1, {
    scaledBy: { signal: 'cpu', backend: 'hpa', problem },
    autoscaler: HPA,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Active', status: 'False', reason: 'NotOwned', message: 'not ours' },
      { type: 'FallbackActive', status: 'True', reason: 'Hold' },
      { type: 'SignalAvailable', status: 'True' },
    ],
  });
  expect(explainText(told)).toBe(`\
revision  team/shop-00001, by cpu, through hpa
pods      4 wanted, 4 ready
but       Its HPA measures cpu or memory itself, and says in its status what it
          makes of that.

hpa       shop-00001: has 4, wants 5 (at least 1, at most 5); hpa-bridge-query
          24750m
          ScalingLimited=True, TooManyReplicas: the desired replica count is
          more than the maximum replica count

unhappy   Active=False, NotOwned: not ours
          FallbackActive=True, Hold
told by   hpa-bridge-0_1, which leads
`);
});

test('a run of another day has its day', () => {
  const text = explainText(decisionsOf(GROWING, 24 * 3600));
  expect(text).toContain('          since 01-02 03:09Z (23h 54m), made once\n');
  expect(text).toContain('          01-02 03:05Z stays at 4: 38 / target 10 per pod, fresh\n');
});

test('concurrency: what was measured, and the threshold of the panic', () => {
  const told = decisionsOf([concurrencyRecordOf({ ready: 3, stable: 47.2, panic: 88 })], 4);
  const text = explainText({ ...told, scaledBy: { signal: 'concurrency', backend: 'none', problem: null } });
  expect(text).toContain('revision  team/shop-00001, by concurrency\n');
  expect(text).toContain('with      stable 47.2 (queue-proxies of the pods), panic 88 (queue-proxies of\n');
  expect(text).toMatch(/^ {10}panic: 9 \/ 3 >= 2 +3$/m);
  expect(text).not.toContain('query');
});

test('an HPA that has not looked yet, and one without a maximum', () => {
  const hpa = { ...HPA, conditions: [], maxReplicas: 2147483647 };
  expect(explainText(decisionsOf([], 1, { autoscaler: hpa }))).toContain(
    'hpa       shop-00001: has not looked yet (at least 1, no maximum)\n',
  );
});

test('what was said about a missing number is said once', () => {
  const lost = queryRecordOf({ said: [...steadily(25, 0, 60), [75, 'prometheus_refused']], at: 200 });
  expect(explainText(decisionsOf([lost], 200)).match(/No\./g)).toHaveLength(1);
});

describe('lines', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['', 4, ['']],
    ['a\n\tb\u001b[31mc\u202e', 80, ['a b [31mc']],
  ])('%j of %i', (text, width, lines) => expect(wrapped(text, width)).toEqual(lines));
});

test.each([
  [0, '0 s'],
  [1234, '1.2 s'],
  [59_990, '1m 0s'],
  [130_000, '2m 10s'],
  [3 * 3600_000 + 300_000, '3h 5m'],
  [-5, '0 s'],
])('%i ms is %s', (length, text) => expect(lengthOfTime(ms(length))).toBe(text));
