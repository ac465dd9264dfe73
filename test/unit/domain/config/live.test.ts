import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { AUTOSCALER_DEFAULTS, parseAutoscalerConfig } from '../../../../src/domain/config/autoscaler.ts';
import { bridgeConfigExample } from '../../../../src/domain/config/bridge-example.ts';
import {
  BRIDGE_DEFAULTS,
  parseBridgeConfig,
  unknownBridgeKeys,
} from '../../../../src/domain/config/bridge.ts';
import { DEPLOYMENT_DEFAULTS, parseDeploymentConfig } from '../../../../src/domain/config/deployment.ts';
import { parseFeaturesConfig } from '../../../../src/domain/config/features.ts';
import { KEDA_DEFAULTS, parseKedaConfig } from '../../../../src/domain/config/keda.ts';
import { NETWORK_DEFAULTS, parseNetworkConfig } from '../../../../src/domain/config/network.ts';
import { nanos } from '../../../../src/domain/go/duration.ts';

describe('an empty ConfigMap stands for the defaults', () => {
  test('config-autoscaler', () => {
    expect(parseAutoscalerConfig({})).toEqual({ ok: true, value: AUTOSCALER_DEFAULTS });
    expect(parseAutoscalerConfig({ _example: 'x', unknown: 'y' })).toEqual({
      ok: true,
      value: AUTOSCALER_DEFAULTS,
    });
  });
  test('config-autoscaler-keda', () =>
    expect(parseKedaConfig({})).toEqual({ ok: true, value: KEDA_DEFAULTS }));
  test('config-deployment', () => {
    expect(parseDeploymentConfig({ 'queue-sidecar-image': 'x' })).toEqual({
      ok: true,
      value: DEPLOYMENT_DEFAULTS,
    });
  });
  test('config-network', () =>
    expect(parseNetworkConfig({ 'ingress-class': 'x' })).toEqual({ ok: true, value: NETWORK_DEFAULTS }));
  test('config-hpa-bridge', () =>
    expect(parseBridgeConfig({})).toEqual({ ok: true, value: BRIDGE_DEFAULTS }));
});

describe('config-autoscaler', () => {
  test('a percentage above 1 is one, up to 1 it is a fraction', () => {
    const fraction = (text: string) => {
      const parsed = parseAutoscalerConfig({ 'container-concurrency-target-percentage': text });
      return parsed.ok ? parsed.value.containerConcurrencyTargetFraction : parsed.error;
    };
    expect([fraction('70'), fraction('0.7'), fraction('1')]).toEqual([0.7, 0.7, 1]);
  });
  test('the first key that does not parse is named before any rule is checked', () => {
    expect(parseAutoscalerConfig({ 'max-scale-up-rate': '0', 'stable-window': '10' })).toEqual({
      ok: false,
      error: 'failed to parse data: failed to parse "stable-window": time: missing unit in duration "10"',
    });
  });
});

describe('config-autoscaler-keda', () => {
  const address = (text: string) => {
    const parsed = parseKedaConfig({ 'autoscaler.keda.prometheus-address': text });
    return parsed.ok ? parsed.value.prometheusAddress : parsed.error;
  };
  test('the address is trimmed', () => expect(address('\t http://h:9090/x\n')).toBe('http://h:9090/x'));
  test.each([
    '',
    'prometheus:9090',
    'http://',
    'http:///x',
    'ftp://h',
    '//h',
    'http:h',
    'http://h:99999',
    'http://a b',
    'http://h?q=1',
  ])('%j is refused with what would be right', (text) =>
    expect(address(text)).toBe(
      `autoscaler.keda.prometheus-address is ${JSON.stringify(text.replace(/[?].*/, '?…'))}: expected an http or https URL with a host and without query, for example http://prometheus.monitoring:9090.`,
    ),
  );
  test('a password is refused and not repeated', () => {
    expect(address('http://me:secret@h:9090')).toContain('expected an http or https URL');
    expect(address('http://me:secret@h:9090')).not.toContain('secret');
  });
  test('autocreate is a boolean as Go reads it', () => {
    expect(parseKedaConfig({ 'autoscaler.keda.scaledobject-autocreate': 'F' })).toMatchObject({
      value: { scaledObjectAutocreate: false },
    });
    expect(parseKedaConfig({ 'autoscaler.keda.scaledobject-autocreate': 'off' })).toEqual({
      ok: false,
      error: 'autoscaler.keda.scaledobject-autocreate is "off": expected true or false, for example true.',
    });
  });
});

describe('config-deployment', () => {
  test('the new spelling goes before the old one', () => {
    const read = (data: Record<string, string>) => {
      const parsed = parseDeploymentConfig(data);
      return parsed.ok ? parsed.value.progressDeadline : parsed.error;
    };
    expect(read({ progressDeadline: '30s' })).toBe(nanos(30_000_000_000n));
    expect(read({ progressDeadline: '30s', 'progress-deadline': '1m' })).toBe(nanos(60_000_000_000n));
  });
  test.each(['0s', '-1s', '1500ms', '600', ''])('%j is refused', (text) => {
    expect(parseDeploymentConfig({ 'progress-deadline': text })).toEqual({
      ok: false,
      error: `progress-deadline is "${text}": expected a duration above 0 in whole seconds, for example 600s.`,
    });
  });
});

describe('config-features', () => {
  const read = (data: Record<string, string>) => parseFeaturesConfig(data);
  const INIT = 'kubernetes.podspec-init-containers';
  test('flags in any case of letters; what is none leaves the default, as Knative has it', () => {
    expect(read({})).toEqual({ ok: true, value: { initContainers: false, emptyDirs: true } });
    expect(read({ [INIT]: 'Enabled' })).toMatchObject({ value: { initContainers: true } });
    expect(read({ [INIT]: 'allowed' })).toMatchObject({ value: { initContainers: false } });
    expect(read({ [INIT]: 'true' })).toMatchObject({ value: { initContainers: false } });
    expect(read({ 'kubernetes.podspec-volumes-emptydir': 'DISABLED' })).toMatchObject({
      value: { emptyDirs: false },
    });
    expect(read({ 'kubernetes.podspec-volumes-emptydir': 'no' })).toMatchObject({
      value: { emptyDirs: true },
    });
  });
});

describe('config-hpa-bridge', () => {
  test('the example reads back as the defaults, every key of it', () => {
    const data = parse(bridgeConfigExample()) as Record<string, string>;
    expect(parseBridgeConfig(data)).toEqual({ ok: true, value: BRIDGE_DEFAULTS });
    expect(Object.keys(data)).toHaveLength(Object.keys(BRIDGE_DEFAULTS).length);
    expect(unknownBridgeKeys(data)).toEqual([]);
  });
  test('lists are separated by commas or line breaks', () => {
    expect(
      parseBridgeConfig({
        backend: 'hpa\n',
        'allowed-prometheus-addresses': ' http://a:9090,\nhttps://b/p\n',
        'allowed-trigger-types': 'prometheus, cron',
      }),
    ).toEqual({
      ok: true,
      value: {
        ...BRIDGE_DEFAULTS,
        backend: 'hpa',
        allowedPrometheusAddresses: ['http://a:9090', 'https://b/p'],
        allowedTriggerTypes: ['prometheus', 'cron'],
      },
    });
  });
  test('resources of what downloads models are quantities by name', () => {
    expect(parseBridgeConfig({ 'model-limits': 'cpu=500m\nephemeral-storage=2Gi' })).toMatchObject({
      value: { modelLimits: { cpu: '500m', 'ephemeral-storage': '2Gi' } },
    });
    expect(parseBridgeConfig({ 'model-limits': 'cpu=1,memory' })).toEqual({
      ok: false,
      error:
        'model-limits has the item "memory": expected quantities of cpu, memory and ephemeral-storage, for example cpu=100m,memory=128Mi.',
    });
    expect(parseBridgeConfig({ 'allowed-model-images': 'a/b:1, *' })).toEqual({
      ok: false,
      error:
        'allowed-model-images has the item "*": expected images separated by commas or line breaks, for example registry.example.com/model-loader.',
    });
  });
  test('every bad key is named with its value and what would be right', () => {
    expect(parseBridgeConfig({ backend: 'HPA', 'allowed-trigger-types': 'a, b;c' })).toEqual({
      ok: false,
      error:
        'backend is "HPA": expected auto, keda or hpa, for example auto. allowed-trigger-types has the item "b;c": expected KEDA trigger types separated by commas, for example prometheus,cron.',
    });
  });
  test('keys that it does not know are told apart from the example', () => {
    expect(unknownBridgeKeys({ _example: '', backends: 'hpa', zzzzzzzzzzzzzzzz: '' })).toEqual([
      '"backends" is not a key of config-hpa-bridge; did you mean backend?',
      '"zzzzzzzzzzzzzzzz" is not a key of config-hpa-bridge; known are backend, keda-trigger, keda-scaler-address, keda-scaler-authentication, signal-without-metric, allowed-prometheus-addresses, prometheus-servers, zero, tenancy, polling-interval, empty-result, stale-after, fallback, external-metrics, decision-events, revision-metrics, allowed-model-images, model-secret, model-size-limit, model-requests, model-limits, query-dry-run, allowed-trigger-types.',
    ]);
  });
});

test.each([
  ['true', true],
  ['T', true],
  ['0', false],
])('whether a mesh lets through to pods is a boolean as Go reads it: %s', (text, podAddressability) =>
  expect(parseNetworkConfig({ 'enable-mesh-pod-addressability': text })).toEqual({
    ok: true,
    value: { ...NETWORK_DEFAULTS, podAddressability },
  }),
);

test('and anything else is refused', () =>
  expect(parseNetworkConfig({ 'enable-mesh-pod-addressability': 'yes' })).toEqual({
    ok: false,
    error: 'enable-mesh-pod-addressability is "yes": expected true or false.',
  }));

test('the mesh of config-network is read in any case of letters', () => {
  expect(parseNetworkConfig({ 'mesh-compatibility-mode': 'Enabled' })).toEqual({
    ok: true,
    value: { ...NETWORK_DEFAULTS, mesh: 'enabled' },
  });
});
