import { beforeEach, describe, expect, test } from '@jest/globals';
import type { BridgeEvent } from '../../../../src/domain/event.ts';
import { FaultError } from '../../../../src/domain/fault.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { KubeObject } from '../../../../src/domain/k8s/meta.ts';
import { RESOURCES, type Kind } from '../../../../src/domain/k8s/resources.ts';
import type { ChildKind, Step } from '../../../../src/domain/plan/world.ts';
import { Expectations, type Identity } from '../../../../src/engine/expectations.ts';
import { act, type Hands } from '../../../../src/processes/controller/act.ts';
import { ManualClock } from '../../../doubles/manual-clock.ts';
import { MemoryWriter } from '../../../doubles/memory-writer.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const KEY = keyOf('ns', 'a');
let writer: MemoryWriter;
let telemetry: TallyingTelemetry;
let events: BridgeEvent[];
/** What the caches show; nothing until a test says so. */
let cache: Map<Kind, Identity>;
let expectations: Expectations<Kind>;
let hands: Hands;
beforeEach(() => {
  [writer, telemetry, events] = [new MemoryWriter(), new TallyingTelemetry(), []];
  cache = new Map<Kind, Identity>();
  expectations = new Expectations<Kind>({ look: (kind) => cache.get(kind), clock: new ManualClock() });
  hands = { writer, telemetry, expectations, recorder: { publish: (event) => void events.push(event) } };
});

const object = (kind: ChildKind, spec = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', namespace: 'ns' },
  spec,
});
const apply = (kind: ChildKind, spec = {}): Step => ({ do: 'apply', kind, object: object(kind, spec) });
const say = (reason: string): Step => ({
  do: 'event',
  event: {
    about: { apiVersion: 'v1', kind: 'PodAutoscaler', key: KEY, uid: 'u' },
    type: 'Normal',
    reason,
    message: 'm',
    sameAs: [],
  },
});
const given = (kind: Kind, fields: object = {}): Promise<KubeObject> =>
  writer.apply(RESOURCES[kind], { ...object('ScaledObject'), kind, ...fields });
const stored = (kind: Kind): KubeObject | undefined => writer.objects.get(`${kind} ns/a`);
const show = (kind: Kind): void => {
  const { uid, resourceVersion } = stored(kind)?.metadata as unknown as Identity;
  cache.set(kind, { uid, resourceVersion });
};
const writes = (kind: Kind, verb: string): number =>
  telemetry.valueOf('hpa_bridge_writes_total', { kind, verb });

describe('each step has its effect, and is counted', () => {
  test('apply', async () => {
    expect(await act(hands, [apply('ScaledObject', { x: 1 })])).toEqual({});
    expect(stored('ScaledObject')).toMatchObject({ spec: { x: 1 } });
    expect(writes('ScaledObject', 'apply')).toBe(1);
  });

  test('create', async () => {
    expect(
      await act(hands, [{ do: 'create', kind: 'Service', object: object('Service', { x: 1 }) }]),
    ).toEqual({});
    expect(stored('Service')).toMatchObject({ spec: { x: 1 } });
    expect(writes('Service', 'create')).toBe(1);
    expect(expectations.pending(KEY)).toBeGreaterThan(0);
  });

  test('create of what somebody else has: it stays, and nothing more is done', async () => {
    await given('Service', { spec: { theirs: 1 } });
    const { failed } = await act(hands, [
      { do: 'create', kind: 'Service', object: object('Service', { x: 1 }) },
      apply('ScaledObject'),
    ]);
    expect(failed?.fault).toMatchObject({ code: 'already_exists' });
    expect(stored('Service')?.['spec']).toEqual({ theirs: 1 });
    expect(stored('ScaledObject')).toBeUndefined();
  });

  test('a private Service is not waited for: the public one is seen after it', async () => {
    const labels = { 'networking.internal.knative.dev/serviceType': 'Private' };
    const { metadata, ...rest } = object('Service');
    await act(hands, [
      { do: 'create', kind: 'Service', object: { ...rest, metadata: { ...metadata, labels } } },
    ]);
    expect(expectations.pending(KEY)).toBeUndefined();
  });

  test('merge', async () => {
    await given('HorizontalPodAutoscaler', { spec: { keep: 1, drop: 2 } });
    const body = { spec: { drop: null } };
    await act(hands, [{ do: 'merge', kind: 'HorizontalPodAutoscaler', key: KEY, body }]);
    expect(stored('HorizontalPodAutoscaler')?.['spec']).toEqual({ keep: 1 });
    expect(writes('HorizontalPodAutoscaler', 'patch')).toBe(1);
  });

  test('status: nothing but the status', async () => {
    await given('PodAutoscaler', { spec: { mine: 'no' } });
    const body = { status: { actualScale: 3 }, spec: { mine: 'yes' } };
    await act(hands, [{ do: 'status', key: KEY, body }]);
    expect(stored('PodAutoscaler')).toMatchObject({ spec: { mine: 'no' }, status: { actualScale: 3 } });
    expect(writes('PodAutoscaler', 'patch')).toBe(1);
  });

  test('scale: under the lock of the version that was seen', async () => {
    const { resourceVersion } = (await given('Deployment', { spec: { replicas: 0, paused: true } })).metadata;
    const scale = (version: unknown): Step => ({
      do: 'scale',
      key: KEY,
      replicas: 2,
      resourceVersion: String(version),
    });
    expect((await act(hands, [scale('1')])).failed?.fault.code).toBe('conflict');
    expect(stored('Deployment')?.['spec']).toEqual({ replicas: 0, paused: true });
    await act(hands, [scale(resourceVersion)]);
    expect(stored('Deployment')?.['spec']).toEqual({ replicas: 2, paused: true });
    expect(writes('Deployment', 'scale')).toBe(1);
  });

  test('remove: exactly the object that was seen', async () => {
    const { resourceVersion, uid } = (await given('ScaledObject')).metadata as unknown as Identity;
    const remove = (what: Identity): Step => ({
      do: 'remove',
      kind: 'ScaledObject',
      key: KEY,
      expected: { ...what, propagation: 'Background' },
    });
    expect((await act(hands, [remove({ uid: 'another', resourceVersion })])).failed?.fault.code).toBe(
      'conflict',
    );
    expect(stored('ScaledObject')).toBeDefined();
    await act(hands, [remove({ uid, resourceVersion })]);
    expect(stored('ScaledObject')).toBeUndefined();
    expect(writes('ScaledObject', 'delete')).toBe(1);
  });

  test('event', async () => {
    await act(hands, [say('One'), say('Two')]);
    expect(events.map(({ reason }) => reason)).toEqual(['One', 'Two']);
  });
});

describe('a write that fails', () => {
  const fault = { code: 'rejected', message: 'No.' } as const;
  test('is named with its fault, and stops the rest', async () => {
    writer.broken.set('HorizontalPodAutoscaler', new FaultError(fault));
    const failing = apply('HorizontalPodAutoscaler');
    const steps = [apply('ScaledObject'), say('Before'), failing, say('After'), apply('ServerlessService')];
    expect(await act(hands, steps)).toEqual({ failed: { step: failing, fault } });
    expect([...writer.objects.keys()]).toEqual(['ScaledObject ns/a']);
    expect(events.map(({ reason }) => reason)).toEqual(['Before']);
    expect(writes('HorizontalPodAutoscaler', 'apply')).toBe(0);
    expect(expectations.pending(KEY)).toBeDefined();
  });

  test('holds no key', async () => {
    writer.broken.set('ScaledObject', new FaultError(fault));
    await act(hands, [apply('ScaledObject')]);
    expect(expectations.pending(KEY)).toBeUndefined();
  });

  test('for a reason that nobody expected is not swallowed', async () => {
    writer.broken.set('ScaledObject', new TypeError('a mistake of ours'));
    await expect(act(hands, [apply('ScaledObject')])).rejects.toThrow('a mistake of ours');
  });
});

describe('the key is held until the cache shows', () => {
  test('what was applied', async () => {
    await act(hands, [apply('ScaledObject')]);
    expect(expectations.pending(KEY)).toBeGreaterThan(0);
    show('ScaledObject');
    expect(expectations.pending(KEY)).toBeUndefined();
  });

  test('the status that was written', async () => {
    await given('PodAutoscaler');
    show('PodAutoscaler');
    await act(hands, [{ do: 'status', key: KEY, body: { status: { actualScale: 1 } } }]);
    expect(expectations.pending(KEY)).toBeGreaterThan(0);
    show('PodAutoscaler');
    expect(expectations.pending(KEY)).toBeUndefined();
  });

  test('that what was removed is gone', async () => {
    const { resourceVersion, uid } = (await given('ScaledObject')).metadata as unknown as Identity;
    show('ScaledObject');
    const expected = { uid, resourceVersion, propagation: 'Orphan' } as const;
    await act(hands, [{ do: 'remove', kind: 'ScaledObject', key: KEY, expected }]);
    expect(expectations.pending(KEY)).toBeGreaterThan(0);
    cache.delete('ScaledObject');
    expect(expectations.pending(KEY)).toBeUndefined();
  });

  test('nothing, where nothing was written', async () => {
    await act(hands, [say('One')]);
    expect(expectations.pending(KEY)).toBeUndefined();
  });
});
