import { describe, expect, test } from '@jest/globals';
import {
  BRIDGE_DEFAULTS,
  parseBridgeConfig,
  type BridgeConfig,
} from '../../../../src/domain/config/bridge.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { intentOf } from '../../../../src/domain/plan/intent-of.ts';
import { scaledObjectFor } from '../../../../src/domain/plan/scaled-object.ts';
import { configOf, paOf, revisionOf, worldOf } from '../../../builders/world.ts';

const TRIGGER = 'hpa-bridge.dev/keda-trigger';
const QUERY = { query: 'sum(x{namespace="default"})', target: '2.5' };

interface Case {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly bridge?: Partial<BridgeConfig>;
  readonly kedaServed?: boolean;
}

/** What is built from the annotations on the Revision, and everything that is said about them. */
function built({ annotations = {}, bridge = {}, kedaServed = true }: Case) {
  const all = { ...QUERY, ...annotations };
  const world = worldOf({
    pa: paOf(all),
    revision: revisionOf(all),
    config: configOf({ bridge }),
    kedaServed,
  });
  const intended = intentOf(world);
  if (!intended.ok) return { said: intended.error.map(({ message }) => message) };
  const made =
    intended.value.backend === 'keda' ? scaledObjectFor(intended.value.intent) : ({ ok: true } as const);
  const later = made.ok ? ('value' in made ? made.value.mistakes : []) : made.error;
  const said = [...intended.value.mistakes, ...later].map(({ effect, message }) => `${effect}: ${message}`);
  return 'value' in made ? { said, spec: made.value.object['spec'] as JsonObject } : { said };
}

const triggersOf = (one: Case): unknown => built(one).spec?.['triggers'];
const BRIDGE = { [TRIGGER]: 'bridge' };

test('with the trigger bridge KEDA asks us, and the rest of the ScaledObject is as it would be', () => {
  const asked = built({ annotations: { ...BRIDGE, 'min-scale': '2', 'max-scale': '9', window: '90s' } });
  const itself = built({ annotations: { 'min-scale': '2', 'max-scale': '9', window: '90s' } });
  expect(asked.said).toEqual([]);
  expect(asked.spec?.['triggers']).toEqual([
    {
      type: 'external-push',
      name: 'default-trigger-custom',
      metadata: { scalerAddress: 'hpa-bridge-keda.knative-serving.svc:8090', target: '2.5' },
      metricType: 'AverageValue',
    },
  ]);
  expect({ ...asked.spec, triggers: [] }).toEqual({ ...itself.spec, triggers: [] });
});

type Whom = BridgeConfig['kedaTrigger'];

test.each<[Whom, Whom | undefined, string]>([
  ['prometheus', undefined, 'prometheus'],
  ['bridge', undefined, 'external-push'],
  ['bridge', 'prometheus', 'prometheus'],
  ['prometheus', 'bridge', 'external-push'],
])('config-hpa-bridge says %s, the annotation %s: %s', (kedaTrigger, annotation, type) => {
  const annotations = annotation === undefined ? {} : { [TRIGGER]: annotation };
  expect(triggersOf({ annotations, bridge: { kedaTrigger } })).toMatchObject([{ type }]);
});

test('the name of the trigger, the metric type and the triggers beside it stay', () => {
  const queue = {
    type: 'prometheus',
    metadata: { serverAddress: 'http://p:9090', query: 'sum(q)', threshold: '1' },
  };
  const annotations = {
    ...BRIDGE,
    'trigger-prometheus-name': 'requests',
    'metric-type': 'Value',
    'extra-prometheus-triggers': JSON.stringify([{ ...queue, name: 'queue' }]),
    'scaling-modifiers': JSON.stringify({ formula: 'requests + queue', target: '5' }),
  };
  const bridge = { allowedPrometheusAddresses: ['http://p:9090'] };
  expect(triggersOf({ annotations, bridge })).toMatchObject([
    { type: 'external-push', name: 'requests', metricType: 'Value' },
    { type: 'prometheus', name: 'queue' },
  ]);
});

test('over TLS, with what a ClusterTriggerAuthentication of the platform owner holds', () => {
  const bridge = { kedaScalerAddress: 'keda.example.com:443', kedaScalerAuthentication: 'hpa-bridge' };
  expect(triggersOf({ annotations: BRIDGE, bridge })).toEqual([
    {
      type: 'external-push',
      name: 'default-trigger-custom',
      metadata: { scalerAddress: 'keda.example.com:443', enableTLS: 'true', target: '2.5' },
      metricType: 'AverageValue',
      authenticationRef: { name: 'hpa-bridge', kind: 'ClusterTriggerAuthentication' },
    },
  ]);
});

describe('outages are ours where KEDA asks us', () => {
  const outage = {
    'hpa-bridge.dev/fallback-replicas': '3',
    'hpa-bridge.dev/polling-interval': '5s',
    'hpa-bridge.dev/stale-after': '1m',
    'hpa-bridge.dev/prometheus': 'main',
  };
  const servers = parseBridgeConfig({ 'prometheus-servers': '[{"name":"main","address":"http://p:9090"}]' });
  if (!servers.ok) throw new Error(servers.error);
  const bridge = { prometheusServers: servers.value.prometheusServers };

  test('the ScaledObject says nothing of them, and all that is said of them has an effect', () => {
    const { said, spec } = built({ annotations: { ...BRIDGE, ...outage }, bridge });
    expect(said).toEqual([]);
    expect(spec).not.toHaveProperty('fallback');
    expect(spec).not.toHaveProperty('pollingInterval');
  });

  test('but for triggers of KEDA, where no query is measured', () => {
    const queue = {
      type: 'prometheus',
      metadata: { serverAddress: 'http://p:9090', query: 'sum(q)', threshold: '1' },
    };
    const annotations = {
      ...BRIDGE,
      metric: 'cpu',
      'hpa-bridge.dev/fallback-replicas': '3',
      'extra-prometheus-triggers': JSON.stringify([queue]),
    };
    const { spec } = built({ annotations, bridge: { allowedPrometheusAddresses: ['http://p:9090'] } });
    expect(spec).toMatchObject({
      fallback: { replicas: 3 },
      triggers: [{ type: 'cpu' }, { type: 'prometheus' }],
    });
  });
});

describe('what has no effect is said', () => {
  test('of how KEDA would identify itself to Prometheus', () => {
    const annotations = {
      ...BRIDGE,
      'trigger-prometheus-auth-name': 'a',
      'trigger-prometheus-auth-kind': 'TriggerAuthentication',
      'trigger-prometheus-auth-modes': 'bearer',
    };
    const { said, spec } = built({ annotations });
    expect(said).toEqual(
      ['name', 'kind', 'modes'].map(
        (part) =>
          `ignored: autoscaling.knative.dev/trigger-prometheus-auth-${part} has no effect, because KEDA asks hpa-bridge and not Prometheus: expected no such annotation, or hpa-bridge.dev/keda-trigger to be "prometheus".`,
      ),
    );
    expect(JSON.stringify(spec)).not.toContain('authenticationRef');
  });

  test('of the trigger where KEDA does not scale', () => {
    expect(built({ annotations: { ...BRIDGE, 'hpa-bridge.dev/backend': 'hpa' } }).said).toEqual([
      'ignored: hpa-bridge.dev/keda-trigger has no effect, because the Kubernetes HPA scales this revision: expected no such annotation, or hpa-bridge.dev/backend to be "keda".',
    ]);
  });
});

test('the server that we ask must be allowed', () => {
  expect(built({ annotations: { ...BRIDGE, 'prometheus-address': 'http://evil:9090' } })).toMatchObject({
    said: [
      expect.stringMatching(/^refused: autoscaling.knative.dev\/prometheus-address .*http:\/\/evil:9090/),
    ],
  });
});

test('a scalar, which KEDA cannot read from Prometheus, is good where we ask', () => {
  const annotations = { query: 'scalar(sum(x{namespace="default"}))' };
  expect(built({ annotations }).spec).toBeUndefined();
  expect(triggersOf({ annotations: { ...annotations, ...BRIDGE } })).toMatchObject([
    { type: 'external-push' },
  ]);
});

describe('config-hpa-bridge', () => {
  test.each(['bridge:8090', '10.0.0.1:8090', '[fd00::1]:443', 'a.b-c.svc.cluster.local:1'])(
    'takes %s',
    (address) => {
      expect(parseBridgeConfig({ 'keda-scaler-address': address })).toEqual({
        ok: true,
        value: { ...BRIDGE_DEFAULTS, kedaScalerAddress: address },
      });
    },
  );

  test.each(['bridge', 'http://bridge:8090', 'bridge:0', 'bridge:', ':8090', '', 'a b:1'])(
    'refuses %j',
    (address) => {
      expect(parseBridgeConfig({ 'keda-scaler-address': address })).toEqual({
        ok: false,
        error: `keda-scaler-address is "${address}": expected a host and a port, for example hpa-bridge-keda.knative-serving.svc:8090.`,
      });
    },
  );
});
