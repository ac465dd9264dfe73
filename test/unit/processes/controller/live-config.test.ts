import { beforeEach, describe, expect, test } from '@jest/globals';
import { AUTOSCALER_KEYS } from '../../../../src/domain/config/autoscaler-table.ts';
import { BRIDGE_KEYS } from '../../../../src/domain/config/bridge.ts';
import { DEPLOYMENT_KEYS } from '../../../../src/domain/config/deployment.ts';
import { NETWORK_KEYS } from '../../../../src/domain/config/network.ts';
import { KEDA_KEYS } from '../../../../src/domain/config/keda.ts';
import { LIVE_DEFAULTS } from '../../../../src/domain/config/live.ts';
import type { BridgeEvent } from '../../../../src/domain/event.ts';
import { configMapView, type ConfigMap } from '../../../../src/domain/k8s/read/config-map.ts';
import { LiveConfiguration } from '../../../../src/processes/controller/live-config.ts';
import { SilentLog } from '../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

let [events, log, telemetry] = [[] as BridgeEvent[], new SilentLog(), new TallyingTelemetry()];
let changes = 0;
let config: LiveConfiguration;
beforeEach(() => {
  [events, log, telemetry, changes] = [[], new SilentLog(), new TallyingTelemetry(), 0];
  const recorder = { publish: (event: BridgeEvent) => void events.push(event) };
  config = new LiveConfiguration({ recorder, telemetry, log, onChange: () => (changes += 1) });
});

const mapOf = (name: string, data: Record<string, string>): ConfigMap =>
  configMapView.parse({
    metadata: { name, namespace: 'knative-serving', uid: 'u', resourceVersion: '1', generation: 1 },
    data,
  });
const offer = (name: string, data: Record<string, string>): void => config.offer(name, mapOf(name, data));
const said = (): string[] => events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
const isValid = (configmap: string): number => telemetry.valueOf('hpa_bridge_config_valid', { configmap });

const ADDRESS = 'autoscaler.keda.prometheus-address';
const URL =
  'expected an http or https URL with a host and without query, for example http://prometheus.monitoring:9090.';
const AS_NUMBER = 'expected a number, for example';

/** For each key a value that is refused, and what is said of it. */
const BAD: Readonly<Record<string, Readonly<Record<string, readonly [text: string, sentence: string]>>>> = {
  'config-autoscaler': {
    'enable-scale-to-zero': ['maybe', '"maybe": expected true or false, for example true.'],
    'allow-zero-initial-scale': ['no', '"no": expected true or false, for example false.'],
    'max-scale-up-rate': ['fast', `"fast": ${AS_NUMBER} 1000.`],
    'max-scale-down-rate': ['', `"": ${AS_NUMBER} 2.`],
    'container-concurrency-target-percentage': ['70%', `"70%": ${AS_NUMBER} 0.7.`],
    'container-concurrency-target-default': ['a hundred', `"a hundred": ${AS_NUMBER} 100.`],
    'requests-per-second-target-default': ['200/s', `"200/s": ${AS_NUMBER} 200.`],
    'target-burst-capacity': ['all', `"all": ${AS_NUMBER} 211.`],
    'panic-window-percentage': ['10 %', `"10 %": ${AS_NUMBER} 10.`],
    'activator-capacity': ['1e400', `"1e400": ${AS_NUMBER} 100.`],
    'panic-threshold-percentage': ['x', `"x": ${AS_NUMBER} 200.`],
    'initial-scale': ['1.5', '"1.5": expected a whole number, for example 1.'],
    'min-scale': ['2147483648', '"2147483648": expected a whole number, for example 0.'],
    'max-scale': ['nine', '"nine": expected a whole number, for example 0.'],
    'max-scale-limit': ['', '"": expected a whole number, for example 0.'],
    'stable-window': ['60', '"60": expected a duration with a unit, for example 1m0s.'],
    'scale-down-delay': ['soon', '"soon": expected a duration with a unit, for example 0s.'],
    'scale-to-zero-grace-period': ['30', '"30": expected a duration with a unit, for example 30s.'],
    'scale-to-zero-pod-retention-period': ['1', '"1": expected a duration with a unit, for example 0s.'],
  },
  'config-autoscaler-keda': {
    [ADDRESS]: ['prometheus:9090', `"prometheus:9090": ${URL}`],
    'autoscaler.keda.scaledobject-autocreate': ['off', '"off": expected true or false, for example true.'],
  },
  'config-deployment': {
    'progress-deadline': ['600', '"600": expected a duration above 0 in whole seconds, for example 600s.'],
  },
  'config-network': {
    'mesh-compatibility-mode': ['maybe', '"maybe": expected auto, enabled or disabled, for example auto.'],
    'enable-mesh-pod-addressability': ['yes', '"yes": expected true or false.'],
    'system-internal-tls': ['true', '"true": expected disabled or enabled, for example disabled.'],
  },
  'config-hpa-bridge': {
    backend: ['HPA', '"HPA": expected auto, keda or hpa, for example auto.'],
    'external-metrics': ['on', '"on": expected auto or off, for example off.'],
    'keda-trigger': ['hpa-bridge', '"hpa-bridge": expected prometheus or bridge, for example bridge.'],
    'keda-scaler-address': [
      'http://bridge:8090',
      '"http://bridge:8090": expected a host and a port, for example hpa-bridge-keda.knative-serving.svc:8090.',
    ],
    'keda-scaler-authentication': [
      'a/b',
      '"a/b": expected the name of a ClusterTriggerAuthentication, for example hpa-bridge.',
    ],
    zero: ['shim', '"shim": expected activator or knative-activator, for example activator.'],
    tenancy: ['on', '"on": expected off, warn or enforce, for example enforce.'],
    'prometheus-servers': ['[{"name":', 'not JSON at line 1 column 10: expected a JSON value.'],
    'polling-interval': ['0.5s', '"0.5s": expected a duration from 1s to 1h, for example 15s.'],
    'empty-result': ['null', '"null": expected error or zero, for example error.'],
    'stale-after': ['-1s', '"-1s": expected a duration from 0s to 24h, for example 5m.'],
    fallback: ['zero', '"zero": expected auto, concurrency, hold, replicas or off, for example auto.'],
    'decision-events': ['on', '"on": expected moves or off, for example moves.'],
    'revision-metrics': ['on', '"on": expected all or off, for example all.'],
    'query-dry-run': ['on', '"on": expected warn or off, for example warn.'],
    'model-secret': ['a/b', '"a/b": expected the name of a Secret, for example model-store.'],
    'model-size-limit': ['0', '"0": expected a quantity of bytes above 0, for example 50Gi.'],
    'signal-without-metric': ['memory', '"memory": expected concurrency or cpu, for example cpu.'],
  },
};
/** Texts of any kind are good. */
const NEVER_BAD = ['pod-autoscaler-class'];
/** Lists name the item that is wrong; they have cases of their own. */
const LISTS = [
  'allowed-model-images',
  'allowed-prometheus-addresses',
  'allowed-trigger-types',
  'model-limits',
  'model-requests',
];

const cases = Object.entries(BAD).flatMap(([name, keys]) =>
  Object.entries(keys).map(([key, [text, sentence]]) => [name, key, text, `${key} is ${sentence}`] as const),
);

describe('a bad value', () => {
  test('there is a case for every key', () => {
    const tables: readonly Readonly<Record<string, { readonly key: string }>>[] = [
      AUTOSCALER_KEYS,
      KEDA_KEYS,
      DEPLOYMENT_KEYS,
      NETWORK_KEYS,
      BRIDGE_KEYS,
    ];
    const keys = tables.flatMap((table) => Object.values(table).map(({ key }) => key));
    expect([...cases.map(([, key]) => key), ...NEVER_BAD, ...LISTS].sort()).toEqual(keys.sort());
  });

  test.each(cases)('%s: %s of %j is refused at the start; the defaults hold', (name, key, text, sentence) => {
    offer(name, { [key]: text });
    expect(said()).toEqual([
      `Warning InvalidConfig: This version is refused and the default values stay in force: ${sentence}`,
    ]);
    expect(events[0]?.about).toMatchObject({ kind: 'ConfigMap', key: `knative-serving/${name}` });
    expect(config.current()).toEqual(LIVE_DEFAULTS);
    expect([changes, isValid(name)]).toEqual([0, 0]);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { resource: name, detail: sentence } }]);
  });

  test.each<[Record<string, string>, string]>([
    [{ 'min-scale': '5', 'max-scale': '3' }, 'min-scale (5) must be less than max-scale (3).'],
    [{ 'stable-window': '5s' }, 'stable-window = 5s, must be in [6s; 1h0m0s] range.'],
    [{ 'max-scale-up-rate': '1' }, 'max-scale-up-rate = 1, must be greater than 1.0.'],
  ])('%j is refused in the words of Knative', (data, sentence) => {
    offer('config-autoscaler', data);
    expect(said()).toEqual([
      `Warning InvalidConfig: This version is refused and the default values stay in force: ${sentence}`,
    ]);
  });

  test.each([
    [
      'allowed-prometheus-addresses',
      `http://good:9090, thanos:10902`,
      `has the item "thanos:10902": expected each item to be an http or https URL with a host and without query, for example http://prometheus.monitoring:9090, separated by commas or line breaks.`,
    ],
    [
      'allowed-trigger-types',
      'prometheus;cron',
      'has the item "prometheus;cron": expected KEDA trigger types separated by commas, for example prometheus,cron.',
    ],
  ])('of the list %s the bad item is named', (key, text, sentence) => {
    offer('config-hpa-bridge', { [key]: text });
    expect(events[0]?.message).toBe(
      `This version is refused and the default values stay in force: ${key} ${sentence}`,
    );
  });

  test('of config-hpa-bridge every one is named', () => {
    offer('config-hpa-bridge', { backend: 'x', 'signal-without-metric': 'y' });
    expect(events).toHaveLength(1);
    expect(events[0]?.message).toMatch(/backend is "x": .* signal-without-metric is "y": /);
  });

  test.each([
    ['config-autoscaler-keda', ADDRESS, 'http://me:hunter2@prometheus:9090'],
    ['config-autoscaler-keda', ADDRESS, 'http://me:hun/hunter2@prometheus:9090'],
    ['config-autoscaler-keda', ADDRESS, 'http://prometheus:9090?token=hunter2'],
    ['config-hpa-bridge', 'allowed-prometheus-addresses', 'http://a, http://me:hunter2@b'],
    ['config-hpa-bridge', 'allowed-prometheus-addresses', 'http://me:hunter2,x@b'],
    ['config-hpa-bridge', 'backend', 'password=hunter2'],
    ['config-hpa-bridge', 'prometheus-servers', '[{"name":"a","headers":{"X-Token":"hunter2",}}]'],
    ['config-hpa-bridge', 'prometheus-servers', '[{"name":"hunter2","address":"http://me:hunter2@h"}]'],
    ['config-hpa-bridge', 'prometheus-servers', '[{"name":"a","auth":{"bearer":"hunter2"}}]'],
    ['config-autoscaler', 'max-scale', 'Bearer hunter2hunter2'],
  ])('%s: a secret in %s is nowhere repeated (%j)', (name, key, text) => {
    offer(name, { [key]: text });
    expect(events).toHaveLength(1);
    expect(JSON.stringify([events, log.lines])).not.toContain('hunter2');
  });
});

describe('the last good version', () => {
  const inForce = (): number => config.current().autoscaler.maxScale;
  test('stays while bad ones come, and a good one ends that', () => {
    offer('config-autoscaler', { 'max-scale': '9' });
    offer('config-autoscaler', { 'max-scale': 'nine' });
    expect([inForce(), changes, isValid('config-autoscaler')]).toEqual([9, 1, 0]);
    expect(said()).toEqual([
      'Warning InvalidConfig: This version is refused and the last good one stays in force: max-scale is "nine": expected a whole number, for example 0.',
    ]);
    offer('config-autoscaler', { 'max-scale': '11' });
    expect([inForce(), changes, isValid('config-autoscaler')]).toEqual([11, 2, 1]);
    expect(events).toHaveLength(1);
  });

  test('is of its own ConfigMap: the others go on', () => {
    offer('config-autoscaler', { 'max-scale': 'nine' });
    offer('config-hpa-bridge', { backend: 'hpa' });
    expect(config.current().bridge.backend).toBe('hpa');
    expect(isValid('config-autoscaler')).toBe(0);
  });

  test('goes with the ConfigMap: its defaults hold, and nothing is wrong any more', () => {
    offer('config-autoscaler', { 'max-scale': '9' });
    offer('config-autoscaler', { 'max-scale': 'nine' });
    config.offer('config-autoscaler', undefined);
    expect(config.current()).toEqual(LIVE_DEFAULTS);
    expect([changes, isValid('config-autoscaler')]).toEqual([2, 1]);
    events.length = 0;
    config.repeat();
    expect(events).toEqual([]);
    offer('config-autoscaler', { 'max-scale': 'nine' });
    expect(events[0]?.message).toContain('the default values stay in force');
  });

  test('that says the same in other words changes nothing', () => {
    offer('config-autoscaler', { 'max-scale': '9' });
    offer('config-autoscaler', { 'max-scale': '9', 'stable-window': '1m' });
    expect(changes).toBe(1);
  });
});

describe('keys that nothing reads', () => {
  test.each([
    ['config-hpa-bridge', 'backends', '"backends" is not a key of config-hpa-bridge; did you mean backend?'],
    [
      'config-hpa-bridge',
      'zzzzzzzzzzzzzzzz',
      '"zzzzzzzzzzzzzzzz" is not a key of config-hpa-bridge; known are ' +
        `${Object.values(BRIDGE_KEYS)
          .map(({ key }) => key)
          .join(', ')}.`,
    ],
    [
      'config-autoscaler',
      'max-scle',
      '"max-scle" is not a key of config-autoscaler that hpa-bridge reads; did you mean max-scale?',
    ],
    [
      'config-autoscaler-keda',
      'autoscaler.keda.prometheus-adress',
      '"autoscaler.keda.prometheus-adress" is not a key of config-autoscaler-keda that hpa-bridge reads; did you mean autoscaler.keda.prometheus-address?',
    ],
    [
      'config-deployment',
      'progress-deadlin',
      '"progress-deadlin" is not a key of config-deployment that hpa-bridge reads; did you mean progress-deadline?',
    ],
  ])('%s: %s is said, and refuses nothing', (name, key, sentence) => {
    offer(name, { [key]: '1', _example: 'x: y' });
    expect(said()).toEqual([`Normal UnknownKey: ${sentence}`]);
    expect(isValid(name)).toBe(1);
  });

  test.each([
    ['config-deployment', 'queue-sidecar-image'],
    ['config-deployment', 'progressDeadline'],
    ['config-autoscaler', 'tick-interval'],
    ['config-autoscaler', '_example'],
  ])('%s: %s is somebody else\u2019s, or none', (name, key) => {
    offer(name, { [key]: '30s' });
    expect(events).toEqual([]);
  });
});

test('what is wrong is said again to whoever begins to lead', () => {
  offer('config-autoscaler', { 'max-scale': 'nine' });
  offer('config-hpa-bridge', { backends: 'x' });
  const first = said();
  events.length = 0;
  config.repeat();
  expect(said()).toEqual(first);
});

test('ConfigMaps of others say nothing', () => {
  offer('config-logging', { backend: 'x' });
  expect([events, log.lines, changes]).toEqual([[], [], 0]);
});
