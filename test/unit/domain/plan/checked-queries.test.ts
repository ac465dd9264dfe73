import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { intentOf } from '../../../../src/domain/plan/intent-of.ts';
import { scaledObjectFor } from '../../../../src/domain/plan/scaled-object.ts';
import type { World } from '../../../../src/domain/plan/world.ts';
import { configOf, NAME, paOf, worldOf } from '../../../builders/world.ts';

const KEY = 'autoscaling.knative.dev/';
type Tenancy = 'off' | 'warn' | 'enforce';

const worldWith = (
  annotations: Readonly<Record<string, string>>,
  { tenancy = 'off', kedaServed = true }: { tenancy?: Tenancy; kedaServed?: boolean } = {},
): World => worldOf({ pa: paOf(annotations), kedaServed, config: configOf({ bridge: { tenancy } }) });

/** Everything that is said, in the order of the plan: effect and sentence. */
function saidOf(world: World): readonly string[] {
  const intended = intentOf(world);
  const built =
    intended.ok && intended.value.backend === 'keda' ? scaledObjectFor(intended.value.intent) : undefined;
  const later = built === undefined ? [] : built.ok ? built.value.mistakes : built.error;
  return [...(intended.ok ? intended.value.mistakes : intended.error), ...later].map(
    ({ effect, message }) => `${effect}: ${message.replaceAll(KEY, '')}`,
  );
}

/** The queries of the ScaledObject. */
function asked(world: World): readonly unknown[] {
  const intended = intentOf(world);
  if (!intended.ok) return intended.error.map(({ message }) => message);
  const built = scaledObjectFor(intended.value.intent);
  if (!built.ok) return built.error.map(({ message }) => message);
  const spec = built.value.object['spec'] as {
    readonly triggers: readonly { readonly metadata: JsonObject }[];
  };
  return spec.triggers.map(({ metadata }) => metadata['query']);
}

const QUERY = 'sum(rate(x{pod=~"{{ .revisionName }}-.*"}[1m]))';
const trigger = (query: string): JsonObject => ({
  type: 'prometheus',
  metadata: { serverAddress: 'http://prometheus-operated.default.svc:9090', query, threshold: '5' },
});
const extra = (query: string): Record<string, string> => ({
  query: QUERY,
  target: '5',
  'extra-prometheus-triggers': JSON.stringify([trigger(query)]),
});
const override = (query: string): Record<string, string> => ({
  'scaled-object-override': JSON.stringify({ spec: { triggers: [trigger(query)], cooldownPeriod: 7 } }),
});

describe('what is wrong with a query is said with its place in the text of the user', () => {
  test.each([
    [
      'sum(rate(x{pod=~"{{ .revisionName }}-.*"}))',
      'query calls rate with an instant vector at line 1 column 10: expected a range vector, for example [5m] behind the selector.',
    ],
    [
      'sum(\n  x{pod=~"{{ .revisionName }}-.*"} y)',
      'query has "y" where PromQL cannot go on at line 2 column 36: expected an operator, a bracket or the end.',
    ],
    ['sum(x', 'query ends too early at line 1 column 6: expected ).'],
    [
      'vector(1) + scalar(x[5m])',
      'query calls scalar with a range vector at line 1 column 20: expected an instant vector, for example scalar(rate(...)).',
    ],
    [
      'scalar(x)',
      'query gives a scalar at line 1 column 1: expected an instant vector, because KEDA reads nothing else, for example vector(...) of it.',
    ],
    [
      'sum({{ .revisionName }})',
      'query: the template "{{ .revisionName }}" at line 1 column 5 stands for "hello-00001", which cannot be written there: expected it inside of a string, for example pod=~"{{ .revisionName }}-.*".',
    ],
  ])('%j', (query, sentence) =>
    expect(saidOf(worldWith({ query, target: '5' }))).toEqual([`refused: ${sentence}`]),
  );

  test('a scalar is no mistake where the bridge asks', () =>
    expect(
      saidOf(worldWith({ query: 'scalar(x{a="default"})', target: '5' }, { kedaServed: false })),
    ).toEqual([]));

  test('in one more trigger and in an override, too', () => {
    expect(saidOf(worldWith(extra('sum(x) +')))).toEqual([
      'refused: extra-prometheus-triggers [0] has a query that ends too early at line 1 column 9: expected an expression.',
    ]);
    expect(saidOf(worldWith(override('rate(x)')))).toEqual([
      'refused: scaled-object-override spec.triggers[0] has a query that calls rate with an instant vector at line 1 column 6: expected a range vector, for example [5m] behind the selector.',
    ]);
  });
});

describe('what may be meant otherwise is said, and nothing is wrong for it', () => {
  test('several series, and nothing of the revision', () =>
    expect(saidOf(worldWith({ query: 'x', target: '5' }))).toEqual([
      expect.stringMatching(/^advice: query may give several series/),
      expect.stringMatching(/^advice: query has no selector that is tied to the revision/),
    ]));

  test('nothing of a query that is tied and one number', () =>
    expect(saidOf(worldWith({ query: QUERY, target: '5' }))).toEqual([]));

  test('a trigger beside others need not be of the revision', () =>
    expect(saidOf(worldWith(extra('sum(queue)')))).toEqual([]));
});

describe('tenancy', () => {
  const filled = `sum(rate(x{pod=~"${NAME}-.*"}[1m]))`;
  const bound = `sum(rate(x{namespace="default",pod=~"${NAME}-.*"}[1m]))`;

  test('off: as it was written', () => {
    expect(asked(worldWith(extra('sum(queue)')))).toEqual([filled, 'sum(queue)']);
  });

  test('enforce: every query of the ScaledObject is bound', () => {
    expect(asked(worldWith(extra('sum(queue)'), { tenancy: 'enforce' }))).toEqual([
      bound,
      'sum(queue{namespace="default"})',
    ]);
    expect(asked(worldWith(override('sum(a) / sum(b)'), { tenancy: 'enforce' }))).toEqual([
      'sum(a{namespace="default"}) / sum(b{namespace="default"})',
    ]);
  });

  test('enforce: so is the query that the bridge asks for an HPA', () => {
    const intended = intentOf(
      worldWith({ query: QUERY, target: '5' }, { tenancy: 'enforce', kedaServed: false }),
    );
    expect(intended).toMatchObject({ ok: true, value: { intent: { signal: { query: bound } } } });
  });

  test('enforce: the query of a metric that is only named passes as it is', () => {
    const derived = asked(worldWith({ metric: 'requests', target: '5' }, { tenancy: 'enforce' }));
    expect(derived).toEqual([`sum(rate(requests{namespace="default",pod=~"${NAME}-deployment-.*"}[1m]))`]);
  });

  test.each([
    { query: 'sum(x{namespace="kube-system"})', target: '5' },
    extra('sum(x{namespace="kube-system"})'),
    override('sum(x{namespace="kube-system"})'),
  ])('enforce: another namespace is refused: %j', (annotations) =>
    expect(saidOf(worldWith(annotations, { tenancy: 'enforce' }))).toEqual([
      expect.stringMatching(
        /^refused: .*selects the namespace ="kube-system" at line 1 column 7: expected namespace="default" or no such matcher, because tenancy in config-hpa-bridge is enforce\.$/,
      ),
    ]),
  );

  test('warn: nothing is changed, and the selectors are named', () => {
    const world = worldWith(
      { query: 'sum(a) / sum(b{namespace="default"})', target: '5' },
      { tenancy: 'warn' },
    );
    expect(asked(world)).toEqual(['sum(a) / sum(b{namespace="default"})']);
    expect(saidOf(world)).toEqual([
      'advice: query reads every namespace of "a": expected namespace="default" in each selector.',
    ]);
  });
});
