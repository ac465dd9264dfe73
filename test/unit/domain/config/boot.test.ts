import { describe, expect, test } from '@jest/globals';
import { parseBoot, type BootSource } from '../../../../src/domain/config/boot-reading.ts';
import { BOOT } from '../../../../src/domain/config/boot.ts';
import { printMs } from '../../../../src/domain/config/boot-value.ts';
import { ms } from '../../../../src/domain/time.ts';

const source = (given: Partial<BootSource> = {}): BootSource => ({
  env: {},
  flags: {},
  hostname: 'host',
  unique: '1234',
  ...given,
});
const problemsOf = (given: Partial<BootSource>): readonly string[] => {
  const boot = parseBoot(source(given));
  return boot.ok ? [] : boot.error;
};

test('nothing given: the defaults', () => {
  expect(parseBoot(source())).toEqual({
    ok: true,
    value: {
      kubeconfig: undefined,
      podIp: undefined,
      clusterDomain: undefined,
      proxyHttpPort: 8012,
      proxyH2cPort: 8013,
      proxyTlsPort: 8112,
      lameDuck: 45_000,
      drainTimeout: 550_000,
      coldStartObjective: 10_000,
      maxWaiting: 10_000,
      maxWaitingBytes: 67_108_864,
      systemNamespace: 'knative-serving',
      classes: ['hpa.autoscaling.knative.dev'],
      bindAddress: '::',
      httpPort: 8080,
      externalMetricsPort: undefined,
      webhookPort: undefined,
      webhookService: 'hpa-bridge-webhook',
      webhookSecret: 'hpa-bridge-webhook',
      externalMetricsService: 'hpa-bridge-external-metrics',
      externalMetricsSecret: 'hpa-bridge-external-metrics',
      kedaScalerPort: undefined,
      statPort: undefined,
      kedaScalerTlsCertFile: undefined,
      kedaScalerTlsPrivateKeyFile: undefined,
      kedaScalerClientCaFile: undefined,
      logLevel: 'info',
      logFormat: 'json',
      workers: 8,
      resync: 1_800_000,
      kubeQps: 50,
      kubeBurst: 100,
      leaseDuration: 15_000,
      renewDeadline: 10_000,
      retryPeriod: 2000,
      podName: undefined,
      leaderBuckets: 1,
      otherLeaseNames: Array.from(
        { length: 9 },
        (_, index) =>
          `hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-${String(index + 2).padStart(2, '0')}`,
      ),
      leaseNames: ['hpaautoscaler.knative.dev.serving.pkg.reconciler.autoscaling.hpa.reconciler.00-of-01'],
      identity: 'host_1234',
    },
  });
});

test('a flag wins over the environment, and an empty variable is as good as none', () => {
  const boot = parseBoot(
    source({
      env: { HPA_BRIDGE_HTTP_PORT: '1', HPA_BRIDGE_WORKERS: '', POD_NAME: 'bridge-0' },
      flags: { httpPort: '2', kubeconfig: '/a' },
    }),
  );
  expect(boot).toMatchObject({
    ok: true,
    value: { httpPort: 2, workers: 8, identity: 'bridge-0_1234', kubeconfig: '/a' },
  });
});

test('every bad value is listed, under the name by which it was given', () => {
  const problems = problemsOf({
    env: {
      SYSTEM_NAMESPACE: 'Knative_Serving',
      HPA_BRIDGE_HTTP_PORT: '65536',
      POD_NAME: '-',
    },
    flags: {
      kubeconfig: '',
      classes: 'hpa.autoscaling.knative.dev,kpa.autoscaling.knative.dev',
      bindAddress: 'localhost',
      logLevel: 'loud',
      workers: '0',
      resync: '5',
      kubeQps: '',
      leaseDuration: '2h',
    },
  });
  expect(problems).toEqual([
    '--kubeconfig "": must be the path of a file',
    'SYSTEM_NAMESPACE "Knative_Serving": must be a name of 1 to 63 lower-case letters, digits and "-", as Kubernetes names namespaces',
    '--classes "hpa.autoscaling.knative.dev,kpa.autoscaling.knative.dev": must not name kpa.autoscaling.knative.dev: Knative\'s own autoscaler serves it',
    '--bind-address "localhost": must be an IP address, such as 0.0.0.0, 127.0.0.1 or ::',
    'HPA_BRIDGE_HTTP_PORT "65536": must be a whole number from 0 to 65535',
    '--log-level "loud": must be one of debug, info, warn, error, off',
    '--workers "0": must be a whole number from 1 to 256',
    '--resync "5": must be a duration from 10s to 24h, such as 15s, 1m30s or 500ms',
    '--kube-qps "": must be a whole number from 1 to 10000',
    '--lease-duration "2h": must be a duration from 1s to 1h, such as 15s, 1m30s or 500ms',
    'POD_NAME "-": must be a name of lower-case letters, digits, "-" and "."',
  ]);
});

describe('settings that contradict each other', () => {
  const cases: Record<string, [BootSource['flags'], string]> = {
    'a lease in broken seconds': [{ leaseDuration: '15s500ms' }, '--lease-duration 15s500ms: must be whole'],
    'renewing as long as the lease': [{ renewDeadline: '15s' }, '--renew-deadline 15s: must be shorter'],
    'no second try': [{ retryPeriod: '10s' }, '--retry-period 10s: must be shorter'],
    'a certificate without its key': [
      { kedaScalerTlsCertFile: '/tls.crt' },
      '--keda-scaler-tls-private-key-file: is missing beside --keda-scaler-tls-cert-file',
    ],
    'a key without its certificate': [
      { kedaScalerTlsPrivateKeyFile: '/tls.key' },
      '--keda-scaler-tls-cert-file: is missing beside --keda-scaler-tls-private-key-file',
    ],
    'client certificates without TLS': [
      { kedaScalerClientCaFile: '/ca.crt' },
      '--keda-scaler-client-ca-file: needs --keda-scaler-tls-cert-file',
    ],
    'a burst below the rate': [{ kubeBurst: '49' }, '--kube-burst 49: must not be below --kube-qps 50'],
  };
  test.each(Object.entries(cases))('%s', (_name, [flags, sentence]) => {
    const problems = problemsOf({ flags });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });
});

describe('classes', () => {
  test.each([
    [' b.example.com , a.example.com,b.example.com', ['a.example.com', 'b.example.com']],
    ['hpa.autoscaling.knative.dev', ['hpa.autoscaling.knative.dev']],
  ])('%j', (classes, expected) => {
    expect(parseBoot(source({ flags: { classes } }))).toMatchObject({
      ok: true,
      value: { classes: expected },
    });
  });
  test.each(['', ',', 'a,', 'a..b', 'A.example.com', 'a b', 'a'.repeat(254)])('%j is refused', (classes) => {
    expect(problemsOf({ flags: { classes } })).toHaveLength(1);
  });
});

test.each([
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['1h', 3_600_000],
])('the duration %s', (resync, expected) => {
  const renew = { leaseDuration: '1h', renewDeadline: '59m', retryPeriod: resync };
  const boot = parseBoot(source({ flags: resync === '1h' ? { resync } : renew }));
  expect(boot.ok && (resync === '1h' ? boot.value.resync : boot.value.retryPeriod)).toBe(expected);
});

test.each(['', '5', 's', '-1s', '1 s', '1d', '99999999999s', 'NaNs', '1s2', '1e3s'])(
  '%j is not a duration',
  (resync) => {
    expect(problemsOf({ flags: { resync } })).toHaveLength(1);
  },
);

test('a duration is printed as it is written', () => {
  expect([0, 500, 15_000, 90_000, 3_600_000, 86_400_000].map((n) => printMs(ms(n)))).toEqual([
    '0s',
    '500ms',
    '15s',
    '1m30s',
    '1h',
    '24h',
  ]);
});

test('no two settings share a flag or a variable', () => {
  const rows: { env?: string; flag?: string }[] = Object.values(BOOT);
  const names = rows.flatMap((row) => [row.env, row.flag]).filter((name) => name !== undefined);
  expect(new Set(names).size).toBe(names.length);
});
