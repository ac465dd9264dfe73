import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointSliceView, type EndpointSlice } from '../../../../src/domain/k8s/read/endpoint-slice.ts';
import { podView, type Pod } from '../../../../src/domain/k8s/read/workload.ts';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { ms } from '../../../../src/domain/time.ts';
import { podsBeyond } from '../../../../src/domain/zero/beyond.ts';
import { readyAddresses } from '../../../../src/domain/k8s/read/endpoints.ts';
import { effectOf } from '../../../builders/effect.ts';
import {
  activePa,
  CONCURRENCY,
  endpointsOf,
  idleWorld,
  minute,
  OURS,
  QUIET,
  servicesOf,
  servingWorld,
} from '../../../builders/zero.ts';

const ipOf = (index: number): string =>
  `10.${1 + Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}`;
const ips = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => ipOf(from + i));
const podAt = (ip: string, ready = 'True'): Pod =>
  podView.parse({
    metadata: { name: `pod-${ip}`, namespace: 'default', uid: `uid-${ip}` },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready }] },
  });
const privately = (list: readonly string[]): ReturnType<typeof endpointsOf> =>
  endpointsOf(list, { name: 'hello-00001-private', type: 'Private' });

describe('which pods are beyond', () => {
  const pods = ips(0, 1500).map((ip) => podAt(ip));
  test('those that serve and have no room among the 1,000', () => {
    const beyond = podsBeyond(privately(ips(0, 1000)), [...pods, podAt('10.200.0.1', 'False')]);
    expect(beyond.map(({ ip }) => ip)).toEqual(ips(1000, 1500));
    expect(beyond[0]).toMatchObject({
      targetRef: { kind: 'Pod', name: `pod-${ipOf(1000)}`, namespace: 'default' },
    });
  });
  test('none while there is room, though Endpoints are late', () => {
    expect(podsBeyond(privately(ips(0, 999)), pods)).toEqual([]);
    expect(podsBeyond(undefined, pods)).toEqual([]);
  });
});

const serving = (beyond: readonly string[], slices: readonly EndpointSlice[] = []): World =>
  servingWorld({
    pa: activePa('True', ms(1000), CONCURRENCY),
    services: { ...servicesOf(ips(0, 1000), ips(0, 1000)), beyond: beyond.map((ip) => ({ ip })), slices },
  });
const settled = (world: World): World => {
  let [before, after] = [world, effectOf(world, plan(world))];
  while (plan(after).steps.some(({ do: what }) => what !== 'event') && after !== before)
    [before, after] = [after, effectOf(after, plan(after))];
  return after;
};
const held = ({ services }: World): readonly string[] =>
  services.slices.flatMap(({ endpoints }) => endpoints).sort();

describe('slices of ours', () => {
  test('hold what Endpoints do not, 100 each', () => {
    const after = settled(serving(ips(1000, 1250)));
    expect(readyAddresses(after.services.publicEndpoints)).toHaveLength(1000);
    expect(held(after)).toEqual([...ips(1000, 1250)].sort());
    expect(after.services.slices.map(({ endpoints }) => endpoints.length)).toEqual([100, 100, 50]);
    expect(after.services.slices[0]?.metadata).toMatchObject({
      name: 'hello-00001-beyond-0',
      labels: {
        'kubernetes.io/service-name': 'hello-00001',
        'endpointslice.kubernetes.io/managed-by': 'hpa-bridge.dev',
      },
    });
  });
  test('one pod that goes changes one slice, and another takes its place', () => {
    const before = settled(serving(ips(1000, 1200)));
    const steps = plan(serving([...ips(1000, 1050), ...ips(1051, 1201)], before.services.slices)).steps;
    const slices = steps.filter((step) => 'kind' in step && step.kind === 'EndpointSlice');
    expect(slices).toHaveLength(1);
  });
  test('are written before Endpoints change, and removed after', () => {
    const { slices } = settled(serving(ips(1000, 1100))).services;
    const gone = { ...serving([], slices), services: { ...servicesOf(ips(0, 999), ips(1, 1000)), slices } };
    const kinds = plan(gone).steps.flatMap((step) => ('kind' in step ? [`${step.do} ${step.kind}`] : []));
    expect(kinds.filter((kind) => !kind.endsWith(' Service'))).toEqual([
      'apply Endpoints',
      'remove EndpointSlice',
    ]);
  });
  test('of both families stand apart', () => {
    const { slices } = settled(serving(['10.9.9.9', 'fd00::1', 'fd00::2'])).services;
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints.length])).toEqual([
      ['IPv4', 1],
      ['IPv6', 2],
    ]);
  });
  test('no last pod goes while one of them stands there', () => {
    const slice = endpointSliceView.parse({
      metadata: { name: 'hello-00001-beyond-0', namespace: 'default', uid: 's', resourceVersion: '1' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.1.1'] }],
    });
    const world = idleWorld(minute, { evidence: QUIET });
    expect(plan({ ...world, services: { ...world.services, slices: [slice] } }).life?.state).toBe('idle');
    expect(plan(world).life?.state).toBe('zero');
    expect(OURS).toHaveLength(2);
  });
  test('whatever changes, they hold each wanted address once, and no other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }), { maxLength: 4 }),
        (turns) => {
          let slices: readonly EndpointSlice[] = [];
          for (const turn of turns) {
            const wanted = turn.map((index) => ipOf(2000 + index));
            const after = settled(serving(wanted, slices));
            expect(held(after)).toEqual([...wanted].sort());
            slices = after.services.slices;
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
