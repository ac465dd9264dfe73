import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { KINDS } from './kinds.ts';
import { api, namespace, SYSTEM } from './lab.ts';
import {
  annotate,
  applyService,
  conditionOf,
  eventsAbout,
  PLAIN_QUERY,
  podAutoscalerWith,
  readyRevision,
  served,
} from './serving.ts';

const QUERY = { query: PLAIN_QUERY, target: '5' } as const;
const ON_HPA = { 'hpa-bridge.dev/backend': 'hpa' } as const;

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('edits');
  bridge = await Bridge.started('edits');
  await bridge.leading();
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

describe('edits of the Revision', () => {
  test('of minimum, maximum and target are followed, and the Service stays Ready', async () => {
    const revision = await served(space.name, 'edited', { ...QUERY, 'max-scale': '3' });
    await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
    await using service = await api.follow(KINDS.service, space.name, 'edited');
    await annotate(space.name, revision, { 'min-scale': '2', 'max-scale': '7', target: '2.5' });
    await eventually(async () => {
      const object = await api.get(KINDS.scaledObject, space.name, revision);
      expect(object.spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 7 });
      expect(object.spec.triggers[0]?.metadata).toMatchObject({ threshold: '2.5' });
      expect(object.metadata.annotations).toMatchObject({ 'autoscaling.knative.dev/target': '2.5' });
    });
    await eventually(async () => {
      const hpa = await api.get(KINDS.hpa, space.name, revision);
      expect(hpa.spec).toMatchObject({
        minReplicas: 2,
        maxReplicas: 7,
        metrics: [{ external: { target: { averageValue: expect.stringMatching(/^(2500m|2\.50*)$/) } } }],
      });
      const pa = await api.get(KINDS.podAutoscaler, space.name, revision);
      expect(pa.status).toMatchObject({ desiredScale: 2, actualScale: 2 });
    });
    // A removed annotation leaves nothing behind.
    await annotate(space.name, revision, { 'min-scale': null, 'max-scale': null });
    await eventually(async () => {
      const object = await api.get(KINDS.scaledObject, space.name, revision);
      expect(object.spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 2_147_483_647 });
      expect(object.metadata.annotations).not.toHaveProperty(['autoscaling.knative.dev/max-scale']);
    });
    for (const version of service.versions)
      expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('a new template makes a new revision; the old one keeps its objects', async () => {
    const first = await served(space.name, 'rolled', { ...QUERY, 'max-scale': '3' });
    const second = await served(space.name, 'rolled', { ...QUERY, 'max-scale': '4', 'min-scale': '1' });
    expect(second).not.toBe(first);
    await eventually(async () => {
      expect((await api.get(KINDS.scaledObject, space.name, first)).spec.maxReplicaCount).toBe(3);
      expect((await api.get(KINDS.scaledObject, space.name, second)).spec.maxReplicaCount).toBe(4);
    });
  });
});

describe('edits by others', () => {
  test('of a ScaledObject are put right; what we do not mean stays', async () => {
    const revision = await served(space.name, 'meddled', { ...QUERY, 'max-scale': '3' });
    const before = await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
    await api.patch(KINDS.scaledObject, space.name, revision, {
      metadata: { labels: { team: 'checkout' } },
      spec: { maxReplicaCount: 50 },
    });
    await eventually(async () => {
      const { spec, metadata } = await api.get(KINDS.scaledObject, space.name, revision);
      expect(spec.maxReplicaCount).toBe(3);
      expect(metadata.labels).toMatchObject({ ...before.metadata.labels, team: 'checkout' });
    });
  });

  test('a ScaledObject that is deleted is made again', async () => {
    const revision = await served(space.name, 'removed', QUERY);
    const before = await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
    await api.remove(KINDS.scaledObject, space.name, revision);
    await eventually(async () => {
      const after = await api.get(KINDS.scaledObject, space.name, revision);
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
      expect(after.metadata.deletionTimestamp).toBeUndefined();
    });
  });
});

describe('an object of somebody else', () => {
  const NAME = 'taken-00001';

  test('an HPA of the name that we need is never touched', async () => {
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'elsewhere' };
    await api.apply(KINDS.hpa, {
      metadata: { namespace: space.name, name: NAME },
      spec: { scaleTargetRef: target, maxReplicas: 3 },
    });
    const before = await api.get(KINDS.hpa, space.name, NAME);
    await applyService(space.name, 'taken', { metric: 'cpu', target: '70', ...ON_HPA });
    const pa = await eventually(async () => {
      const found = await api.get(KINDS.podAutoscaler, space.name, NAME);
      expect(conditionOf(found, 'Active')).toMatchObject({ reason: 'NotOwned' });
      return found;
    });
    expect(conditionOf(pa, 'Active')?.message).toBe(
      `There is an existing HorizontalPodAutoscaler "${NAME}" that we do not own.`,
    );
    const seen = await api.get(KINDS.hpa, space.name, NAME);
    expect(seen.metadata.uid).toBe(before.metadata.uid);
    expect(seen.spec).toEqual(before.spec);
    expect(seen.metadata.managedFields?.map(({ manager }) => manager)).not.toContain('hpa-bridge');
    await eventually(async () => {
      const events = await eventsAbout(space.name, NAME);
      expect(events.map(({ reason }) => reason)).toContain('NotOwned');
    });
    // Removing it is the retry.
    await api.remove(KINDS.hpa, space.name, NAME);
    await readyRevision(space.name, 'taken');
    const ours = await eventually(() => api.get(KINDS.hpa, space.name, NAME));
    expect(ours.metadata.ownerReferences).toMatchObject([{ kind: 'PodAutoscaler', name: NAME }]);
  });
});

test('the deletion of a Service takes everything that we made', async () => {
  const onKeda = await served(space.name, 'gone-keda', QUERY);
  const onHpa = await served(space.name, 'gone-hpa', { metric: 'cpu', target: '70', ...ON_HPA });
  await eventually(async () => {
    await api.get(KINDS.hpa, space.name, onKeda);
    await api.get(KINDS.hpa, space.name, onHpa);
  });
  await api.remove(KINDS.service, space.name, 'gone-keda');
  await api.remove(KINDS.service, space.name, 'gone-hpa');
  const kinds = [KINDS.revision, KINDS.podAutoscaler, KINDS.scaledObject, KINDS.hpa, KINDS.sks];
  for (const name of [onKeda, onHpa])
    for (const kind of kinds)
      await eventually(async () => expect(await api.find(kind, space.name, name)).toBeUndefined());
});

describe('edits of the configuration', () => {
  /** The Warning about a ConfigMap that has these words. */
  const warned = (name: string, ...words: readonly string[]): Promise<void> =>
    eventually(async () => {
      const messages = (await eventsAbout(SYSTEM, name)).map(({ message }) => message);
      expect(messages.filter((message) => words.every((word) => message.includes(word)))).not.toEqual([]);
    });

  test('of config-autoscaler: a good one plans everything anew', async () => {
    const revision = await served(space.name, 'configured', QUERY);
    const maximum = async (): Promise<unknown> =>
      (await api.get(KINDS.scaledObject, space.name, revision)).spec.maxReplicaCount;
    await configured('config-autoscaler', { 'max-scale': '17' }, () =>
      eventually(async () => expect(await maximum()).toBe(17)),
    );
    await eventually(async () => expect(await maximum()).toBe(2_147_483_647));
  });

  test('of config-autoscaler: a bad one is refused with an event, and the last good one stays', async () => {
    const label = 'app.kubernetes.io/component';
    const labelled = (value: string | null): Promise<unknown> =>
      api.patch(KINDS.configMap, SYSTEM, 'config-autoscaler', { metadata: { labels: { [label]: value } } });
    const before = (await api.get(KINDS.configMap, SYSTEM, 'config-autoscaler')).metadata.labels?.[label];
    await configured('config-autoscaler', { 'max-scale': '19' }, async () => {
      const revision = await served(space.name, 'last-good', QUERY);
      // Knative's own webhook looks at this label; without it, a mistake gets as far as us.
      await labelled(null);
      try {
        await configured('config-autoscaler', { 'stable-window': 'soon' }, async () => {
          await warned('config-autoscaler', 'stable-window');
          const during = await served(space.name, 'during', QUERY);
          for (const name of [revision, during])
            expect((await api.get(KINDS.scaledObject, space.name, name)).spec.maxReplicaCount).toBe(19);
          expect(await bridge.metric('hpa_bridge_config_valid', { configmap: 'config-autoscaler' })).toBe(0);
        });
      } finally {
        await labelled(before ?? null);
      }
    });
    await eventually(async () =>
      expect(await bridge.metric('hpa_bridge_config_valid', { configmap: 'config-autoscaler' })).toBe(1),
    );
  });

  test('of config-autoscaler-keda: the address moves, a bad switch does not', async () => {
    const revision = await served(space.name, 'moved', QUERY);
    const address = async (): Promise<unknown> =>
      (await api.get(KINDS.scaledObject, space.name, revision)).spec.triggers[0]?.metadata['serverAddress'];
    const good = { 'autoscaler.keda.prometheus-address': 'http://thanos.monitoring:9090' };
    await configured('config-autoscaler-keda', good, async () => {
      await eventually(async () => expect(await address()).toBe('http://thanos.monitoring:9090'));
      const bad = { 'autoscaler.keda.scaledobject-autocreate': 'perhaps' };
      await configured('config-autoscaler-keda', bad, async () => {
        await warned('config-autoscaler-keda', 'scaledobject-autocreate', 'perhaps');
        expect(await address()).toBe('http://thanos.monitoring:9090');
      });
    });
    await eventually(async () => expect(await address()).toBe('http://prometheus-operated.default.svc:9090'));
  });

  test('of config-hpa-bridge: a bad one is refused, an allowed address is used', async () => {
    await configured('config-hpa-bridge', { backend: 'vpa' }, () =>
      warned('config-hpa-bridge', 'backend', 'vpa'),
    );
    const other = 'http://other.monitoring:9090';
    await configured('config-hpa-bridge', { 'allowed-prometheus-addresses': other }, async () => {
      const revision = await served(space.name, 'allowed', { ...QUERY, 'prometheus-address': other });
      await podAutoscalerWith(space.name, revision, { type: 'AnnotationsValid', status: 'True' });
      const object = await eventually(() => api.get(KINDS.scaledObject, space.name, revision));
      expect(object.spec.triggers[0]?.metadata).toMatchObject({ serverAddress: other });
    });
    // Taken off the list: what works goes on working, and the user is told.
    await podAutoscalerWith(space.name, 'allowed-00001', { type: 'AnnotationsValid', status: 'False' });
    expect(await api.find(KINDS.scaledObject, space.name, 'allowed-00001')).toBeDefined();
  });
});
