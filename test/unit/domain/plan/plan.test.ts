import { describe, expect, test } from '@jest/globals';
import { plan } from '../../../../src/domain/plan/plan.ts';
import { NAME, paOf, sksOf, STARTED, worldOf } from '../../../builders/world.ts';

const saying = (conditions: unknown) =>
  (conditions as { type: string; status: string; reason?: string }[]).map(({ type, status, reason }) =>
    [type, status, reason].filter((word) => word !== undefined).join(' '),
  );

const statusIn = (steps: ReturnType<typeof plan>['steps']) => {
  const step = steps.find((one) => one.do === 'status');
  return step?.do === 'status' ? (step.body.status as Record<string, unknown>) : undefined;
};

describe('a new revision that scales on cpu', () => {
  const world = worldOf({ pa: paOf({ metric: 'cpu', target: '70' }) });

  test('gets an HPA and a ServerlessService, and a status that says what is missing', () => {
    const { steps } = plan(world);
    expect(steps.map((step) => ('kind' in step ? `${step.do} ${step.kind}` : step.do))).toEqual([
      'apply HorizontalPodAutoscaler',
      'apply ServerlessService',
      'status',
    ]);
    expect(statusIn(steps)).toMatchObject({ serviceName: '', metricsServiceName: '', actualScale: 0 });
    expect(saying(statusIn(steps)?.conditions)).toEqual([
      'Active True',
      'AnnotationsValid True',
      'Ready Unknown NotReady',
      'SKSReady Unknown NotReady',
      'ScaleTargetInitialized Unknown',
    ]);
  });

  test('is initialised and Ready as soon as its first pod is, before any HPA sync', () => {
    const status = statusIn(plan({ ...world, sks: sksOf(), readyPods: 1 }).steps);
    expect(saying(status?.conditions)).toEqual([
      'Active True',
      'AnnotationsValid True',
      'Ready True',
      'SKSReady True',
      'ScaleTargetInitialized True',
    ]);
    expect(status).toMatchObject({
      serviceName: NAME,
      metricsServiceName: `${NAME}-private`,
      actualScale: 1,
    });
  });
});

test('nothing is done for a PodAutoscaler on its way out', () => {
  const pa = paOf({}, { status: STARTED, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(plan(worldOf({ pa })).steps).toEqual([]);
});
