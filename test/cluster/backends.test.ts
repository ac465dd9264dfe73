import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, type Followed } from './api.ts';
import { Bridge } from './bridge.ts';
import { KINDS, type Deployment, type HorizontalPodAutoscaler, type Service } from './kinds.ts';
import { api, namespace } from './lab.ts';
import { annotate, conditionOf, served } from './serving.ts';

const CRD = 'scaledobjects.keda.sh';
const BACKEND = 'hpa-bridge.dev/backend';

let bridge: Bridge;
let space: Awaited<ReturnType<typeof namespace>>;
beforeAll(async () => {
  space = await namespace('backends');
  bridge = await Bridge.started('backends');
  await bridge.leading();
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

const controllerOf = (hpa: HorizontalPodAutoscaler): string | undefined =>
  hpa.metadata.ownerReferences?.find(({ controller }) => controller)?.kind;

/** The HPAs that scale this revision's Deployment. */
const scalersOf = async (revision: string): Promise<readonly HorizontalPodAutoscaler[]> =>
  (await api.list(KINDS.hpa, space.name)).filter(
    ({ spec }) => (spec.scaleTargetRef as { readonly name: string }).name === `${revision}-deployment`,
  );

/** Waits until exactly one HPA scales the revision, and it belongs to this kind, with this minimum. */
const scaledBy = (revision: string, owner: 'ScaledObject' | 'PodAutoscaler'): Promise<void> =>
  eventually(async () => {
    const scalers = await scalersOf(revision);
    expect(scalers.map(controllerOf)).toEqual([owner]);
    expect(scalers[0]!.spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
    const object = await api.find(KINDS.scaledObject, space.name, revision);
    expect(object?.kind).toBe(owner === 'ScaledObject' ? 'ScaledObject' : undefined);
  });

interface Watched {
  readonly service: Followed<Service>;
  readonly deployment: Followed<Deployment>;
}

const watched = async (name: string, revision: string): Promise<Watched & AsyncDisposable> => {
  const service = await api.follow(KINDS.service, space.name, name);
  const deployment = await api.follow(KINDS.deployment, space.name, `${revision}-deployment`);
  return {
    service,
    deployment,
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await deployment[Symbol.asyncDispose]();
    },
  };
};

/** Nobody ever took a pod away, and the Service was Ready all the time. */
function expectUndisturbed({ service, deployment }: Watched): void {
  for (const version of service.versions)
    expect(conditionOf(version, 'Ready')).toMatchObject({ status: 'True' });
  for (const { spec } of deployment.versions) expect(spec.replicas).toBe(2);
}

/** In milliseconds; it hears within some tens. */
const COLLECTOR_HAS_HEARD = 2_000;

const ANNOTATIONS = { metric: 'cpu', target: '70', 'min-scale': '2', 'max-scale': '5' } as const;

test('the annotation moves a revision from the HPA to KEDA and back, with one scaler at any time', async () => {
  const revision = await served(space.name, 'switched', { ...ANNOTATIONS, [BACKEND]: 'hpa' });
  await scaledBy(revision, 'PodAutoscaler');
  const { uid } = (await api.get(KINDS.hpa, space.name, revision)).metadata;
  await using seen = await watched('switched', revision);
  await using hpa = await api.follow(KINDS.hpa, space.name, revision);

  await annotate(space.name, revision, { [BACKEND]: 'keda' });
  await scaledBy(revision, 'ScaledObject');
  // Kubernetes' garbage collector learns of owners by a watch of its own. What is orphaned before that, it removes, and it is made anew.
  await sleep(COLLECTOR_HAS_HEARD);
  await annotate(space.name, revision, { [BACKEND]: 'hpa' });
  await scaledBy(revision, 'PodAutoscaler');
  await annotate(space.name, revision, { [BACKEND]: 'keda' });
  await scaledBy(revision, 'ScaledObject');

  expectUndisturbed(seen);
  // It was one and the same HPA, handed from one to the other.
  expect(new Set(hpa.versions.map(({ metadata }) => metadata.uid))).toEqual(new Set([uid]));
});

test('KEDA taken away and brought back: the HPA steps in, without a restart', async () => {
  const revision = await served(space.name, 'steadfast', ANNOTATIONS);
  await scaledBy(revision, 'ScaledObject');
  await using seen = await watched('steadfast', revision);
  const { metadata, ...definition } = await api.get(KINDS.crd, undefined, CRD);
  const fresh = { name: metadata.name, labels: metadata.labels, annotations: metadata.annotations };
  try {
    await api.remove(KINDS.crd, undefined, CRD);
    await eventually(async () => expect(await api.find(KINDS.crd, undefined, CRD)).toBeUndefined());
    await scaledBy(revision, 'PodAutoscaler');
    const during = await served(space.name, 'meanwhile', ANNOTATIONS);
    await scaledBy(during, 'PodAutoscaler');
  } finally {
    await api.apply(KINDS.crd, { ...definition, metadata: fresh });
  }
  await scaledBy(revision, 'ScaledObject');
  await scaledBy('meanwhile-00001', 'ScaledObject');
  expectUndisturbed(seen);
});
