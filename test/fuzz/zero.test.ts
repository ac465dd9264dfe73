import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readyAddresses } from '../../src/domain/k8s/read/endpoints.ts';
import { plan } from '../../src/domain/plan/plan.ts';
import type { Step, World } from '../../src/domain/plan/world.ts';
import { instant, ms, plus, seconds, type Instant } from '../../src/domain/time.ts';
import { effectOf } from '../builders/effect.ts';
import { deploymentOf, NOW, worldOf } from '../builders/world.ts';
import { activatorsOf, activePa, endpointsOf, NO_PODS, OURS, PODS, serviceOf } from '../builders/zero.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** What others than the bridge do. */
type Move =
  | { readonly is: 'time'; readonly seconds: number }
  | { readonly is: 'request'; readonly count: number }
  | { readonly is: 'pods'; readonly ready: number }
  | { readonly is: 'activators'; readonly ready: number }
  | { readonly is: 'woken' | 'restart' | 'asked' };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ is: fc.constant('time' as const), seconds: fc.constantFrom(1, 5, 31, 61, 700) }),
  fc.record({ is: fc.constant('request' as const), count: fc.constantFrom(0, 0, 1, 5) }),
  fc.record({ is: fc.constant('pods' as const), ready: fc.nat(2) }),
  fc.record({ is: fc.constant('activators' as const), ready: fc.constantFrom(0, 1, 2, 2) }),
  fc.record({
    is: fc.constantFrom('woken' as const, 'restart' as const, 'asked' as const, 'asked' as const),
  }),
);

/** A small cluster with one revision in it: what is true, and what the bridge sees of it. */
class Story {
  world: World;
  inFlight = 0;
  quietSince: Instant = NOW;
  watchedSince: Instant = NOW;

  constructor(signal: 'concurrency' | 'cpu') {
    const annotations = signal === 'cpu' ? { metric: 'cpu', target: '70' } : { metric: 'concurrency' };
    this.world = worldOf({
      pa: activePa('True', ms(3_600_000), annotations),
      deployment: deploymentOf(1),
      readyPods: 1,
      activators: activatorsOf(),
      services: {
        publicService: serviceOf('hello-00001'),
        privateService: undefined,
        publicEndpoints: endpointsOf([PODS[0]]),
        privateEndpoints: NO_PODS,
        beyond: [],
        slices: [],
      },
    });
    this.#pods(1);
  }

  #pods(ready: number): void {
    const privateEndpoints = endpointsOf(PODS.slice(0, ready), {
      name: 'hello-00001-private',
      type: 'Private',
    });
    this.world = { ...this.world, readyPods: ready, services: { ...this.world.services, privateEndpoints } };
  }

  /** Somebody moves; the bridge sees it all at once. */
  moved(move: Move): void {
    const replicas = this.world.deployment?.spec.replicas ?? 0;
    switch (move.is) {
      case 'time':
        this.world = { ...this.world, at: plus(this.world.at, seconds(move.seconds)) };
        break;
      case 'request':
        this.inFlight = move.count;
        break;
      case 'pods':
        this.#pods(Math.min(move.ready, replicas));
        break;
      case 'activators':
        this.world = {
          ...this.world,
          activators: activatorsOf({ ours: OURS.slice(0, move.ready).map((ip) => ({ ip })) }),
        };
        break;
      case 'woken':
        if (replicas === 0) this.#woken();
        break;
      case 'restart':
        this.watchedSince = this.world.at;
        this.world = { ...this.world, evidence: undefined };
        break;
      case 'asked':
        break;
    }
    if (this.inFlight > 0) this.quietSince = this.world.at;
    this.#seen(move.is === 'asked');
  }

  #woken(): void {
    const { deployment } = this.world;
    if (deployment !== undefined)
      this.world = {
        ...this.world,
        deployment: { ...deployment, spec: { ...deployment.spec, replicas: 1 } },
      };
  }

  #seen(asked: boolean): void {
    const { at, services } = this.world;
    const busy = this.inFlight > 0;
    const watched = this.watchedSince;
    const desiredScale = busy
      ? Math.min(this.inFlight, 2)
      : at - Math.max(this.quietSince, watched) >= 60_000
        ? 0
        : 1;
    const isConcurrency =
      this.world.pa.metadata.annotations['autoscaling.knative.dev/metric'] === 'concurrency';
    const behind = readyAddresses(services.publicEndpoints).map(({ ip }) => ip);
    this.world = {
      ...this.world,
      requests: {
        busyAt: this.quietSince > watched ? this.quietSince : undefined,
        heldAt: busy ? at : undefined,
        watchedSince: watched,
      },
      pods: isConcurrency
        ? { status: { desiredScale, excessBurstCapacity: 0 }, problem: undefined }
        : undefined,
      ...(asked
        ? {
            evidence: {
              at,
              endpoints: services.publicEndpoints?.metadata.resourceVersion ?? '',
              inPath: behind.every((ip) => OURS.some((ours) => ours === ip)),
              inFlight: this.inFlight,
            },
          }
        : {}),
    };
  }

  /** The bridge plans and acts, step by step. */
  reconciled(onStep: (before: World, step: Step, after: World) => void): void {
    const planned = plan(this.world);
    for (const step of planned.steps) {
      const before = this.world;
      this.world = effectOf(before, { steps: [step] });
      onStep(before, step, this.world);
    }
    if (planned.life?.inquiry === undefined) this.world = { ...this.world, evidence: undefined };
    // Kubernetes takes the pods of a Deployment without replicas.
    if (this.world.deployment?.spec.replicas === 0) this.#pods(0);
  }
}

const behindOf = (world: World): readonly string[] =>
  readyAddresses(world.services.publicEndpoints).map(({ ip }) => ip);

test('whatever happens: the Endpoints are never empty, no pods go while the Endpoints lead to them or a request is in flight', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('concurrency' as const, 'cpu' as const),
      fc.array(move, { minLength: 5, maxLength: 60 }),
      (signal, moves) => {
        const story = new Story(signal);
        for (const one of moves) {
          story.moved(one);
          const startedToSleep = story.inFlight;
          story.reconciled((before, step, after) => {
            expect(behindOf(after).length).toBeGreaterThan(0);
            if (step.do !== 'scale' || step.replicas > 0) return;
            const timedOut = before.readyPods === 0;
            expect(behindOf(before).every((ip) => !PODS.some((pod) => pod === ip))).toBe(true);
            if (!timedOut) expect(startedToSleep).toBe(0);
          });
        }
      },
    ),
    RUNS,
  );
});

test('whatever has happened, a few plans are enough: then nothing is left to write', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('concurrency' as const, 'cpu' as const),
      fc.array(move, { maxLength: 30 }),
      (signal, moves) => {
        const story = new Story(signal);
        for (const one of moves) {
          story.moved(one);
          story.reconciled(() => undefined);
        }
        for (let i = 0; i < 4; i += 1) story.reconciled(() => undefined);
        const left = plan(story.world).steps.map(({ do: what }) => what);
        expect(left).toEqual([]);
      },
    ),
    RUNS,
  );
});

test('once nobody asks any more, every revision comes to zero, and the next request brings it back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('concurrency' as const, 'cpu' as const),
      fc.array(move, { maxLength: 30 }),
      (signal, moves) => {
        const story = new Story(signal);
        const turn = (one: Move): void => {
          story.moved(one);
          story.reconciled(() => undefined);
        };
        moves.forEach(turn);
        const settle: readonly Move[] = [
          { is: 'activators', ready: 2 },
          { is: 'request', count: 0 },
          { is: 'pods', ready: 1 },
        ];
        settle.forEach(turn);
        for (let i = 0; i < 12; i += 1) {
          turn({ is: 'time', seconds: 61 });
          turn({ is: 'asked' });
          turn({ is: 'asked' });
        }
        expect(story.world.deployment?.spec.replicas).toBe(0);
        expect([...behindOf(story.world)].sort()).toEqual([...OURS]);
        turn({ is: 'request', count: 1 });
        expect(story.world.deployment?.spec.replicas).toBe(1);
        turn({ is: 'pods', ready: 1 });
        turn({ is: 'time', seconds: 1 });
        expect(behindOf(story.world)).toEqual([PODS[0]]);
      },
    ),
    RUNS,
  );
});

test('a moment that lies ahead, or a time that was never set, moves nothing', () => {
  const story = new Story('cpu');
  story.world = { ...story.world, at: instant(0) };
  story.reconciled((_before, step) => expect(step.do).not.toBe('scale'));
});
