import { describe, expect, test } from '@jest/globals';
import { eventually } from './api.ts';
import { Bridge, leaseOfBridge } from './bridge.ts';
import { KINDS } from './kinds.ts';
import { api, namespace, script, tidied } from './lab.ts';
import { annotate, conditionOf, PLAIN_QUERY, podAutoscalerWith, served } from './serving.ts';
import { besideUpstream } from './upstream.ts';

const QUERY = { query: PLAIN_QUERY, target: '5', 'max-scale': '3' } as const;

const holder = async (): Promise<string> => (await leaseOfBridge()).spec.holderIdentity ?? '';

/** Edits the maximum and waits until the ScaledObject has it: somebody is at work. */
async function expectFollowed(namespace: string, revision: string, maximum: number): Promise<void> {
  await annotate(namespace, revision, { 'max-scale': String(maximum) });
  await eventually(async () => {
    const { spec } = await api.get(KINDS.scaledObject, namespace, revision);
    expect(spec.maxReplicaCount).toBe(maximum);
  });
}

describe('two controllers', () => {
  test('only the leader writes; the other takes over when it is killed, and makes nothing twice', async () => {
    await using space = await namespace('two');
    await using first = await Bridge.started('first');
    await first.leading();
    await using second = await Bridge.started('second'); // ready, though not the leader
    const revision = await served(space.name, 'kept', QUERY);
    await expectFollowed(space.name, revision, 4);
    expect(await holder()).toMatch(/^first_/);
    expect(first.writes().length).toBeGreaterThan(0);
    expect(second.writes()).toEqual([]);

    const before = await api.get(KINDS.scaledObject, space.name, revision);
    const { uid } = (await api.get(KINDS.sks, space.name, revision)).metadata;
    await using service = await api.follow(KINDS.service, space.name, 'kept');
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    await second.leading();
    expect(await holder()).toMatch(/^second_/);
    await expectFollowed(space.name, revision, 5);
    const after = await api.get(KINDS.scaledObject, space.name, revision);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect((await api.get(KINDS.sks, space.name, revision)).metadata.uid).toBe(uid);
    expect(await api.list(KINDS.scaledObject, space.name)).toHaveLength(1);
    // The edit, and what follows from it; nothing is made anew or taken away.
    expect(second.writes(space.name)).not.toContainEqual(expect.stringMatching(/^(create|delete)/));
    for (const version of service.versions)
      expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('a leader that is told to stop gives the lease back and ends well', async () => {
    const only = await Bridge.started('polite');
    await only.leading();
    expect(await only.stop('SIGTERM')).toBe(0);
    expect(await holder()).toBe('');
  });
});

/** Waits until what it returns stays the same for three seconds. */
async function settled<T>(look: () => Promise<T>): Promise<T> {
  const seen: string[] = [];
  return eventually(async () => {
    const now = await look();
    seen.push(JSON.stringify(now));
    const last = seen.slice(-30);
    if (last.length < 30 || last.some((other) => other !== last[0])) throw new Error('still changing');
    return now;
  });
}

test('a controller that finds everything as it should be writes nothing', async () => {
  await using space = await namespace('still');
  const versions = async (): Promise<readonly unknown[]> =>
    (await api.list(KINDS.podAutoscaler, space.name)).map(({ metadata, status }) => [
      metadata.name,
      metadata.resourceVersion,
      status,
    ]);
  const before = await (async () => {
    await using bridge = await Bridge.started('before');
    await bridge.leading();
    await Promise.all([
      served(space.name, 'one', { ...QUERY, 'hpa-bridge.dev/polling-interval': '1s' }),
      served(space.name, 'two', { metric: 'cpu', target: '70', 'hpa-bridge.dev/backend': 'hpa' }),
      served(space.name, 'three', { metric: 'concurrency' }),
    ]);
    await eventually(() => api.get(KINDS.hpa, space.name, 'one-00001'));
    // Nobody answers KEDA's query, and that is found out when it has asked.
    await podAutoscalerWith(space.name, 'one-00001', { type: 'SignalAvailable', status: 'False' });
    return await settled(versions);
  })();
  await using bridge = await Bridge.started('after');
  await bridge.leading();
  const all = (await api.list(KINDS.podAutoscaler, space.name)).length;
  await eventually(async () => {
    expect(await bridge.metric('hpa_bridge_reconcile_seconds_count')).toBeGreaterThanOrEqual(all);
    expect(await bridge.metric('hpa_bridge_workqueue_depth')).toBe(0);
  });
  expect(await versions()).toEqual(before);
  expect(bridge.writes(space.name)).toEqual([]);
});

describe('an API server that goes away', () => {
  test.each(['orderly', 'kill'])('(%s) and comes back: the work goes on', async (how) => {
    await using space = await namespace('restart');
    await using bridge = await Bridge.started(`restart-${how}`);
    await bridge.leading();
    const revision = await served(space.name, 'survivor', QUERY);
    await expectFollowed(space.name, revision, 4);
    // A namespace that is on its way out would lose its objects from sight while the server comes up again.
    await tidied();
    await script(['restart.sh', 'kube-apiserver', how]);
    await bridge.leading();
    await expectFollowed(space.name, revision, 6);
    await served(space.name, 'newcomer', QUERY);
    await eventually(() => api.get(KINDS.scaledObject, space.name, 'newcomer-00001'));
    const { metadata } = await api.get(KINDS.service, space.name, 'survivor');
    expect(metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('beside autoscaler-hpa', () => {
  test('one that was forgotten stays passive while ours leads', async () => {
    await using space = await namespace('forgotten');
    await using bridge = await Bridge.started('leads');
    await bridge.leading();
    const revision = await served(space.name, 'ours', QUERY);
    await besideUpstream(async () => {
      await expectFollowed(space.name, revision, 6);
      const fresh = await served(space.name, 'fresh', { metric: 'cpu', target: '70' });
      await eventually(() => api.get(KINDS.scaledObject, space.name, fresh));
      expect(await holder()).toMatch(/^leads_/);
      for (const name of [revision, fresh]) {
        const pa = await api.get(KINDS.podAutoscaler, space.name, name);
        const writers = pa.metadata.managedFields?.filter(({ subresource }) => subresource === 'status');
        expect(writers?.map(({ manager }) => manager)).toEqual(['hpa-bridge']);
        const owner = (await api.find(KINDS.hpa, space.name, name))?.metadata.ownerReferences?.[0]?.kind;
        expect([undefined, 'ScaledObject']).toContain(owner);
      }
    });
  });

  test('while it leads, ours waits and says so; then it takes over what is there', async () => {
    await using space = await namespace('migrated');
    const annotations = { metric: 'cpu', target: '70', 'min-scale': '2', 'max-scale': '4' };
    let bridge: Bridge | undefined;
    try {
      const revision = await besideUpstream(async () => {
        const name = await served(space.name, 'moved', annotations);
        bridge = await Bridge.started('waits');
        const other = await holder();
        expect(other).not.toMatch(/^waits_/);
        await eventually(() => expect(bridge!.output).toContain(other));
        expect(bridge.writes()).toEqual([]);
        return name;
      });
      await using service = await api.follow(KINDS.service, space.name, 'moved');
      await using deployment = await api.follow(KINDS.deployment, space.name, `${revision}-deployment`);
      await bridge!.leading();
      await eventually(async () => {
        const hpa = await api.get(KINDS.hpa, space.name, revision);
        expect(hpa.metadata.ownerReferences).toMatchObject([{ kind: 'ScaledObject', name: revision }]);
        expect(hpa.spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
      });
      for (const version of service.versions)
        expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
      for (const { spec } of deployment.versions) expect(spec.replicas).toBe(2);
      expect(await api.list(KINDS.hpa, space.name)).toHaveLength(1);
    } finally {
      await bridge?.[Symbol.asyncDispose]();
    }
  });
});
