import { describe, expect, test } from '@jest/globals';
import { LIVE_DEFAULTS } from '../../../../src/domain/config/live.ts';
import { prometheusAddressOf } from '../../../../src/domain/plan/prometheus-address.ts';

const config = {
  ...LIVE_DEFAULTS,
  keda: { ...LIVE_DEFAULTS.keda, prometheusAddress: 'http://prometheus.monitoring:9090' },
  bridge: {
    ...LIVE_DEFAULTS.bridge,
    allowedPrometheusAddresses: ['https://thanos.example/api/', 'http://plain'],
  },
};
const answer = (annotation?: string): string => {
  const address = prometheusAddressOf(annotation, config);
  return address.ok ? address.value : `refused: ${address.error}`;
};

test('without an annotation it is the configured one', () =>
  expect(answer()).toBe('http://prometheus.monitoring:9090'));

test.each([
  'http://prometheus.monitoring:9090',
  'http://PROMETHEUS.monitoring:9090/',
  'https://thanos.example:443/api',
  'HTTP://plain:80',
])('%s means an allowed server and stays as it was written', (address) =>
  expect(answer(address)).toBe(address),
);

test.each([
  'http://prometheus.monitoring:9091',
  'https://prometheus.monitoring:9090',
  'https://thanos.example',
  'http://evil/x',
])('%s is not allowed', (address) =>
  expect(answer(address)).toBe(
    `refused: autoscaling.knative.dev/prometheus-address is "${address}": expected the address in config-autoscaler-keda or one of allowed-prometheus-addresses in config-hpa-bridge, which the platform owner can extend.`,
  ),
);

describe('no address', () => {
  test.each([
    '',
    'prometheus',
    '/path',
    '//host',
    'ftp://x',
    'http://',
    'http:h',
    'http://h?x=1',
    'http://h#f',
    'http://a b',
    'http://h:99999',
    'http://h/%zz',
    ' http://plain',
    'http:\\\\h',
  ])('%j', (address) =>
    expect(answer(address)).toContain(
      ': expected an http or https URL with a host and without query, for example http://prometheus.monitoring:9090.',
    ),
  );

  test.each([
    'http://user:hunter2@prometheus.monitoring:9090',
    'http://user:hunter2/x@prometheus.monitoring:9090',
    'user:hunter2@prometheus.monitoring:9090',
    'http://prometheus.monitoring:9090?token=hunter2',
    'http://prometheus.monitoring:9090#hunter2',
    'http://user:a?hunter2@prometheus.monitoring:9090',
  ])('%s: a secret is refused and not repeated', (address) => {
    expect(answer(address)).toMatch(/^refused: .* (contains a user name or password|is "http.*"): expected/);
    expect(answer(address)).not.toContain('hunter2');
  });

  test('one in the configuration names the ConfigMap', () => {
    const keda = { ...config.keda, prometheusAddress: '/' };
    const address = prometheusAddressOf(undefined, { ...config, keda });
    expect(address.ok ? '' : address.error).toContain(
      'autoscaler.keda.prometheus-address in config-autoscaler-keda is "/": expected',
    );
  });
});
