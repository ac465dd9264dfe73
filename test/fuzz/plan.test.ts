import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../src/domain/json.ts';
import { plan, planAfterFault } from '../../src/domain/plan/plan.ts';
import type { World } from '../../src/domain/plan/world.ts';
import { FAULTS, type FaultCode } from '../../src/domain/fault.ts';
import { instant } from '../../src/domain/time.ts';
import { decide } from '../../src/domain/signal/ladder.ts';
import { effectOf } from '../builders/effect.ts';
import {
  byPa,
  byScaledObject,
  configOf,
  hpaOf,
  deploymentOf,
  kedasHpaOf,
  NOW,
  paOf,
  revisionOf,
  scaledObjectOf,
  sksOf,
  STARTED,
  UID,
  worldOf,
} from '../builders/world.ts';
import { after, historyOf, standingWith, type Said } from '../builders/signal.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };

const value = fc.oneof(
  fc.constantFrom('', '0', '1', '3', '0.5', '70', '-1', '1e3', 'NaN', '2147483648', 'x', '60s', '2h', 'true'),
  fc.constantFrom('cpu', 'memory', 'concurrency', 'rps', 'http_requests', 'keda', 'hpa', 'auto', 'Value'),
  fc.constantFrom(
    'sum(rate(x[1m]))',
    'up{pod=~"{{ .revisionName }}-.*"}',
    '{{ if }}',
    '{"policies":[]}',
    '[]',
  ),
  fc.string({ maxLength: 8 }),
);
const key = fc.constantFrom(
  ...[
    'metric',
    'target',
    'min-scale',
    'max-scale',
    'minScale',
    'initial-scale',
    'window',
    'prometheus-query',
  ],
  ...['query', 'metric-type', 'extra-prometheus-triggers', 'scaling-modifiers', 'hpa-scale-up-rules'],
  ...['scaled-object-override', 'scaled-object-auto-create', 'trigger-prometheus-auth-name'],
  ...['hpa-bridge.dev/backend', 'hpa-bridge.dev/bakend', 'autoscaling.keda.sh/paused', 'prometheus-address'],
);
/** Mostly what people write, sometimes anything. */
const annotations = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom({}, { metric: 'cpu', target: '70' }, { query: 'up', target: '5' }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ metric: 'concurrency' }, { metric: 'memory', 'min-scale': '2' }),
  },
  { weight: 3, arbitrary: fc.dictionary(key, value, { maxKeys: 6 }) },
);

const child: fc.Arbitrary<{ metadata: JsonObject; spec: JsonObject }> = fc.record({
  metadata: fc.record(
    {
      annotations: fc.dictionary(
        fc.constantFrom('autoscaling.knative.dev/window', 'argocd', 'hpa-bridge.dev/applied-hash'),
        fc.constantFrom('a', 'b'),
        { maxKeys: 2 },
      ),
      deletionTimestamp: fc.constant('2026-01-01T00:00:00Z'),
    },
    { requiredKeys: ['annotations'] },
  ),
  spec: fc.record(
    {
      minReplicas: fc.constantFrom(1, 2),
      behavior: fc.constantFrom({ scaleUp: { stabilizationWindowSeconds: 60 } }, {}),
      mode: fc.constantFrom('Serve', 'Proxy'),
    },
    { requiredKeys: [] },
  ),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const hpaStatus = fc.record({
  desiredReplicas: fc.nat(5),
  currentReplicas: fc.nat(5),
  conditions: fc.constantFrom([], [{ type: 'AbleToScale', status: 'True' }]),
});
const hpa = fc
  .tuple(fc.constantFrom('ours', 'keda', 'orphan', 'foreign', 'nobodys'), child, hpaStatus)
  .map(([whose, change, status]) => {
    if (whose === 'keda' || whose === 'orphan')
      return kedasHpaOf({ spec: change.spec, status, orphaned: whose === 'orphan' });
    const by = whose === 'ours' ? [byPa()] : whose === 'foreign' ? [byPa('other')] : [];
    return hpaOf({ ...change, owners: by, status });
  });
const owners = fc.constantFrom([byPa()], [byPa()], [byPa('other')], [byScaledObject('other')], []);
const scaledObject = fc.tuple(owners, child).map(([by, change]) => scaledObjectOf({ ...change, owners: by }));
const sks = fc
  .tuple(owners, child, fc.boolean())
  .map(([by, change, ready]) => sksOf({ ...change, owners: by, ready }));

const status: fc.Arbitrary<JsonObject | undefined> = fc.oneof(
  fc.constantFrom(undefined, STARTED, { ...STARTED, serviceName: '' }),
  fc
    .dictionary(
      fc.constantFrom(
        'Active',
        'Ready',
        'SKSReady',
        'ScaleTargetInitialized',
        'AnnotationsValid',
        'Else',
        'SignalAvailable',
      ),
      fc.constantFrom('True', 'False', 'Unknown'),
    )
    .map((conditions) => ({
      serviceName: 'hello-00001',
      conditions: Object.entries(conditions).map(([type, one]) => ({ type, status: one, reason: 'Because' })),
    })),
);

const measured = fc
  .array(
    fc.tuple(
      fc.nat(40),
      fc.constantFrom<Said[1]>(5, 50, 'prometheus_empty', 'prometheus_refused', 'prometheus_bad_data'),
    ),
    { maxLength: 6 },
  )
  .chain((steps) => {
    let at = 0;
    const history = historyOf(steps.map(([wait, said]): Said => [(at += wait), said]));
    return fc.nat(600).map((wait) => decide(history, standingWith(), after(at + wait)));
  });
const externalMetrics = fc.constantFrom<World['externalMetrics']>(
  { state: 'ours' },
  { state: 'ours' },
  { state: 'foreign', owner: 'keda' },
  { state: 'unclaimed' },
);

const world: fc.Arbitrary<World> = fc
  .record({
    own: annotations,
    revision: maybe(annotations),
    status,
    reachability: fc.constantFrom('', 'Reachable', 'Unreachable'),
    backend: fc.constantFrom('auto' as const, 'keda' as const, 'hpa' as const),
    signal: fc.constantFrom('cpu' as const, 'concurrency' as const),
    autocreate: fc.constantFrom(true, true, false),
    kedaServed: fc.boolean(),
    scaledObject: maybe(scaledObject),
    hpa: maybe(hpa),
    sks: maybe(sks),
    deployment: maybe(fc.nat(5).map(deploymentOf)),
    readyPods: fc.nat(5),
    measured: maybe(measured),
    externalMetrics,
  })
  .map(({ own, revision, reachability, backend, signal, autocreate, ...rest }) =>
    worldOf({
      ...rest,
      pa: paOf(own, {
        spec: { reachability },
        ...(rest.status === undefined ? {} : { status: rest.status }),
      }),
      revision: revision === undefined ? undefined : revisionOf(revision),
      config: configOf({
        bridge: { backend, signalWithoutMetric: signal },
        keda: { scaledObjectAutocreate: autocreate },
      }),
    }),
  );

/** Told here in other words than in the product: what has an owner that is neither this PodAutoscaler nor a ScaledObject that is gone. */
function foreignIn({
  scaledObject: so,
  hpa: autoscaler,
  sks: service,
  kedaServed,
}: World): readonly string[] {
  const others = (child: World['scaledObject'] | World['hpa'] | World['sks']): boolean =>
    child !== undefined && !child.metadata.ownerReferences.some(({ uid }) => uid === UID);
  const byKeda = autoscaler?.metadata.labels['app.kubernetes.io/managed-by'] === 'keda-operator';
  const held = autoscaler?.metadata.ownerReferences.length === 1 && kedaServed && so !== undefined;
  return [
    ...(others(so) ? ['ScaledObject'] : []),
    ...(others(service) ? ['ServerlessService'] : []),
    ...(others(autoscaler) && (!byKeda || held) ? ['HorizontalPodAutoscaler'] : []),
  ];
}

const pretty = (steps: unknown): string => JSON.stringify(steps, null, 1);

describe('a plan', () => {
  test('asks for nothing after its own effect', () => {
    fc.assert(
      fc.property(world, (before) => {
        const after = effectOf(before, plan(before));
        expect(pretty(plan(after).steps)).toBe('[]');
      }),
      RUNS,
    );
  });

  test('touches only what is ours or what KEDA left to us', () => {
    fc.assert(
      fc.property(world, (given) => {
        const foreign = new Set<string>(foreignIn(given));
        const touched = plan(given).steps.flatMap((step) => ('kind' in step ? [step.kind] : []));
        expect(touched.filter((kind) => foreign.has(kind))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('does not change with time alone', () => {
    fc.assert(
      fc.property(world, fc.nat(), (given, later) => {
        const timeless = (steps: unknown) =>
          pretty(steps).replaceAll(/"lastTransitionTime": "[^"]*"/g, '"lastTransitionTime": "then"');
        const then = { ...given, at: instant(NOW + later) };
        expect(timeless(plan(then))).toBe(timeless(plan(given)));
      }),
      RUNS,
    );
  });

  test('never has two scalers in one plan, nor removes one that nothing follows', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { steps } = plan(given);
        const applies = steps.flatMap((step) => (step.do === 'apply' ? [step.kind] : []));
        expect(applies.filter((kind) => kind !== 'ServerlessService').length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  test('never fails a revision that has not started: Active=False with a service name only after the start', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])), (given, code) => {
        const { steps } = plan(given);
        const first = steps.find((step) => step.do === 'apply');
        const after = first === undefined ? [] : planAfterFault(given, first, { code, message: 'No.' });
        for (const step of [...steps, ...after]) {
          if (step.do !== 'status') continue;
          const written = step.body['status'] as unknown as {
            serviceName: string;
            conditions: { type: string; status: string }[];
          };
          const of = (type: string) => written.conditions.find((one) => one.type === type)?.status;
          const stored = given.pa.status.conditions.find(({ type }) => type === 'Active')?.status;
          const permanent = of('Active') === 'False' && written.serviceName !== '';
          if (permanent && stored !== 'False') expect(of('ScaleTargetInitialized')).toBe('True');
          const was = given.pa.status.conditions.find(
            ({ type }) => type === 'ScaleTargetInitialized',
          )?.status;
          if (was === 'True') expect(of('ScaleTargetInitialized')).toBe('True');
        }
      }),
      RUNS,
    );
  });
});
