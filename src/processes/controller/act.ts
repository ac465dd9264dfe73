import { FaultError, type Fault } from '../../domain/fault.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { isJsonObject } from '../../domain/json.ts';
import { SERVICE_TYPE } from '../../domain/k8s/knative-services.ts';
import type { KubeObject } from '../../domain/k8s/meta.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import type { ChildKind, Step } from '../../domain/plan/world.ts';
import type { Expectations } from '../../engine/expectations.ts';
import type { KubeWriter } from '../../ports/kube.ts';
import type { Recorder } from '../../ports/recorder.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Told of every write of ours, so that the next plan can wait until the cache has seen it. */
export type WriteExpectations = Pick<Expectations<Kind>, 'cached' | 'expect' | 'expectGone'>;

export interface Hands {
  readonly writer: KubeWriter;
  readonly recorder: Recorder;
  readonly expectations: WriteExpectations;
  readonly telemetry: Telemetry;
}

/** What became of a list of steps: all done, or the step that failed and why. */
export type Acted = { readonly failed?: { readonly step: Step; readonly fault: Fault } };

/** Carries the steps out in order. The first write that fails stops the rest; events cannot fail. */
export async function act(hands: Hands, steps: readonly Step[]): Promise<Acted> {
  for (const step of steps) {
    try {
      await carryOut(hands, step);
    } catch (thrown) {
      if (thrown instanceof FaultError) return { failed: { step, fault: thrown.fault } };
      throw thrown;
    }
  }
  return {};
}

async function carryOut(hands: Hands, step: Step): Promise<void> {
  switch (step.do) {
    case 'event':
      hands.recorder.publish(step.event);
      return;
    case 'apply':
      await write(
        hands,
        { kind: step.kind, verb: 'apply', key: keyOfObject(step.object), awaited: isAwaited(step.object) },
        // Requests wait for what stands in Endpoints.
        () =>
          hands.writer.apply(RESOURCES[step.kind], step.object, {
            force: true,
            urgent: step.kind === 'Endpoints',
          }),
      );
      return;
    case 'create':
      await write(
        hands,
        { kind: step.kind, verb: 'create', key: keyOfObject(step.object), awaited: isAwaited(step.object) },
        () => hands.writer.create(RESOURCES[step.kind], step.object),
      );
      return;
    case 'merge':
      await write(hands, { kind: step.kind, verb: 'patch', key: step.key }, () =>
        hands.writer.merge(RESOURCES[step.kind], step.key, step.body),
      );
      return;
    case 'scale':
      await hands.writer.merge(
        RESOURCES.Deployment,
        step.key,
        { metadata: { resourceVersion: step.resourceVersion }, spec: { replicas: step.replicas } },
        { subresource: 'scale' },
      );
      hands.telemetry.add('hpa_bridge_writes_total', { kind: 'Deployment', verb: 'scale' });
      return;
    case 'status':
      await write(hands, { kind: 'PodAutoscaler', verb: 'patch', key: step.key }, () =>
        hands.writer.merge(RESOURCES.PodAutoscaler, step.key, step.body, { subresource: 'status' }),
      );
      return;
    case 'remove':
      return remove(hands, step.kind, step.key, step.expected);
  }
}

async function remove(
  hands: Hands,
  kind: ChildKind,
  key: Key,
  expected: Extract<Step, { do: 'remove' }>['expected'],
): Promise<void> {
  await hands.writer.remove(RESOURCES[kind], key, expected);
  hands.telemetry.add('hpa_bridge_writes_total', { kind, verb: 'delete' });
  hands.expectations.expectGone(kind, key, expected.uid);
}

interface What {
  readonly kind: ChildKind | 'PodAutoscaler';
  readonly verb: 'apply' | 'create' | 'patch';
  readonly key: Key;
  /** Whether plans wait until it is seen. */
  readonly awaited?: boolean;
}

/** Plans wait for what bears the name of their revision. A private Service is written before the public one, and so is seen before it. */
const isAwaited = ({ kind, metadata: { labels } }: KubeObject): boolean =>
  // Written again, a slice is what it was.
  kind !== RESOURCES.EndpointSlice.kind && (!isJsonObject(labels) || labels[SERVICE_TYPE] !== 'Private');

async function write(
  hands: Hands,
  { kind, verb, key, awaited = true }: What,
  send: () => Promise<KubeObject>,
): Promise<void> {
  const before = hands.expectations.cached(kind, key);
  const { uid, resourceVersion } = (await send()).metadata;
  hands.telemetry.add('hpa_bridge_writes_total', { kind, verb });
  if (!awaited) return;
  if (typeof uid === 'string' && typeof resourceVersion === 'string')
    hands.expectations.expect(kind, key, { before, written: { uid, resourceVersion } });
}

const keyOfObject = ({ metadata }: KubeObject): Key => keyOf(metadata.namespace ?? '', metadata.name);
