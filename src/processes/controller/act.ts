import { FaultError, type Fault } from '../../domain/fault.ts';
import type { Key } from '../../domain/key.ts';
import { keyOfMeta, type KubeObject } from '../../domain/k8s/meta.ts';
import { RESOURCES, type Kind } from '../../domain/k8s/resources.ts';
import type { ChildKind, Step } from '../../domain/plan/world.ts';
import type { KubeWriter } from '../../ports/kube.ts';
import type { Recorder } from '../../ports/recorder.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Told of every write of ours, so that the next plan can wait until the cache has seen it. */
export interface Expectations {
  expect(kind: Kind, key: Key, written: { readonly uid: string; readonly resourceVersion: string }): void;
  expectGone(kind: Kind, key: Key, uid: string): void;
}

export interface Hands {
  readonly writer: KubeWriter;
  readonly recorder: Recorder;
  readonly expectations: Expectations;
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
    case 'apply': {
      const stored = await hands.writer.apply(RESOURCES[step.kind], step.object, { force: true });
      wrote(hands, step.kind, 'apply', stored);
      return;
    }
    case 'merge': {
      const stored = await hands.writer.merge(RESOURCES[step.kind], step.key, step.body);
      wrote(hands, step.kind, 'patch', stored);
      return;
    }
    case 'status': {
      const stored = await hands.writer.merge(RESOURCES.PodAutoscaler, step.key, step.body, {
        subresource: 'status',
      });
      wrote(hands, 'PodAutoscaler', 'patch', stored);
      return;
    }
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

function wrote(
  hands: Hands,
  kind: ChildKind | 'PodAutoscaler',
  verb: 'apply' | 'patch',
  stored: KubeObject,
): void {
  hands.telemetry.add('hpa_bridge_writes_total', { kind, verb });
  const { name, namespace = '', uid, resourceVersion } = stored.metadata;
  if (typeof uid === 'string' && typeof resourceVersion === 'string')
    hands.expectations.expect(kind, keyOfMeta({ namespace, name }), { uid, resourceVersion });
}
