import { describe, expect, test } from '@jest/globals';
import { controllerOf, type HasMeta } from '../../../../src/domain/k8s/meta.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { ms } from '../../../../src/domain/time.ts';
import type { RevisionServices } from '../../../../src/domain/zero/seen.ts';
import { effectOf } from '../../../builders/effect.ts';
import { byPa, deploymentOf, NAME, revisionOf, sksOf, UID } from '../../../builders/world.ts';
import {
  activatorsOf,
  activePa,
  asleepWorld,
  CONCURRENCY,
  minute,
  PODS,
  servicesOf,
  servingWorld,
} from '../../../builders/zero.ts';

const SERVICES = 'hpa-bridge.dev/services';
const SKS = sksOf({ owners: [byPa()], ready: true });
const bySks = {
  apiVersion: 'networking.internal.knative.dev/v1alpha1',
  kind: 'ServerlessService',
  name: NAME,
  uid: SKS.metadata.uid,
  controller: true,
};

/** The same Services, and whose they are. */
function owned(services: RevisionServices, owners: readonly (typeof bySks)[]): RevisionServices {
  const by = <T extends HasMeta>(child: T | undefined): T | undefined =>
    child && { ...child, metadata: { ...child.metadata, ownerReferences: owners } };
  return {
    ...services,
    publicService: by(services.publicService),
    privateService: by(services.privateService),
    publicEndpoints: by(services.publicEndpoints),
  };
}
const owners = ({ services }: World): readonly (string | undefined)[] =>
  [services.privateService, services.publicEndpoints, services.publicService].map(
    (child) => child && controllerOf(child.metadata)?.uid,
  );
const planned = (world: World): World => effectOf(world, plan(world));
const of = (wish: string | undefined): ReturnType<typeof activePa> =>
  activePa('True', ms(3_600_000), { ...CONCURRENCY, ...(wish === undefined ? {} : { [SERVICES]: wish }) });

const withKnative = (wish: string | undefined, changed: Partial<World> = {}): World =>
  servingWorld({
    pa: of(wish),
    sks: SKS,
    services: owned(servicesOf([PODS[0]], [PODS[0]]), [bySks]),
    ...changed,
  });

const MINIMUM = { ...CONCURRENCY, 'min-scale': '2' };
const routedAs = (state: string, wish: Readonly<Record<string, string>> = {}): World['revision'] => {
  const revision = revisionOf({ ...MINIMUM, ...wish });
  const labels = { 'serving.knative.dev/routingState': state };
  return { ...revision, metadata: { ...revision.metadata, labels } };
};
const UNROUTED = {
  revision: routedAs('reserve'),
  pa: activePa('True', ms(3_600_000), MINIMUM, { spec: { reachability: 'Unreachable' } }),
};

describe('taken over from a ServerlessService', () => {
  test('it goes without its children, which are ours as soon as it is gone', () => {
    const before = withKnative('bridge');
    expect(plan(before).steps[0]).toMatchObject({
      do: 'remove',
      kind: 'ServerlessService',
      expected: { propagation: 'Orphan', uid: SKS.metadata.uid },
    });
    const removed = planned(before);
    expect(removed.sks).toBeUndefined();
    // The garbage collector has not come by yet: nothing is written that it would take for a second owner.
    const passing = plan(removed).steps.filter(({ do: what }) => what === 'apply' || what === 'create');
    expect(passing).toEqual([]);
    const orphaned = { ...removed, services: owned(removed.services, []) };
    expect(owners(planned(orphaned))).toEqual([UID, UID, UID]);
    expect(planned(orphaned).services.publicService?.spec.clusterIP).toBe('10.0.0.1');
  });
  test('nothing is written while it is on its way out', () => {
    const sks = { ...SKS, metadata: { ...SKS.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } };
    expect(plan(withKnative('bridge', { sks })).steps.filter(({ do: what }) => what !== 'status')).toEqual(
      [],
    );
  });
  test('where nothing routes to it any more: it sleeps whatever its min-scale, and is woken to that once a route is back', () => {
    const removed = planned(withKnative(undefined, UNROUTED));
    expect(removed.sks).toBeUndefined();
    expect(owners(planned({ ...removed, services: owned(removed.services, []) }))).toEqual([UID, UID, UID]);
    const asleep = asleepWorld({
      revision: UNROUTED.revision,
      pa: activePa('False', minute, MINIMUM, { spec: { reachability: 'Unreachable' } }),
    });
    expect(planned(asleep).deployment?.spec.replicas).toBe(0);
    const routed = { ...asleep, revision: routedAs('active'), pa: activePa('False', minute, MINIMUM) };
    expect(planned(routed).deployment?.spec.replicas).toBe(2);
  });
  test.each<[string, World]>([
    ['nobody asks for it', withKnative(undefined)],
    [
      'it is to stay, though nothing routes to it',
      withKnative(undefined, { ...UNROUTED, revision: routedAs('reserve', { [SERVICES]: 'knative' }) }),
    ],
    [
      'nothing routes to it, and nobody could wake it',
      withKnative(undefined, { ...UNROUTED, activators: activatorsOf({ ours: [] }) }),
    ],
    [
      'it counts as unreachable because no pod of it starts',
      withKnative(undefined, { ...UNROUTED, revision: routedAs('active') }),
    ],
    ['no activator is ready', withKnative('bridge', { activators: activatorsOf({ ours: [] }) })],
    [
      'it is somebody else’s',
      withKnative('bridge', { sks: sksOf({ owners: [byPa('other')], ready: true }) }),
    ],
  ])('but not where %s', (_name, world) => {
    expect(planned(world).sks).toBeDefined();
    expect(owners(planned(world))).toEqual([bySks.uid, bySks.uid, bySks.uid]);
  });
});

describe('handed back', () => {
  const before = servingWorld({ pa: of('knative') });
  test('a ServerlessService is made, and then owns what we had', () => {
    const made = planned(before);
    expect(made.sks).toMatchObject({ spec: { mode: 'Serve' } });
    expect(owners(made)).toEqual([UID, UID, UID]);
    const handed = planned(made);
    const uid = made.sks?.metadata.uid;
    expect(owners(handed)).toEqual([uid, uid, uid]);
    expect(plan(handed).life).toBeUndefined();
  });
  test.each<[string, World]>([
    ['a crash after the first owner', { ...planned(before), services: { ...before.services } }],
    ['a removal that left them without an owner', { ...before, services: owned(before.services, []) }],
  ])('also after %s', (_name, world) => {
    const handed = planned(planned(world));
    expect(new Set(owners(handed))).toEqual(new Set([handed.sks?.metadata.uid]));
  });
  test('not before there is a pod: it is woken first', () => {
    const woken = planned(asleepWorld({ pa: of('knative') }));
    expect(woken.deployment?.spec.replicas).toBe(1);
    expect(woken.sks).toBeUndefined();
    expect(owners(woken)).toEqual([UID, UID, UID]);
    const ready = {
      ...woken,
      readyPods: 1,
      deployment: deploymentOf(1),
      services: servicesOf([PODS[0]], [PODS[0]]),
    };
    expect(planned(ready).sks).toBeDefined();
  });

  test('where the class is another one now: whatever the pods do, and what is said of the ServerlessService stays', () => {
    const leaving = asleepWorld({ leaving: true });
    const made = planned(leaving);
    expect(made.deployment?.spec.replicas).toBe(0);
    const theirs = sksOf({ owners: [byPa()], ready: false, spec: { mode: 'Proxy' } });
    const handed = planned({ ...leaving, sks: theirs });
    expect(owners(handed)).toEqual([theirs.metadata.uid, theirs.metadata.uid, theirs.metadata.uid]);
    expect(handed.sks?.spec).toEqual(theirs.spec);
    expect(handed.pa).toEqual(leaving.pa);
  });
});
