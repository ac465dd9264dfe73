import { describe, expect, test } from '@jest/globals';
import { plan } from '../../../../src/domain/plan/plan.ts';
import type { Step, World } from '../../../../src/domain/plan/world.ts';
import { appliedIn, effectOf } from '../../../builders/effect.ts';
import {
  byPa,
  byScaledObject,
  configOf,
  hpaOf,
  kedasHpaOf,
  NAME,
  paOf,
  SCALED_OBJECT_UID,
  scaledObjectOf,
  sksOf,
  STARTED,
  UID,
  worldOf,
} from '../../../builders/world.ts';

const TRANSFER = 'scaledobject.keda.sh/transfer-hpa-ownership';

/** A revision that has started, with everything as this backend wants it. */
const started = (backend: 'hpa' | 'keda', changed: Partial<World> = {}): World => {
  const world = worldOf({
    pa: paOf({ metric: 'cpu', target: '70' }, { status: STARTED }),
    config: configOf({ bridge: { backend } }),
    kedaServed: true,
    sks: sksOf(),
    readyPods: 1,
    ...changed,
  });
  return effectOf(world, plan(world));
};

const scalerSteps = (world: World): readonly string[] =>
  plan(world).steps.flatMap((step: Step) => {
    if (!('kind' in step) || step.kind === 'ServerlessService') return [];
    return [
      step.do === 'remove' ? `remove ${step.kind} ${step.expected.propagation}` : `${step.do} ${step.kind}`,
    ];
  });

const to = (backend: 'hpa' | 'keda', world: World): World => ({
  ...world,
  config: configOf({ bridge: { backend } }),
});

const ownersOf = (world: World): readonly string[] =>
  world.hpa?.metadata.ownerReferences.map(({ kind }) => kind) ?? [];

describe('from the HPA to KEDA', () => {
  const before = to('keda', started('hpa'));

  test('the ScaledObject may take over our HPA, which stays as it is', () => {
    expect(scalerSteps(before)).toEqual(['apply ScaledObject']);
    const object = appliedIn(plan(before).steps, 'ScaledObject');
    expect(object?.metadata['annotations']).toMatchObject({ [TRANSFER]: 'true' });
    expect(object?.['spec']).toMatchObject({
      advanced: { horizontalPodAutoscalerConfig: { name: NAME } },
    });
    const after = effectOf(before, plan(before));
    expect(ownersOf(after)).toEqual(['PodAutoscaler']);
    expect(scalerSteps(after)).toEqual([]);
  });

  test('once KEDA has it, the permission is withdrawn and nothing else happens', () => {
    const taken = { ...effectOf(before, plan(before)), hpa: kedasHpaOf() };
    expect(scalerSteps(taken)).toEqual(['apply ScaledObject']);
    const after = effectOf(taken, plan(taken));
    expect(appliedIn(plan(taken).steps, 'ScaledObject')?.metadata['annotations']).not.toHaveProperty([
      TRANSFER,
    ]);
    expect(scalerSteps({ ...after, hpa: kedasHpaOf() })).toEqual([]);
  });

  test('an HPA that KEDA orphaned is offered in the same way', () => {
    const world = { ...before, hpa: kedasHpaOf({ orphaned: true }) };
    expect(appliedIn(plan(world).steps, 'ScaledObject')?.metadata['annotations']).toHaveProperty([TRANSFER]);
  });

  test('while an earlier ScaledObject is still on its way out, nothing is written', () => {
    const scaledObject = scaledObjectOf({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(scalerSteps({ ...before, scaledObject })).toEqual([]);
  });
});

describe('from KEDA to the HPA', () => {
  const before = to('hpa', { ...started('keda'), hpa: kedasHpaOf() });

  test('the ScaledObject goes and leaves its HPA behind', () => {
    expect(scalerSteps(before)).toEqual(['remove ScaledObject Orphan']);
  });

  const leaving = effectOf(before, plan(before));

  test('KEDA still owns the HPA: wait', () => {
    expect(leaving.scaledObject?.metadata.deletionTimestamp).toBeDefined();
    expect(scalerSteps(leaving)).toEqual([]);
  });

  test.each([
    ['orphaned, the ScaledObject not gone yet', { ...leaving, hpa: kedasHpaOf({ orphaned: true }) }],
    ['orphaned', { ...leaving, scaledObject: undefined, hpa: kedasHpaOf({ orphaned: true }) }],
    ['owned by a ScaledObject that is gone', { ...leaving, scaledObject: undefined }],
    ['owned by a kind that is not served any more', { ...leaving, kedaServed: false }],
  ])('an HPA that is %s becomes ours, without KEDA\u2019s marks', (_, world) => {
    expect(scalerSteps(world)).toEqual(['merge HorizontalPodAutoscaler', 'apply HorizontalPodAutoscaler']);
    const after = effectOf(world, plan(world));
    expect(after.hpa?.metadata.ownerReferences).toEqual([
      expect.objectContaining({ uid: UID, controller: true }),
    ]);
    expect(after.hpa?.metadata.uid).toBe(world.hpa?.metadata.uid);
    expect(after.hpa?.metadata.labels).toEqual(world.pa.metadata.labels);
    expect(scalerSteps(after)).toEqual([]);
  });

  test('KEDA\u2019s behaviour does not stay behind', () => {
    const hpa = kedasHpaOf({
      orphaned: true,
      spec: { behavior: { scaleUp: { stabilizationWindowSeconds: 60 } } },
    });
    const world = { ...leaving, hpa };
    expect(effectOf(world, plan(world)).hpa?.spec).not.toHaveProperty('behavior');
  });

  test('an HPA that the garbage collector took is made anew', () => {
    expect(scalerSteps({ ...leaving, scaledObject: undefined, hpa: undefined })).toEqual([
      'apply HorizontalPodAutoscaler',
    ]);
  });

  test('a ScaledObject whose HPA was never made is replaced at once', () => {
    expect(scalerSteps({ ...before, hpa: undefined })).toEqual([
      'remove ScaledObject Orphan',
      'apply HorizontalPodAutoscaler',
    ]);
  });
});

test('auto follows KEDA as it comes and goes', () => {
  const config = configOf({ bridge: { backend: 'auto' } });
  const before = { ...started('hpa'), config };
  expect(scalerSteps(before)).toEqual(['apply ScaledObject']);
  expect(scalerSteps({ ...before, kedaServed: false })).toEqual([]);
});

describe('to a signal that is not served', () => {
  const pa = paOf({ metric: 'concurrency' }, { status: STARTED });

  test('our HPA goes', () => {
    expect(scalerSteps({ ...started('hpa'), pa })).toEqual(['remove HorizontalPodAutoscaler Background']);
  });
  test('our ScaledObject goes, and KEDA\u2019s HPA with it', () => {
    expect(scalerSteps({ ...started('keda'), hpa: kedasHpaOf(), pa })).toEqual([
      'remove ScaledObject Background',
    ]);
  });
  test('an HPA that KEDA left goes', () => {
    const world = { ...started('keda'), scaledObject: undefined, hpa: kedasHpaOf({ orphaned: true }), pa };
    expect(scalerSteps(world)).toEqual(['remove HorizontalPodAutoscaler Background']);
  });
  test('what is not ours stays', () => {
    const hpa = hpaOf({ owners: [byPa('other')] });
    const scaledObject = scaledObjectOf({ owners: [] });
    expect(scalerSteps({ ...started('keda'), scaledObject, hpa, pa })).toEqual([]);
  });
});

describe('objects of others are in the way', () => {
  const saidOf = (world: World): unknown => {
    const step = plan(world).steps.find((one) => one.do === 'status');
    const conditions = (step?.do === 'status' ? step.body['status'] : undefined) as {
      conditions: { type: string; message?: string }[];
    };
    return conditions.conditions.find(({ type }) => type === 'Active')?.message;
  };
  const hpaNotOwned = `There is an existing HorizontalPodAutoscaler "${NAME}" that we do not own.`;
  const soNotOwned = `There is an existing ScaledObject "${NAME}" that we do not own.`;

  const cases: readonly [backend: 'hpa' | 'keda', what: string, objects: Partial<World>, message: string][] =
    [
      ['hpa', 'an HPA of somebody', { hpa: hpaOf({ owners: [byPa('other')] }) }, hpaNotOwned],
      ['hpa', 'an HPA of nobody', { hpa: hpaOf({ owners: [] }) }, hpaNotOwned],
      [
        'hpa',
        'an HPA that a living ScaledObject of somebody keeps',
        {
          scaledObject: scaledObjectOf({ owners: [], spec: { scaleTargetRef: { name: 'x' } } }),
          hpa: kedasHpaOf(),
        },
        hpaNotOwned,
      ],
      [
        'hpa',
        'a ScaledObject of somebody for our Deployment',
        { scaledObject: scaledObjectOf({ owners: [] }) },
        soNotOwned,
      ],
      [
        'hpa',
        'an HPA that KEDA left, for another Deployment',
        { hpa: kedasHpaOf({ orphaned: true, spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' } } }) },
        hpaNotOwned,
      ],
      [
        'keda',
        'a ScaledObject of somebody',
        { scaledObject: scaledObjectOf({ owners: [byPa('other')] }) },
        soNotOwned,
      ],
      ['keda', 'an HPA of nobody, which KEDA would write over', { hpa: hpaOf({ owners: [] }) }, hpaNotOwned],
      [
        'keda',
        'an HPA of another ScaledObject',
        { hpa: hpaOf({ owners: [{ ...Object(byScaledObject(SCALED_OBJECT_UID)), name: 'x' }] }) },
        hpaNotOwned,
      ],
    ];
  test.each(cases)('%s: %s', (backend, _, objects, message) => {
    const world = worldOf({
      pa: paOf({ metric: 'cpu', target: '70' }, { status: STARTED }),
      config: configOf({ bridge: { backend } }),
      kedaServed: true,
      sks: sksOf(),
      ...objects,
    });
    expect(scalerSteps(world)).toEqual([]);
    expect(saidOf(world)).toBe(message);
  });
});

test('who brings a scaler keeps it, and its HPA is read', () => {
  const world = worldOf({
    pa: paOf({ metric: 'cpu', 'scaled-object-auto-create': 'false' }, { status: STARTED }),
    kedaServed: true,
    scaledObject: scaledObjectOf({ owners: [] }),
    hpa: hpaOf({ owners: [], status: { desiredReplicas: 7 } }),
    sks: sksOf(),
  });
  expect(scalerSteps(world)).toEqual([]);
  expect(effectOf(world, plan(world)).pa.status.desiredScale).toBe(7);
});
