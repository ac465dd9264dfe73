import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plan, planAfterFault } from '../../../../src/domain/plan/plan.ts';
import { scaleRecordOf } from '../../../../src/domain/plan/scale-by-pods.ts';
import type { Step, World } from '../../../../src/domain/plan/world.ts';
import { decide, firstMemory } from '../../../../src/domain/scale/decide.ts';
import type { ScrapeProblem } from '../../../../src/domain/scale/scrape-problem.ts';
import { sentenceOfScale } from '../../../../src/domain/scale/sentence.ts';
import type { PodStanding } from '../../../../src/domain/scale/standing.ts';
import { specOf } from '../../../builders/scale.ts';
import { effectOf } from '../../../builders/effect.ts';
import { configOf, deploymentOf, NAME, paOf, sksOf, STARTED, worldOf } from '../../../builders/world.ts';

const decided = (desiredScale: number, problem?: ScrapeProblem): PodStanding => ({
  status: { desiredScale, excessBurstCapacity: 0 },
  problem,
});

/** A revision of two pods that has started. */
const running = (annotations: Readonly<Record<string, string>>, changed: Partial<World> = {}): World =>
  worldOf({
    pa: paOf({ metric: 'concurrency', ...annotations }, { status: STARTED }),
    sks: sksOf(),
    readyPods: 2,
    deployment: deploymentOf(2),
    ...changed,
  });
const scaled = (world: World): readonly number[] =>
  plan(world).steps.flatMap((step) => (step.do === 'scale' ? [step.replicas] : []));
const statusOf = (world: World) => effectOf(world, plan(world)).pa.status;
const saying = (world: World, type: string) =>
  statusOf(world).conditions.find((condition) => condition.type === type);
const events = (world: World): readonly string[] =>
  plan(world).steps.flatMap((step) =>
    step.do === 'event' ? [`${step.event.reason}: ${step.event.message}`] : [],
  );

describe('what was decided becomes replicas', () => {
  test.each<[string, Readonly<Record<string, string>>, number, readonly number[]]>([
    ['as it is', {}, 7, [7]],
    ['but not what there is already', {}, 2, []],
    ['not above max-scale', { 'max-scale': '5' }, 7, [5]],
    ['not below min-scale', { 'min-scale': '4' }, 3, [4]],
    ['and never none, because nobody could wake it', {}, 0, [1]],
  ])('%s', (_, annotations, pods, expected) => {
    expect(scaled(running(annotations, { pods: decided(pods) }))).toEqual(expected);
  });

  test('under the lock of the version that was read', () => {
    const step: Step = {
      do: 'scale',
      key: worldOf().key.replace(NAME, `${NAME}-deployment`) as World['key'],
      replicas: 7,
      resourceVersion: '70',
    };
    expect(plan(running({}, { pods: decided(7) })).steps).toContainEqual(step);
  });

  test('an unreachable revision keeps one pod, whatever its minimum', () => {
    const pa = paOf(
      { metric: 'rps', 'min-scale': '3' },
      { status: STARTED, spec: { reachability: 'Unreachable' } },
    );
    expect(scaled(running({}, { pa, pods: decided(0) }))).toEqual([1]);
  });

  test('a Deployment that is on its way out is left alone', () => {
    const deployment = deploymentOf(2);
    const metadata = { ...deployment.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(scaled(running({}, { pods: decided(7), deployment: { ...deployment, metadata } }))).toEqual([]);
    expect(scaled(running({}, { pods: decided(7), deployment: undefined }))).toEqual([]);
  });
});

test('a refusal to scale is told, and the status says what is wanted all the same', () => {
  const world = running({}, { pods: decided(7) });
  const failed = plan(world).steps.find((step) => step.do === 'scale')!;
  const fault = { code: 'forbidden', message: 'No, said the server.' } as const;
  const steps = planAfterFault(world, failed, fault);
  expect(
    steps.flatMap((step) => (step.do === 'event' ? [`${step.event.reason}: ${step.event.message}`] : [])),
  ).toEqual([`FailedUpdate: Failed to scale Deployment "${NAME}-deployment" to 7. No, said the server.`]);
  expect(effectOf(world, { steps }).pa.status).toMatchObject({ desiredScale: 7, actualScale: 2 });
  expect(planAfterFault(world, failed, { ...fault, code: 'conflict' })).toEqual([]);
});

test('what became of a decision is told with it, and nothing is where annotations are refused', () => {
  const spec = specOf({ maxScaleDownRate: 3 });
  const { at } = worldOf();
  const decision = decide(spec, { ready: 2, stable: 0, panic: 0 }, firstMemory(spec, 0, at), at);
  const record = scaleRecordOf(running({}, { pods: decided(decision.pods) }), decision);
  expect(record && sentenceOfScale(record)).toBe(
    '2 -> 1: 0 in flight over 60 s, target 70 per pod (70 % of 100), the last pod stays because nobody could wake the revision',
  );
  expect(scaleRecordOf(running({ 'max-scale': '1', 'min-scale': '2' }), decision)).toBeUndefined();
});

test('bounds below zero are no number of replicas', () => {
  expect(scaled(running({ 'max-scale': '-5' }, { pods: decided(7) }))).toEqual([]);
});

describe('where nothing is decided', () => {
  test('nothing falls, not even for a maximum, and the status tells what there is', () => {
    expect(scaled(running({}, { pods: decided(-1) }))).toEqual([]);
    expect(scaled(running({ 'max-scale': '1' }, { pods: undefined }))).toEqual([]);
    expect(statusOf(running({}, { pods: decided(-1) })).desiredScale).toBe(2);
    expect(statusOf(running({}, { deployment: undefined })).desiredScale).toBe(STARTED['desiredScale']);
  });

  test('a minimum holds all the same', () => {
    expect(scaled(running({ 'min-scale': '4' }, { pods: decided(-1) }))).toEqual([4]);
  });

  test('a revision without pods is raised: nobody else would', () => {
    expect(scaled(running({}, { deployment: deploymentOf(0), readyPods: 0 }))).toEqual([1]);
    expect(scaled(running({ 'min-scale': '3' }, { deployment: deploymentOf(0), readyPods: 0 }))).toEqual([3]);
  });

  test('one that starts is raised to what it starts with, and never lowered', () => {
    const starting = (annotations: Readonly<Record<string, string>>, replicas: number): readonly number[] =>
      scaled(
        running({}, { pa: paOf({ metric: 'rps', ...annotations }), deployment: deploymentOf(replicas) }),
      );
    expect(starting({ 'initial-scale': '5' }, 1)).toEqual([5]);
    expect(starting({ 'min-scale': '2' }, 1)).toEqual([2]);
    expect(starting({}, 4)).toEqual([]);
  });
});

describe('the status', () => {
  test('tells the scale that is wanted and the pods that are ready', () => {
    expect(statusOf(running({}, { pods: decided(7) }))).toMatchObject({ desiredScale: 7, actualScale: 2 });
  });

  test('waits for pods as Knative does, and never calls a revision inactive that has them', () => {
    const queued = saying(running({ 'min-scale': '3' }, { pods: decided(3) }), 'Active');
    expect(queued).toMatchObject({ status: 'Unknown', reason: 'Queued' });
    expect(saying(running({}, { pods: decided(0) }), 'Active')?.status).toBe('True');
  });

  test('a start with no pods is no start', () => {
    const world = running(
      {},
      {
        pa: paOf({ metric: 'rps', 'initial-scale': '0' }),
        config: configOf({ autoscaler: { allowZeroInitialScale: true } }),
        deployment: deploymentOf(0),
        readyPods: 0,
      },
    );
    expect(saying(world, 'ScaleTargetInitialized')?.status).toBe('Unknown');
    expect(saying(world, 'Active')).toMatchObject({ status: 'Unknown', reason: 'Queued' });
  });

  test.each<[ScrapeProblem, string]>([
    [{ is: 'pods-unknown' }, 'NoEndpoints'],
    [{ is: 'too-few-by-service', needed: 3, because: { is: 'seen-before' } }, 'DidNotReceiveStat'],
    [{ is: 'pods-exhausted', answered: 1, needed: 2 }, 'CollectionFailed'],
  ])('says why pods tell nothing, and Ready does not depend on it: %j', (problem, reason) => {
    const world = running({}, { pods: decided(2, problem) });
    expect(saying(world, 'SignalAvailable')).toMatchObject({ status: 'False', reason, severity: 'Info' });
    expect(saying(world, 'Ready')?.status).toBe('True');
    expect(saying(world, 'FallbackActive')).toBeUndefined();
    expect(events(world)).toEqual([expect.stringMatching(`^${reason}: `)]);
  });

  test('says once that they tell it again', () => {
    const gone = running({}, { pods: decided(2, { is: 'not-addressable' }) });
    const back = { ...effectOf(gone, plan(gone)), pods: decided(2) };
    expect(events(back)).toEqual(['SignalAvailable: The pods tell their requests again.']);
    expect(plan({ ...effectOf(back, plan(back)), pods: decided(2) }).steps).toEqual([]);
  });

  test('keeps what was said when another replica takes over', () => {
    const before = running({}, { pods: decided(2) });
    expect(plan({ ...effectOf(before, plan(before)), pods: undefined }).steps).toEqual([]);
  });
});

test('whatever is decided, replicas are within the bounds and never none', () => {
  const bound = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(
      fc.integer({ min: -2147483648, max: 2147483647 }),
      bound,
      bound,
      bound,
      (pods, min, more, now) => {
        const max = min + more;
        const annotations = { 'min-scale': String(min), 'max-scale': String(max) };
        const world = running(annotations, { pods: decided(pods), deployment: deploymentOf(now) });
        const [after = now] = scaled(world);
        expect(after).toBeGreaterThanOrEqual(Math.max(1, min));
        if (pods >= 0 && max > 0) expect(after).toBeLessThanOrEqual(max);
        if (pods < 0) expect(after).toBeGreaterThanOrEqual(now);
      },
    ),
  );
});
