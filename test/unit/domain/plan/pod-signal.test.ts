import { describe, expect, test } from '@jest/globals';
import { podSignalOf, type PodSignal } from '../../../../src/domain/plan/pod-signal.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { NAME, paOf, revisionOf, sksOf, worldOf } from '../../../builders/world.ts';

const measuring = (annotations: Readonly<Record<string, string>>, changed: Partial<World> = {}) =>
  podSignalOf(worldOf({ pa: paOf(annotations), sks: sksOf(), ...changed }));
const signalOf = (...args: Parameters<typeof measuring>): PodSignal => {
  const found = measuring(...args);
  if (found.is !== 'pods') throw new Error(`measured is ${found.is}`);
  return found.signal;
};
const QUERY = { query: 'sum(x)', target: '5', 'hpa-bridge.dev/backend': 'hpa' };

describe('what a revision is scaled by', () => {
  test.each<[Readonly<Record<string, string>>, string, number]>([
    [{}, 'concurrency', 70],
    [{ metric: 'concurrency', target: '10' }, 'concurrency', 7],
    [{ metric: 'rps' }, 'rps', 140],
  ])('%j: each second, by %s with a target of %d', (annotations, metric, target) => {
    expect(signalOf(annotations)).toMatchObject({
      use: 'scale',
      interval: seconds(1),
      metric: { scrapeTarget: `${NAME}-private` },
      decider: { metric, target },
    });
  });

  test('counts what a pod can take at most', () => {
    const pa = paOf({ metric: 'concurrency', target: '50' }, { spec: { containerConcurrency: 10 } });
    expect(signalOf({}, { pa }).decider).toMatchObject({ total: 10, target: 7 });
  });

  test('is asked of the pods even where all requests are to go through an activator', () => {
    expect(signalOf({ 'target-burst-capacity': '-1' }).metric.scrapeTarget).toBe(`${NAME}-private`);
  });

  test.each<[Readonly<Record<string, string>>]>([
    [{ metric: 'cpu' }],
    [{ ...QUERY, 'hpa-bridge.dev/fallback': 'hold' }],
  ])('%j: pods are not asked', (annotations) => expect(measuring(annotations)).toEqual({ is: 'nothing' }));

  test('is not asked before there is a Service in front of the pods', () => {
    expect(measuring({ metric: 'rps' }, { sks: undefined })).toEqual({ is: 'nothing' });
  });

  test('goes on while an annotation is refused, and while the Revision has not been seen', () => {
    expect(measuring({ metric: 'cpu', target: '-1' })).toEqual({ is: 'unchanged' });
    const owner = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      name: NAME,
      uid: 'f',
      controller: true,
    };
    const pa = paOf({}, { metadata: { ownerReferences: [owner] } });
    expect(measuring({}, { pa })).toEqual({ is: 'unchanged' });
    expect(measuring({}, { pa, revision: revisionOf() }).is).toBe('pods');
  });
});

describe('what a query may fall back to', () => {
  test('is concurrency with its own target, at leisure', () => {
    expect(signalOf(QUERY)).toMatchObject({
      use: 'standby',
      interval: seconds(5),
      decider: { metric: 'concurrency', target: 70 },
    });
    expect(signalOf({ ...QUERY, 'hpa-bridge.dev/standby-scrape': '20s' }).interval).toBe(seconds(20));
  });

  test('is nothing where KEDA asks Prometheus', () => {
    expect(measuring({ query: 'sum(x)', target: '5' }, { kedaServed: true })).toEqual({ is: 'nothing' });
  });
});
