import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { keep } from '../../../../src/domain/plan/keep.ts';
import { stamped } from '../../../../src/domain/k8s/write/applied-hash.ts';
import { byPa, hpaOf, NAME, NAMESPACE, TARGET_REF } from '../../../builders/world.ts';

const wanted = (spec: JsonObject = {}, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: {
    name: NAME,
    namespace: NAMESPACE,
    labels: { app: 'a' },
    annotations: { x: 'y' },
    ownerReferences: [byPa()],
    ...metadata,
  },
  spec: { scaleTargetRef: TARGET_REF, maxReplicas: 10, ...spec },
});

/** What is stored after `object` was applied and `more` happened to it. */
const stored = (object: KubeObject, more: { spec?: JsonObject; metadata?: JsonObject; owners?: [] } = {}) => {
  const { labels, annotations } = stamped(object).metadata as Record<string, JsonObject>;
  return hpaOf({
    spec: { ...(object['spec'] as JsonObject), ...more.spec },
    metadata: { labels, annotations, ...more.metadata },
    ...(more.owners === undefined ? {} : { owners: more.owners }),
  });
};

const doing = (actual: ReturnType<typeof hpaOf> | undefined, object: KubeObject) =>
  keep('HorizontalPodAutoscaler', actual, object).map((step) => step.do);

const METRICS = (averageValue: string): JsonObject => ({
  metrics: [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue } } },
  ],
});
const annotated = (object: KubeObject, more: JsonObject) => ({
  annotations: { ...(stamped(object).metadata['annotations'] as JsonObject), ...more },
});

test('what is missing is applied', () => expect(doing(undefined, wanted())).toEqual(['apply']));
test('what is as it was applied is left alone', () => expect(doing(stored(wanted()), wanted())).toEqual([]));
test('what is being deleted is left alone', () =>
  expect(doing(hpaOf({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), wanted())).toEqual([]));

test.each([
  ['fields that the API server filled in', { spec: { behavior: { scaleUp: { policies: [] } } } }],
  ['labels of others', { metadata: { ...annotated(wanted(), {}), labels: { app: 'a', else: 'b' } } }],
  ['annotations of others', { metadata: { labels: { app: 'a' }, ...annotated(wanted(), { z: 'z' }) } }],
])('%s are no difference', (_, more) => expect(doing(stored(wanted(), more), wanted())).toEqual([]));

test.each([
  ['a spec field', { spec: { maxReplicas: 11 } }],
  ['a label', { metadata: { ...annotated(wanted(), {}), labels: { app: 'b' } } }],
  ['an annotation', { metadata: { labels: { app: 'a' }, ...annotated(wanted(), { x: 'z' }) } }],
  ['our ownership', { owners: [] as [] }],
])('an edit of %s is put right', (_, more) =>
  expect(doing(stored(wanted(), more), wanted())).toEqual(['apply']),
);

test.each([
  ['1024Mi', '1Gi'],
  ['1.500', '1500m'],
  ['500m', '0.5'],
])('%s and %s are the same', (ours, theirs) => {
  const object = wanted(METRICS(ours));
  expect(doing(stored(object, { spec: METRICS(theirs) }), object)).toEqual([]);
  expect(doing(stored(object, { spec: METRICS('7') }), object)).toEqual(['apply']);
});

test('a null that is not stored is no difference', () => {
  const object = wanted({ fallback: null });
  const actual = stored(wanted(), {
    metadata: { labels: { app: 'a' }, annotations: stamped(object).metadata['annotations'] },
  });
  expect(doing(actual, object)).toEqual([]);
});

test('content that we no longer want is removed first, even where another manager holds it', () => {
  const before = wanted(
    { behavior: { scaleUp: { stabilizationWindowSeconds: 60 } }, minReplicas: 2 },
    { annotations: { 'autoscaling.knative.dev/window': '60s', else: 'e' } },
  );
  const [merge, apply] = keep('HorizontalPodAutoscaler', stored(before), wanted({ minReplicas: 2 }));
  expect(merge).toMatchObject({
    do: 'merge',
    body: {
      metadata: { resourceVersion: 'v-dddd', annotations: { 'autoscaling.knative.dev/window': null } },
      spec: { behavior: null },
    },
  });
  expect(merge).not.toHaveProperty('body.metadata.annotations.else');
  expect(merge).not.toHaveProperty('body.spec.minReplicas');
  expect(apply).toMatchObject({ do: 'apply' });
});

test('the hash tells contents apart, not the order of their fields', () => {
  const hashOf = (object: KubeObject) =>
    (stamped(object).metadata['annotations'] as JsonObject)['hpa-bridge.dev/applied-hash'];
  const { metadata, ...rest } = wanted();
  expect(hashOf({ ...rest, metadata })).toBe(hashOf(wanted()));
  expect(hashOf(stamped(wanted()))).toBe(hashOf(wanted()));
  expect(hashOf(wanted({ maxReplicas: 11 }))).not.toBe(hashOf(wanted()));
});
