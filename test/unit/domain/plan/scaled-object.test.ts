import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../../src/domain/annotation/parse.ts';
import { LIVE_DEFAULTS } from '../../../../src/domain/config/live.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { podAutoscalerView } from '../../../../src/domain/k8s/read/pod-autoscaler.ts';
import type { Intent, Signal } from '../../../../src/domain/plan/intent.ts';
import { scaledObjectFor } from '../../../../src/domain/plan/scaled-object.ts';

const P = 'autoscaling.knative.dev/';
const pa = podAutoscalerView.parse({
  metadata: { name: 'hello-00001', namespace: 'default', uid: 'u-1' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello-00001-deployment' } },
});
const QUERY: Signal = { from: 'query', query: 'sum(x)', target: 5, derived: false };
const CPU: Signal = { from: 'resource', resource: 'cpu', target: 70 };
const TRIGGERS: Signal = { from: 'triggers' };

const intentWith = (signal: Signal, annotations: Readonly<Record<string, string>> = {}): Intent => ({
  pa,
  settings: readSettings(
    Object.fromEntries(Object.entries(annotations).map(([key, text]) => [P + key, text])),
  ).settings,
  config: { ...LIVE_DEFAULTS, keda: { ...LIVE_DEFAULTS.keda, prometheusAddress: 'http://p:9090' } },
  signal,
  bounds: { min: 1, max: 10 },
  sleeps: false,
  labels: { app: 'hello' },
  annotations: { a: 'b' },
});
const specOf = (intent: Intent): JsonObject => {
  const built = scaledObjectFor(intent);
  if (!built.ok) throw new Error(built.error.map(({ message }) => message).join('\n'));
  return built.value.object['spec'] as JsonObject;
};
const triggersOf = (intent: Intent): unknown => specOf(intent)['triggers'];
const messages = (signal: Signal, annotations?: Readonly<Record<string, string>>): readonly string[] => {
  const built = scaledObjectFor(intentWith(signal, annotations));
  return (built.ok ? built.value.mistakes : built.error).map(
    ({ effect, message }) => `${effect}: ${message.replaceAll(P, '')}`,
  );
};
const trigger = (changed: JsonObject = {}, metadata: JsonObject = {}): string =>
  JSON.stringify([
    {
      type: 'prometheus',
      metadata: { serverAddress: 'http://p:9090', query: 'sum(q)', threshold: '5', ...metadata },
      ...changed,
    },
  ]);

test('a query becomes one prometheus trigger on an object that belongs to the PodAutoscaler', () =>
  expect(scaledObjectFor(intentWith(QUERY))).toEqual({
    ok: true,
    value: {
      mistakes: [],
      object: {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: {
          name: 'hello-00001',
          namespace: 'default',
          labels: { app: 'hello' },
          annotations: { a: 'b' },
          ownerReferences: [
            {
              apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
              kind: 'PodAutoscaler',
              name: 'hello-00001',
              uid: 'u-1',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello-00001-deployment' },
          minReplicaCount: 1,
          maxReplicaCount: 10,
          advanced: { horizontalPodAutoscalerConfig: { name: 'hello-00001' } },
          triggers: [
            {
              type: 'prometheus',
              name: 'default-trigger-custom',
              metadata: {
                serverAddress: 'http://p:9090',
                query: 'sum(x)',
                threshold: '5',
                namespace: 'default',
                ignoreNullValues: 'false',
              },
              metricType: 'AverageValue',
            },
          ],
        },
      },
    },
  }));

describe('targets are exact', () => {
  const value = (signal: Signal, metricType?: string): unknown => {
    const annotations = metricType === undefined ? {} : { 'metric-type': metricType };
    const [first] = triggersOf(intentWith(signal, annotations)) as readonly JsonObject[];
    const { value: target, threshold } = first?.['metadata'] as JsonObject;
    return [first?.['metricType'], target ?? threshold];
  };
  const query = (target: number): Signal => ({ ...QUERY, target });
  const resource = (name: 'cpu' | 'memory', target?: number): Signal => ({
    from: 'resource',
    resource: name,
    target,
  });
  test.each([
    [query(0.5), undefined, 'AverageValue', '0.5'],
    [query(1000), undefined, 'AverageValue', '1000'],
    [query(40), 'Value', 'Value', '40'],
    [resource('cpu'), undefined, 'Utilization', '70'],
    [resource('cpu', 49.1), undefined, 'Utilization', '50'],
    [resource('cpu', 0.5), 'AverageValue', 'AverageValue', '500m'],
    [resource('memory', 1536), undefined, 'AverageValue', '1536Mi'],
    [resource('memory', 0.5), undefined, 'AverageValue', '512Ki'],
    [resource('memory', 79.5), 'Utilization', 'Utilization', '80'],
  ])('%j %s', (signal, type, metricType, text) => expect(value(signal, type)).toEqual([metricType, text]));

  test.each([
    [query(0), 'refused: target is 0: expected a number from 0.001 to 9007199254740991, for example 0.5.'],
    [
      query(Number.NaN),
      'refused: target is NaN: expected a number from 0.001 to 9007199254740991, for example 0.5.',
    ],
    [
      resource('cpu', -1),
      'refused: target is -1: expected a number above 0 and at most 2147483647 percent of the request, for example 0.5.',
    ],
    [
      resource('memory', 1e18),
      'refused: target is 1000000000000000000: expected a number from 0.001 to 8589934591 MiB, for example 0.5.',
    ],
  ])('%j is refused', (signal, message) => expect(messages(signal)).toEqual([message]));
});

describe('metric types', () => {
  test.each([
    [CPU, 'Value', 'is "Value": expected Utilization or AverageValue for cpu.'],
    [QUERY, 'Utilization', 'is "Utilization": expected AverageValue or Value for a query.'],
    [QUERY, 'averagevalue', 'is "averagevalue": expected AverageValue or Value for a query.'],
    [CPU, '', 'is "": expected Utilization or AverageValue for cpu.'],
  ])('%j %s', (signal, type, clause) =>
    expect(messages(signal, { 'metric-type': type })).toEqual([`refused: metric-type ${clause}`]),
  );
});

describe('authentication', () => {
  const auth = (name?: string, kind?: string, modes?: string): Record<string, string> => ({
    ...(name === undefined ? {} : { 'trigger-prometheus-auth-name': name }),
    ...(kind === undefined ? {} : { 'trigger-prometheus-auth-kind': kind }),
    ...(modes === undefined ? {} : { 'trigger-prometheus-auth-modes': modes }),
  });
  test('names what KEDA authenticates with', () =>
    expect(triggersOf(intentWith(QUERY, auth('a', 'ClusterTriggerAuthentication', 'bearer')))).toMatchObject([
      {
        metadata: { authModes: 'bearer' },
        authenticationRef: { name: 'a', kind: 'ClusterTriggerAuthentication' },
      },
    ]));
  test('a missing kind is left to KEDA and said', () => {
    expect(triggersOf(intentWith(QUERY, auth('a', undefined, 'tls, basic')))).toMatchObject([
      { authenticationRef: { name: 'a' } },
    ]);
    expect(messages(QUERY, auth('a', undefined, 'tls'))).toEqual([
      'used: trigger-prometheus-auth-kind is missing beside trigger-prometheus-auth-name, so KEDA looks for a TriggerAuthentication: expected TriggerAuthentication or ClusterTriggerAuthentication.',
    ]);
  });
  test.each([
    [
      auth('a', 'TriggerAuthentication'),
      'trigger-prometheus-auth-modes is missing beside trigger-prometheus-auth-name',
    ],
    [
      auth('a', 'Secret', 'basic'),
      'trigger-prometheus-auth-kind is "Secret": expected TriggerAuthentication',
    ],
    [
      auth(undefined, undefined, 'basic'),
      'trigger-prometheus-auth-name is missing beside trigger-prometheus-auth-modes',
    ],
    [
      auth(undefined, 'TriggerAuthentication'),
      'trigger-prometheus-auth-name is missing beside trigger-prometheus-auth-kind',
    ],
    [
      auth(undefined, 'TriggerAuthentication', 'basic'),
      'trigger-prometheus-auth-name is missing beside trigger-prometheus-auth-kind and trigger-prometheus-auth-modes',
    ],
    [auth('', 'TriggerAuthentication', 'basic'), 'trigger-prometheus-auth-name is empty'],
    [
      auth('a', 'TriggerAuthentication', 'baerer'),
      'trigger-prometheus-auth-modes is "baerer": expected apiKey, basic, tls, bearer, custom or oauth',
    ],
  ])('%j', (annotations, clause) => {
    const [only, ...others] = messages(QUERY, annotations);
    expect(only).toContain(`refused: ${clause}`);
    expect(others).toEqual([]);
  });
});

describe('extra triggers', () => {
  test('follow the default one as they are', () =>
    expect(
      triggersOf(intentWith(QUERY, { 'extra-prometheus-triggers': trigger({ name: 't' }) })),
    ).toMatchObject([
      { name: 'default-trigger-custom' },
      {
        type: 'prometheus',
        name: 't',
        metadata: { serverAddress: 'http://p:9090', query: 'sum(q)', threshold: '5' },
      },
    ]));
  test('may stand alone', () =>
    expect(triggersOf(intentWith(TRIGGERS, { 'extra-prometheus-triggers': trigger() }))).toHaveLength(1));
  test.each([
    [
      trigger({ type: 'cron' }),
      '[0] has the type "cron": expected cpu, memory or prometheus (see allowed-trigger-types in config-hpa-bridge).',
    ],
    [
      trigger({}, { serverAddress: 'http://other' }),
      '[0] is wrong in metadata.serverAddress, which is "http://other": expected the address in',
    ],
    [trigger({}, { serverAddress: '' }), '[0] needs metadata.serverAddress: expected an http'],
    [trigger({}, { threshold: '1k' }), '[0] has a wrong metadata.threshold: expected a plain number'],
    [trigger({}, { query: ' ' }), '[0] needs metadata.query: expected PromQL'],
    [
      trigger({}, { activationThreshold: 'x' }),
      '[0] has a wrong metadata.activationThreshold: expected a plain number',
    ],
    [trigger({ metricType: 'Utilization' }), '[0] has the metricType Utilization: expected AverageValue'],
    [trigger({ name: 'default-trigger-custom' }), 'makes two triggers named "default-trigger-custom"'],
    [trigger({ authenticationRef: { name: '' } }), '[0] has an authenticationRef with an empty name'],
    [
      JSON.stringify([{ type: 'cpu', metadata: { value: '50' } }]),
      '[0] needs a metricType: expected Utilization or AverageValue for cpu',
    ],
    [
      JSON.stringify([{ type: 'cpu', metricType: 'AverageValue', metadata: { value: '1x' } }]),
      '[0] has a wrong metadata.value: expected a Kubernetes quantity',
    ],
    [
      JSON.stringify([
        { type: 'cpu', metricType: 'Utilization', useCachedMetrics: true, metadata: { value: '5' } },
      ]),
      '[0] has useCachedMetrics',
    ],
    ['[{"type":"prometheus"}]', 'line 1 column 2: [0] needs the field metadata'],
    ['{}', 'extra-prometheus-triggers must be a list, not an object'],
  ])('%s is refused', (text, clause) =>
    expect(
      messages(QUERY, { 'extra-prometheus-triggers': text }).find((message) =>
        message.startsWith('refused:'),
      ),
    ).toContain(clause),
  );
  test('without any trigger there is nothing to build', () =>
    expect(messages(TRIGGERS, { 'extra-prometheus-triggers': '[]' })).toEqual([
      'refused: target is missing, so there is nothing to scale by: expected a number above 0, for example 0.5, or triggers in extra-prometheus-triggers.',
    ]));
});

describe('scaling modifiers', () => {
  const modifiers = (value: JsonObject): Record<string, string> => ({
    'scaling-modifiers': JSON.stringify(value),
    'trigger-prometheus-name': 'requests',
  });
  test('are passed on', () =>
    expect(
      specOf(intentWith(QUERY, modifiers({ formula: 'requests / 2', target: '5' })))['advanced'],
    ).toMatchObject({
      scalingModifiers: { formula: 'requests / 2', target: '5' },
    }));
  test('that say nothing are not written', () =>
    expect(specOf(intentWith(QUERY, modifiers({ formula: '' })))['advanced']).not.toHaveProperty(
      'scalingModifiers',
    ));
  test.each([
    [{ formula: 'requests' }, 'needs a target'],
    [{ formula: 'requests', target: '0' }, 'has the target "0": expected a number above 0'],
    [{ target: '1' }, 'needs a formula'],
    [{ formula: 'requests + queue', target: '1' }, 'uses "queue" in its formula'],
    [
      { formula: 'requests', target: '1', activationTarget: 'x' },
      'has the activationTarget "x": expected a number',
    ],
    [
      { formula: 'requests', target: '1', metricType: 'Utilization' },
      'metricType must be AverageValue or Value',
    ],
  ])('%j is refused', (value, clause) => expect(messages(QUERY, modifiers(value))[0]).toContain(clause));
  test.each([
    'requests > 1 ? requests : 2',
    'max([requests, 3])',
    'let a = requests; a * 2',
    'float(requests) + 1e3',
  ])('%s is a formula', (formula) =>
    expect(messages(QUERY, modifiers({ formula, target: '1' }))).toEqual([]),
  );
});

describe('behavior', () => {
  const behavior = (annotations: Record<string, string>): unknown =>
    (
      (specOf(intentWith(CPU, annotations))['advanced'] as JsonObject)[
        'horizontalPodAutoscalerConfig'
      ] as JsonObject
    )['behavior'];
  test('the window holds both ways', () =>
    expect(behavior({ window: '1m30s' })).toEqual({
      scaleUp: { stabilizationWindowSeconds: 90 },
      scaleDown: { stabilizationWindowSeconds: 90 },
    }));
  test('rules replace one side whole', () =>
    expect(
      behavior({ window: '60s', 'hpa-scale-up-rules': '{"selectPolicy":"Max","tolerance":"0.05"}' }),
    ).toEqual({
      scaleUp: { selectPolicy: 'Max', tolerance: '50m' },
      scaleDown: { stabilizationWindowSeconds: 60 },
    }));
  test('a window that both sides replace does not matter', () =>
    expect(behavior({ window: '2h', 'hpa-scale-up-rules': '{}', 'hpa-scale-down-rules': 'null' })).toEqual({
      scaleUp: {},
      scaleDown: {},
    }));
  test.each([
    [{ window: '2h' }, 'window is 7200s: expected 0s to 3600s, as long as an HPA can wait'],
    [
      { 'hpa-scale-up-rules': '{"scaleUp":{"selectPolicy":"Max"}}' },
      'holds its rules inside scaleUp: expected them at the top',
    ],
    [
      { 'hpa-scale-down-rules': '{"stabilizationWindowSeconds":3601}' },
      'stabilizationWindowSeconds must be a whole number from 0 to 3600',
    ],
    [
      { 'hpa-scale-down-rules': '{"policies":[{"type":"Pods","value":0,"periodSeconds":15}]}' },
      'policies[0].value must be a whole number from 1',
    ],
  ])('%j is refused', (annotations, clause) =>
    expect(messages(CPU, annotations as Record<string, string>)[0]).toContain(clause),
  );
});

describe('an override', () => {
  const override = (value: JsonObject): Record<string, string> => ({
    'scaled-object-override': JSON.stringify(value),
  });
  const triggers = JSON.parse(trigger()) as JsonObject[];
  test('keeps what we do not know, and what is ours stays ours', () => {
    const built = scaledObjectFor(
      intentWith(
        QUERY,
        override({
          metadata: { name: 'other', resourceVersion: '7', labels: { x: 'y' }, ownerReferences: [] },
          status: { hpaName: 'x' },
          spec: {
            scaleTargetRef: { name: 'x', envSourceContainerName: 'c' },
            maxReplicaCount: 99,
            fallback: { failureThreshold: 3, replicas: 5, behavior: 'currentReplicas' },
            fromTheFuture: { a: [1] },
            advanced: { restoreToOriginalReplicaCount: true },
            triggers,
          },
        }),
      ),
    );
    expect(built.ok && built.value.object).toMatchObject({
      metadata: { name: 'hello-00001', labels: { app: 'hello' }, annotations: { a: 'b' } },
      spec: {
        scaleTargetRef: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: 'hello-00001-deployment',
          envSourceContainerName: 'c',
        },
        minReplicaCount: 1,
        maxReplicaCount: 10,
        fallback: { failureThreshold: 3, replicas: 5, behavior: 'currentReplicas' },
        fromTheFuture: { a: [1] },
        advanced: {
          restoreToOriginalReplicaCount: true,
          horizontalPodAutoscalerConfig: { name: 'hello-00001' },
        },
        triggers,
      },
    });
    expect(built.ok && JSON.stringify(built.value.object)).not.toMatch(/resourceVersion|status|hpaName/);
  });
  test('cannot put to sleep what nobody can wake', () => {
    const spec = specOf(
      intentWith(QUERY, override({ spec: { minReplicaCount: 0, idleReplicaCount: 0, triggers } })),
    );
    expect(spec).toMatchObject({ minReplicaCount: 1 });
    expect(spec).not.toHaveProperty('idleReplicaCount');
  });
  test.each([
    [{}, 'has no triggers: expected at least one in spec.triggers'],
    [{ spec: { triggers: [{ type: 'kafka', metadata: {} }] } }, 'spec.triggers[0] has the type "kafka"'],
    [{ spec: { triggers: 5 } }, 'spec.triggers must be a list'],
    [{ spec: { triggers, minReplicaCount: 11 } }, 'sets spec.minReplicaCount to 11: expected at most 10'],
    [{ spec: { triggers, idleReplicaCount: 1 } }, 'sets spec.idleReplicaCount to 1: expected less than 1'],
    [{ kind: 'Pod', spec: { triggers } }, 'kind must be ScaledObject, not "Pod"'],
    [
      { spec: { triggers, advanced: { scalingModifiers: { formula: 'a' } } } },
      'spec.advanced.scalingModifiers uses "a"',
    ],
  ])('%j is refused', (value, clause) =>
    expect(messages(QUERY, override(value as JsonObject))[0]).toContain(clause),
  );
});

test('every mistake is told at once', () =>
  expect(
    messages(
      { ...QUERY, target: 0 },
      {
        'metric-type': 'x',
        'prometheus-address': 'nope',
        'extra-prometheus-triggers': '[',
        'scaling-modifiers': '5',
        window: '2h',
        'hpa-scale-up-rules': '{',
      },
    ),
  ).toHaveLength(7));
