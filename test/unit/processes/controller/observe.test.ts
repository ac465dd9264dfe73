import { describe, expect, test } from '@jest/globals';
import { isOurs } from '../../../../src/domain/annotation/ours.ts';
import { keyOf, type Key } from '../../../../src/domain/key.ts';
import { LIVE_DEFAULTS } from '../../../../src/domain/config/live.ts';
import { podView, type Pod } from '../../../../src/domain/k8s/read/workload.ts';
import {
  observe,
  podsFound,
  readyPodsOf,
  type Sources,
} from '../../../../src/processes/controller/observe.ts';
import {
  deploymentOf,
  HPA_CLASS,
  hpaOf,
  NAME,
  paOf,
  revisionOf,
  scaledObjectOf,
  sksOf,
  STARTED,
  TARGET_REF,
} from '../../../builders/world.ts';
import { NOTHING_SEEN } from '../../../../src/domain/zero/seen.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';

const KEY = keyOf('default', NAME);
const only = <T>(key: Key, item: T | undefined): { get: (asked: Key) => T | undefined } => ({
  get: (asked) => (asked === key ? item : undefined),
});
const ownedBy = (uid: string) => ({
  ownerReferences: [
    { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name: NAME, uid, controller: true },
  ],
});
const pod = (phase: string, ready: string, metadata = {}): Pod =>
  podView.parse({
    metadata: { name: 'p', namespace: 'default', ...metadata },
    status: { phase, conditions: [{ type: 'Ready', status: ready }] },
  });

const sources = (changed: Partial<Sources> = {}): Sources => ({
  podAutoscalers: only(KEY, paOf({}, { metadata: ownedBy('ffff') })),
  revisions: only(KEY, revisionOf({ target: '5' })),
  scaledObjects: only(KEY, scaledObjectOf()),
  horizontalPodAutoscalers: only(KEY, hpaOf()),
  serverlessServices: only(KEY, sksOf()),
  deployments: only(keyOf('default', TARGET_REF.name), deploymentOf(3)),
  podsOf: () => [],
  slicesOf: () => [],
  config: () => LIVE_DEFAULTS,
  kedaServed: () => true,
  externalMetrics: () => ({ state: 'ours' }),
  measured: () => undefined,
  pods: () => undefined,
  services: { get: () => undefined },
  endpoints: { get: () => undefined },
  activators: () => NOTHING_SEEN.activators,
  requests: () => undefined,
  queryActivity: () => undefined,
  evidence: () => undefined,
  classes: new Set([HPA_CLASS]),
  clock: new ManualClock(),
  ...changed,
});

test('everything that bears the name, and the Deployment that is to be scaled', () => {
  const from = sources();
  expect(observe(from, KEY)).toEqual({
    key: KEY,
    at: from.clock.now(),
    pa: from.podAutoscalers.get(KEY),
    revision: revisionOf({ target: '5' }),
    config: LIVE_DEFAULTS,
    kedaServed: true,
    externalMetrics: { state: 'ours' },
    measured: undefined,
    scaledObject: scaledObjectOf(),
    hpa: hpaOf(),
    sks: sksOf(),
    deployment: deploymentOf(3),
    readyPods: 0,
    ...NOTHING_SEEN,
  });
});

test('what is not in the caches is undefined', () => {
  const none = only<never>(KEY, undefined);
  const world = observe(
    sources({
      revisions: none,
      scaledObjects: none,
      horizontalPodAutoscalers: none,
      serverlessServices: none,
      deployments: none,
    }),
    KEY,
  );
  expect(world).toMatchObject({ readyPods: 0 });
  for (const field of ['revision', 'scaledObject', 'hpa', 'sks', 'deployment'] as const)
    expect(world?.[field]).toBeUndefined();
});

describe('there is nothing to see', () => {
  test('without a PodAutoscaler', () =>
    expect(observe(sources(), keyOf('default', 'another'))).toBeUndefined());
  test('of another class', () =>
    expect(observe(sources({ classes: new Set(['other.example']) }), KEY)).toBeUndefined());
  test.each([
    [HPA_CLASS, true],
    ['mine.example', true],
    ['kpa.autoscaling.knative.dev', false],
    ['', false],
  ])('class %j: ours is %s', (named, ours) => {
    const pa = paOf({ class: named });
    expect(isOurs(pa, new Set([HPA_CLASS, 'mine.example']))).toBe(ours);
  });
  test('of no class: that is the KPA\u2019s', () => {
    const pa = paOf({}, { metadata: { annotations: {} } });
    expect(isOurs(pa, new Set([HPA_CLASS]))).toBe(false);
  });
});

describe('the revision', () => {
  test('of the same name that was made again is not the one that is meant', () => {
    const from = sources({ podAutoscalers: only(KEY, paOf({}, { metadata: ownedBy('of-the-old-one') })) });
    expect(observe(from, KEY)?.revision).toBeUndefined();
  });
  test('is none of a PodAutoscaler without an owner', () =>
    expect(observe(sources({ podAutoscalers: only(KEY, paOf()) }), KEY)?.revision).toBeUndefined());
});

test('pods count that run, are ready and stay', () => {
  const pods = [
    pod('Running', 'True'),
    pod('Running', 'True'),
    pod('Running', 'False'),
    pod('Running', 'Unknown'),
    pod('Pending', 'True'),
    pod('Succeeded', 'True'),
    pod('Running', 'True', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  ];
  const podsOf = (revision: Key): readonly Pod[] => (revision === KEY ? pods : [pod('Running', 'True')]);
  expect(observe(sources({ podsOf }), KEY)?.readyPods).toBe(2);
});

describe('the pods of a revision', () => {
  const serving = (name: string, status = {}): Pod =>
    podView.parse({
      metadata: { name, namespace: 'default' },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
    });

  test('are asked where and since when they serve', () => {
    const podsOf = (): readonly Pod[] => [
      serving('old', { podIP: '10.0.0.1', startTime: '2026-01-02T03:04:05Z' }),
      serving('new', { podIP: 'fd00::2' }),
      pod('Running', 'False'),
    ];
    expect(readyPodsOf({ podsOf }, KEY)).toEqual([
      { address: '10.0.0.1', startedAt: 1_767_323_045_000 },
      { address: 'fd00::2', startedAt: undefined },
    ]);
  });

  test('count as found with those that are still to come, once the revision has started', () => {
    const podsOf = (): readonly Pod[] => [serving('a')];
    const started = only(KEY, paOf({}, { status: STARTED }));
    expect(podsFound(sources({ podsOf }), KEY)).toBe(1);
    expect(podsFound(sources({ podsOf, podAutoscalers: started }), KEY)).toBe(3);
    expect(podsFound(sources({ podsOf, podAutoscalers: only(KEY, undefined) }), KEY)).toBe(1);
  });
});
