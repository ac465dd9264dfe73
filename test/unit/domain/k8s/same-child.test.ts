import { describe, expect, test } from '@jest/globals';
import { isAsApplied, type Child } from '../../../../src/domain/k8s/same-child.ts';
import { stamped } from '../../../../src/domain/k8s/write/applied-hash.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';

const wanted = stamped({
  apiVersion: 'networking.internal.knative.dev/v1alpha1',
  kind: 'ServerlessService',
  metadata: { name: 'shop', namespace: 'team', labels: { app: 'shop' } },
  spec: { mode: 'Serve', numActivators: 0 },
});

/** The object as the API server holds it, with this spec. */
const stored = (object: KubeObject, spec: JsonObject): Child => ({
  metadata: {
    name: object.metadata.name,
    namespace: 'team',
    uid: 'u1',
    resourceVersion: '7',
    generation: 1,
    labels: { app: 'shop' },
    annotations: object.metadata.annotations as Record<string, string>,
    ownerReferences: [],
  },
  spec,
});

describe('a ServerlessService is as it was applied', () => {
  test('when it is stored as it was sent', () => {
    expect(isAsApplied(stored(wanted, { mode: 'Serve', numActivators: 0 }), wanted)).toBe(true);
  });

  test("when Knative's webhook has dropped the zero, as it does", () => {
    expect(isAsApplied(stored(wanted, { mode: 'Serve' }), wanted)).toBe(true);
  });

  test.each<[string, JsonObject]>([
    ['another number of activators', { mode: 'Serve', numActivators: 2 }],
    ['another mode', { mode: 'Proxy' }],
    ['no mode', {}],
  ])('but not with %s', (_, spec) => {
    expect(isAsApplied(stored(wanted, spec), wanted)).toBe(false);
  });
});
