import { describe, expect, test } from '@jest/globals';
import { FAULTS, type FaultCode } from '../../../../src/domain/fault.ts';
import { plan, planAfterFault } from '../../../../src/domain/plan/plan.ts';
import type { Step, World } from '../../../../src/domain/plan/world.ts';
import { effectOf } from '../../../builders/effect.ts';
import {
  byPa,
  configOf,
  deploymentOf,
  hpaOf,
  NAME,
  paOf,
  revisionOf,
  sksOf,
  STARTED,
  worldOf,
} from '../../../builders/world.ts';

const CPU = { metric: 'cpu', target: '70' };
const HPA_NOT_OWNED = `There is an existing HorizontalPodAutoscaler "${NAME}" that we do not own.`;

/** The status as it is after the steps. */
const after = (world: World, steps: readonly Step[] = plan(world).steps) =>
  effectOf(world, { steps: steps.filter(({ do: what }) => what === 'status') }).pa.status;
const condition = (world: World, type: string, steps?: readonly Step[]) =>
  after(world, steps).conditions.find((one) => one.type === type);
const events = (steps: readonly Step[]) =>
  steps.flatMap((step) =>
    step.do === 'event' ? [`${step.event.type} ${step.event.reason} ${step.event.message}`] : [],
  );
const childSteps = (world: World) => plan(world).steps.filter((step) => 'kind' in step);
const starting = (changed: Partial<World> = {}) => worldOf({ pa: paOf(CPU), sks: sksOf(), ...changed });
const serving = (changed: Partial<World> = {}) =>
  worldOf({ pa: paOf(CPU, { status: STARTED }), sks: sksOf(), readyPods: 1, ...changed });

describe('ScaleTargetInitialized', () => {
  const initialised = (
    annotations: Record<string, string>,
    readyPods: number,
    changed: Partial<World> = {},
  ) =>
    condition(
      starting({ pa: paOf({ ...CPU, ...annotations }), readyPods, ...changed }),
      'ScaleTargetInitialized',
    )?.status;

  test.each<[Record<string, string>, number, string]>([
    [{}, 0, 'Unknown'],
    [{}, 1, 'True'],
    [{ 'initial-scale': '3' }, 2, 'Unknown'],
    [{ 'initial-scale': '3' }, 3, 'True'],
    [{ 'min-scale': '2' }, 1, 'Unknown'],
    [{ 'min-scale': '2' }, 2, 'True'],
  ])('%j with %i ready pods: %s', (annotations, pods, status) => {
    expect(initialised(annotations, pods)).toBe(status);
  });
  test('needs the services', () => {
    expect(initialised({}, 1, { sks: sksOf({ ready: false }) })).toBe('Unknown');
    expect(initialised({}, 1, { sks: sksOf({ metadata: { generation: 2 } }) })).toBe('Unknown');
    expect(initialised({}, 1, { sks: sksOf({ status: { serviceName: '' } }) })).toBe('Unknown');
    expect(initialised({}, 1, { sks: sksOf({ owners: [byPa('other')] }) })).toBe('Unknown');
  });
  test('never turns back', () => {
    expect(condition(serving({ readyPods: 0, sks: undefined }), 'ScaleTargetInitialized')?.status).toBe(
      'True',
    );
  });
});

describe('fields', () => {
  test('names are always there, and never taken back', () => {
    expect(after(starting({ sks: undefined }))).toMatchObject({ serviceName: '', metricsServiceName: '' });
    expect(after(serving({ sks: undefined }))).toMatchObject({
      serviceName: NAME,
      metricsServiceName: `${NAME}-private`,
    });
  });
  test('the generation that was looked at', () => {
    const pa = paOf(CPU, { metadata: { generation: 7 } });
    expect(after(starting({ pa })).observedGeneration).toBe(7);
  });
  test('the wanted scale: the HPA\u2019s once it was looked at, else the Deployment\u2019s, else what it was', () => {
    const wanted = (changed: Partial<World>) => after(serving({ readyPods: 4, ...changed })).desiredScale;
    const looked = [{ type: 'AbleToScale', status: 'True' }];
    const deployment = { deployment: deploymentOf(3) };
    expect(wanted({ ...deployment, hpa: hpaOf({ status: { desiredReplicas: 5 } }) })).toBe(5);
    expect(
      wanted({ ...deployment, hpa: hpaOf({ status: { desiredReplicas: 0, conditions: looked } }) }),
    ).toBe(0);
    expect(wanted({ ...deployment, hpa: hpaOf({ status: {} }) })).toBe(3);
    expect(wanted(deployment)).toBe(3);
    expect(wanted({})).toBe(1);
    const foreign = hpaOf({ owners: [byPa('other')], status: { desiredReplicas: 5 } });
    expect(wanted({ ...deployment, hpa: foreign })).toBe(3);
  });
});

test('a status that says the same is not written', () => {
  const world = serving();
  const settled = effectOf(world, plan(world));
  expect(plan(settled).steps).toEqual([]);
  expect(plan({ ...settled, readyPods: 2 }).steps.map((step) => step.do)).toEqual(['status']);
});

describe('an object of somebody else', () => {
  const foreign = { hpa: hpaOf({ owners: [byPa('other')] }) };
  test('stops a revision that has started', () => {
    const expected = { status: 'False', reason: 'NotOwned', message: HPA_NOT_OWNED };
    expect(condition(serving(foreign), 'Active')).toMatchObject(expected);
    expect(condition(serving(foreign), 'Ready')).toMatchObject(expected);
  });
  test('does not fail one that has not, once it has a service name', () => {
    expect(condition(starting(foreign), 'Active')).toMatchObject({ status: 'Unknown', reason: 'NotOwned' });
    expect(condition(starting({ ...foreign, sks: undefined }), 'Active')).toMatchObject({ status: 'False' });
  });
  test('is told once', () => {
    const world = serving(foreign);
    expect(events(plan(world).steps)).toContain(`Warning NotOwned ${HPA_NOT_OWNED}`);
    expect(events(plan({ ...effectOf(world, plan(world)), readyPods: 2 }).steps)).toEqual([]);
  });
  test('that is the ServerlessService leaves the scaler alone', () => {
    const world = serving({ sks: sksOf({ owners: [] }) });
    expect(childSteps(world)).toMatchObject([{ do: 'apply', kind: 'HorizontalPodAutoscaler' }]);
    expect(condition(world, 'Active')?.message).toBe(
      `There is an existing ServerlessService "${NAME}" that we do not own.`,
    );
    expect(condition(world, 'SKSReady')?.status).toBe('True');
  });
});

describe('annotations from which nothing can be built', () => {
  const bad = { query: 'sum(up{pod=~"{{ .revisionName }}-.*"})', target: '0', window: 'soon' };
  test('before the start: no children, and Active says why', () => {
    const world = worldOf({ pa: paOf(bad) });
    expect(childSteps(world)).toEqual([]);
    expect(condition(world, 'Active')).toMatchObject({ status: 'Unknown', reason: 'InvalidAnnotation' });
    expect(condition(world, 'Active')?.message).toMatch(/target is "0"/);
    expect(condition(world, 'AnnotationsValid')?.message).toMatch(/target is "0".*[.] \S*window is "soon"/);
  });
  test('after it: nothing is touched, the status follows', () => {
    const world = serving({ pa: paOf(bad, { status: STARTED }), hpa: hpaOf(), readyPods: 3 });
    expect(childSteps(world)).toEqual([]);
    expect(after(world).actualScale).toBe(3);
    expect(condition(world, 'Active')).toMatchObject({
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    expect(condition(world, 'Ready')?.status).toBe('True');
    expect(condition(world, 'AnnotationsValid')).toMatchObject({
      status: 'False',
      severity: 'Info',
      reason: 'InvalidAnnotation',
    });
  });
  test('each mistake is one event, until it changes', () => {
    const world = serving({ pa: paOf(bad, { status: STARTED }) });
    expect(events(plan(world).steps)).toEqual([
      expect.stringMatching(/^Warning InvalidAnnotation .*target/),
      expect.stringMatching(/^Warning IgnoredAnnotation .*window/),
    ]);
    const told = effectOf(world, plan(world));
    expect(events(plan({ ...told, readyPods: 9 }).steps)).toEqual([]);
    const edited = { ...told, revision: revisionOf({ ...bad, target: '-1' }) };
    expect(events(plan(edited).steps)).toHaveLength(2);
  });
});

test.each([
  [{ ...CPU, window: 'soon' }, 'False', 'IgnoredAnnotation', 'Warning'],
  [{ ...CPU, window: '1s' }, 'False', 'UnusualAnnotation', 'Warning'],
  [{ query: 'sum(x)', target: '5' }, 'True', 'AnnotationAdvice', 'Warning'],
  [{ ...CPU, 'hpa-bridge.dev/bakend': 'hpa' }, 'True', 'UnknownAnnotation', 'Normal'],
  [CPU, 'True', undefined, undefined],
])('%j: AnnotationsValid is %s, and everything is built', (annotations, status, reason, type) => {
  const world = serving({ pa: paOf(annotations, { status: STARTED }) });
  expect(childSteps(world)).toHaveLength(2);
  expect(condition(world, 'AnnotationsValid')).toMatchObject(
    reason === undefined ? { status } : { status, reason },
  );
  const said = type === undefined ? [] : [expect.stringMatching(`^${type} ${reason} `)];
  expect(events(plan(world).steps)).toEqual(said);
});

test('a revision that its pods scale starts before any of them has told its requests', () => {
  const world = starting({ pa: paOf({ metric: 'rps' }), readyPods: 1, deployment: deploymentOf(1) });
  expect(childSteps(world)).toMatchObject([{ do: 'apply', kind: 'ServerlessService' }]);
  expect(condition(world, 'Active')?.status).toBe('True');
  expect(condition(world, 'SignalAvailable')).toMatchObject({ status: 'Unknown', reason: 'NotMeasuredYet' });
  expect(condition(world, 'ScaleTargetInitialized')?.status).toBe('True');
  expect(after(world).desiredScale).toBe(1);
});

test('a PodAutoscaler whose Revision has not been seen yet is left alone', () => {
  const ownerReferences = [
    { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name: NAME, uid: 'ffff', controller: true },
  ];
  const pa = paOf(CPU, { metadata: { ownerReferences } });
  expect(plan(worldOf({ pa })).steps).toEqual([]);
  expect(plan(worldOf({ pa, revision: revisionOf(CPU) })).steps).not.toEqual([]);
});

describe('after a failure', () => {
  const step = (world: World, kind: string) =>
    plan(world).steps.find((one) => one.do === 'apply' && one.kind === kind)!;
  const told = (world: World, kind: string, code: FaultCode, message = 'No, said the server.') =>
    planAfterFault(world, step(world, kind), { code, message });
  const MESSAGE = `Failed to create HorizontalPodAutoscaler "${NAME}". No, said the server.`;

  test.each(['rejected', 'forbidden'] as const)(
    'a creation that is %s is told, with the server\u2019s words',
    (code) => {
      const world = serving({ pa: paOf(CPU) });
      const steps = told({ ...world, sks: undefined, readyPods: 0 }, 'HorizontalPodAutoscaler', code);
      expect(condition({ ...world, sks: undefined }, 'Active', steps)).toMatchObject({
        status: 'False',
        reason: 'FailedCreate',
        message: MESSAGE,
      });
      expect(events(steps)).toEqual([`Warning FailedCreate ${MESSAGE}`]);
    },
  );

  test('before the start, with a service name, Active is only Unknown', () => {
    const world = starting();
    const steps = told(world, 'HorizontalPodAutoscaler', 'rejected');
    expect(condition(world, 'Active', steps)).toMatchObject({ status: 'Unknown', reason: 'FailedCreate' });
  });

  test('the same failure again says nothing new', () => {
    const world = starting();
    const next = effectOf(world, { steps: told(world, 'HorizontalPodAutoscaler', 'rejected') });
    expect(told(next, 'HorizontalPodAutoscaler', 'rejected')).toEqual([]);
  });

  test('a change that is refused leaves the child as it is, and the status follows', () => {
    const world = serving({ hpa: hpaOf(), readyPods: 3 });
    const steps = told(world, 'HorizontalPodAutoscaler', 'rejected');
    expect(condition(world, 'Active', steps)?.status).toBe('True');
    expect(after(world, steps).actualScale).toBe(3);
    expect(events(steps)).toEqual([
      `Warning FailedUpdate Failed to update HorizontalPodAutoscaler "${NAME}". No, said the server.`,
    ]);
  });

  const passing = (Object.keys(FAULTS) as FaultCode[]).filter(
    (code) => code !== 'rejected' && code !== 'forbidden',
  );
  test.each(passing)('%s changes nothing', (code) => {
    expect(told(starting(), 'HorizontalPodAutoscaler', code)).toEqual([]);
  });

  test('a status that could not be written changes nothing', () => {
    const world = starting();
    const status: Step = { do: 'status', key: world.key, body: {} };
    expect(planAfterFault(world, status, { code: 'rejected', message: '' })).toEqual([]);
  });
});

test('what nobody can wake is not put to sleep: an unreachable revision keeps one pod', () => {
  const pa = paOf({ ...CPU, 'min-scale': '3' }, { spec: { reachability: 'Unreachable' }, status: STARTED });
  const [apply] = childSteps(serving({ pa, config: configOf() }));
  expect(apply).toMatchObject({ object: { spec: { minReplicas: 1 } } });
});
