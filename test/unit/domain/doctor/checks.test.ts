import { describe, expect, test } from '@jest/globals';
import { createPromTelemetry } from '../../../../src/adapters/telemetry/prom.ts';
import { judge, type CheckName } from '../../../../src/domain/doctor/checks.ts';
import type {
  ActivatorsSeen,
  CertificateSeen,
  Facts,
  PodSeen,
  WebhookSeen,
} from '../../../../src/domain/doctor/facts.ts';
import { outcomesIn } from '../../../../src/domain/doctor/outcomes.ts';
import {
  accessReviewFor,
  activatorRights,
  rightsOf,
  rightText,
} from '../../../../src/domain/doctor/rights.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { Condition } from '../../../../src/domain/k8s/read/condition.ts';
import type { Kind } from '../../../../src/domain/k8s/resources.ts';
import type { Answer } from '../../../../src/domain/prometheus/answer.ts';
import { err, ok } from '../../../../src/domain/result.ts';
import { instant, ms, plus, seconds, type Ms } from '../../../../src/domain/time.ts';
import { NOW } from '../../../builders/world.ts';

const day = (n: number): Ms => seconds(n * 86_400);
const served = (...kinds: readonly Kind[]): Facts['served'] => ok(new Set(kinds));
const KNATIVE = ['Revision', 'PodAutoscaler', 'ServerlessService', 'HorizontalPodAutoscaler'] as const;
const AVAILABLE: Condition = { type: 'Available', status: 'True' };
const until = (end: Ms): Facts['certificate'] =>
  ok({ is: 'given', facts: ok({ notBefore: instant(0), notAfter: plus(NOW, end) }) });
const lease = (holder: string, age = 1): Facts['leases'] => [
  {
    name: 'our-lease',
    seen: ok({ holder, duration: seconds(15), renewedAt: plus(NOW, seconds(-age)) }),
  },
];
const answer = (said: Answer['reading'], took = 20): Answer => ({
  ...{ reading: said, raw: undefined, server: 'main', receivedAt: NOW, took: ms(took), obtained: 'alone' },
});
const number = (n: number, at = NOW): Answer['reading'] => ({ is: 'vector', number: n, at, warnings: [] });
const asked = (...answers: readonly Answer[]): Facts['servers'] =>
  answers.map((one) => ({ name: 'main', address: 'http://prometheus:9090', answer: one, outcomes: {} }));
const controller = (version: string) => ok([{ name: 'controller', replicas: 1, version }]);
const maps = (name: string, data: Readonly<Record<string, string>>): Facts['configMaps'] => [
  { name, seen: ok(data) },
];

const ready = (...names: readonly string[]): readonly PodSeen[] =>
  names.map((name) => ({ name, isReady: true }));
const good = (end: Ms): CertificateSeen => ({
  is: 'made',
  facts: ok({ notBefore: instant(0), notAfter: plus(NOW, end) }),
});
const asks = (differs: Partial<WebhookSeen>): Facts['webhook'] =>
  ok({ isOurs: true, isStrict: false, certificate: good(day(80)), distrust: undefined, ...differs });

const WELL: Facts = {
  at: NOW,
  systemNamespace: 'knative-serving',
  secretName: 'our-secret',
  webhookSecret: 'hook-secret',
  host: 'kubernetes:443',
  version: ok('v1.34.1'),
  served: served(...KNATIVE),
  deployments: controller('v1.21.0'),
  kedaOperators: ok([]),
  pods: ok([
    { name: 'hpa-bridge-a', isReady: true },
    { name: 'hpa-bridge-b', isReady: true },
  ]),
  activators: ok({ pods: ready('a-0', 'a-1'), addresses: ['10.0.0.1', '10.0.0.2'], asleep: [] }),
  leases: lease('hpa-bridge-a_1'),
  apiService: ok({ claim: { state: 'ours' }, available: AVAILABLE }),
  certificate: until(day(80)),
  webhook: asks({}),
  configMaps: maps('config-observability', { 'metrics-protocol': 'prometheus' }),
  servers: asked(answer(number(7))),
  missingRights: ok([]),
  missingOfActivators: ok([]),
};

const found = (check: CheckName, changed: Partial<Facts>): readonly string[] =>
  judge({ ...WELL, ...changed })
    .filter((finding) => finding.check === check)
    .map(({ level, says }) => `${level}: ${says}`);

test('where all is well, each check has a finding, and nothing is to be done', () => {
  const findings = judge(WELL);
  expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(['ok']));
  expect(findings.every(({ advice }) => advice === undefined)).toBe(true);
  expect(new Set(findings.map(({ check }) => check)).size).toBe(13);
});

test('what is not well says what to do', () => {
  const findings = judge({
    ...WELL,
    ...{ pods: ok([]), leases: lease(''), served: served(), servers: asked(answer(number(0))) },
  }).filter(({ level }) => level !== 'ok');
  expect(findings.length).toBeGreaterThan(5);
  expect(findings.filter(({ advice }) => advice === undefined)).toEqual([]);
});

test('an API server that does not answer leaves nothing else to say', () => {
  expect(judge({ ...WELL, version: err('no answer.') })).toMatchObject([
    { check: 'api-server', level: 'fail', says: 'kubernetes:443 does not say its version: no answer.' },
  ]);
});

test('what may not be read is a warning that says so, and no failure', () => {
  const denied = err('forbidden.');
  const findings = judge({
    ...WELL,
    ...{ served: denied, deployments: denied, pods: denied, apiService: denied, certificate: denied },
    ...{ leases: [{ name: 'l', seen: denied }], missingRights: denied, missingOfActivators: denied },
    ...{ activators: denied, webhook: denied },
    configMaps: [{ name: 'config-hpa-bridge', seen: denied }],
  }).filter(({ check }) => check !== 'api-server' && check !== 'prometheus');
  expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(['warn']));
  expect(findings.filter(({ says }) => !says.includes('could not be read: forbidden.'))).toEqual([]);
});

test('a kind that is missing', () => {
  expect(found('kinds', { served: served('Revision', 'PodAutoscaler', 'HorizontalPodAutoscaler') })).toEqual([
    'fail: The API server does not serve ServerlessService (networking.internal.knative.dev/v1alpha1).',
  ]);
});

describe('leases', () => {
  test.each<[string, Partial<Facts>, RegExp]>([
    ['nobody', { leases: lease('') }, /^fail: Nobody holds the lease our-lease/],
    ['no lease', { leases: [{ name: 'l', seen: ok(undefined) }] }, /^fail: Nobody holds the lease l/],
    [
      'autoscaler-hpa',
      { leases: lease('autoscaler-hpa-7d_1') },
      /^fail: .* autoscaler-hpa works, and hpa-bridge waits/,
    ],
    ['a stranger', { leases: lease('laptop_1') }, /^warn: laptop_1 holds .*, and is no pod of hpa-bridge/],
    ['a pod whose name begins as ours', { leases: lease('hpa-bridge-ab_1') }, /^warn: /],
    [
      'one that is gone',
      { leases: lease('hpa-bridge-a_1', 46) },
      /^fail: .* has not renewed it since 2026-01-02T/,
    ],
    ['one that is late, by clocks that differ', { leases: lease('hpa-bridge-a_1', 44) }, /^ok: /],
    ['one with a clock ahead of ours', { leases: lease('hpa-bridge-a_1', -600) }, /^ok: /],
  ])('%s', (_, changed, says) => expect(found('leases', changed)).toEqual([expect.stringMatching(says)]));
});

describe('activators', () => {
  const SHOP = keyOf('team', 'shop-1');
  const of = (differs: Partial<ActivatorsSeen>): Partial<Facts> => ({
    activators: ok({
      pods: ready('a-0', 'a-1'),
      addresses: ['10.0.0.1', '10.0.0.2'],
      asleep: [],
      ...differs,
    }),
  });
  const nobody = { pods: [], addresses: [] };
  const asleep = (...addresses: readonly string[]): ActivatorsSeen['asleep'] => [{ key: SHOP, addresses }];

  test.each<[string, Partial<Facts>, readonly string[]]>([
    [
      'none, and nobody sleeps',
      of(nobody),
      ['warn: No activator of hpa-bridge runs in knative-serving: no revision goes to zero.'],
    ],
    [
      'none, and somebody sleeps',
      of({ ...nobody, asleep: asleep('10.9.9.9') }),
      ['fail: No activator of hpa-bridge is ready: 1 revision without pods is not woken by requests.'],
    ],
    [
      'none is ready',
      of({ addresses: [], pods: [{ name: 'a-0', isReady: false }] }),
      ['fail: No activator of hpa-bridge is ready: no revision goes to zero.'],
    ],
    [
      'one of two is ready',
      of({ addresses: ['10.0.0.1'], pods: [...ready('a-0'), { name: 'a-1', isReady: false }] }),
      ['warn: Of the activators a-1 is not ready.'],
    ],
    [
      'a single one',
      of({ addresses: ['10.0.0.1'], pods: ready('a-0') }),
      ['warn: One activator of hpa-bridge is ready: while it is replaced, nobody wakes revisions.'],
    ],
    [
      'who sleeps has one of them behind its Service',
      of({ asleep: asleep('10.9.9.9', '10.0.0.2') }),
      ['ok: 2 activators of hpa-bridge are ready; 1 revision without pods is behind them.'],
    ],
    [
      'who sleeps has others behind its Service',
      of({ asleep: asleep('10.9.9.9') }),
      [
        'ok: 2 activators of hpa-bridge are ready; 1 revision without pods is behind them.',
        'fail: team/shop-1 has no pods, and no activator of hpa-bridge stands behind the Service: no request wakes it.',
      ],
    ],
    [
      'many of them',
      of({ asleep: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ key: keyOf('ns', name), addresses: [] })) }),
      [
        'ok: 2 activators of hpa-bridge are ready; 5 revisions without pods are behind them.',
        'fail: ns/a, ns/b, ns/c and 2 more have no pods, and no activator of hpa-bridge stands behind the Service: no request wakes them.',
      ],
    ],
  ])('%s', (_, changed, says) => expect(found('activators', changed)).toEqual(says));
});

describe('the webhook', () => {
  test.each<[string, Facts['webhook'], readonly string[]]>([
    ['none', ok(undefined), ['ok: No webhook is installed: mistakes are told once an object is stored.']],
    [
      'another Service',
      asks({ isOurs: false }),
      [
        'warn: The ValidatingWebhookConfiguration hpa-bridge leads to another Service: nothing is told when an object is applied.',
      ],
    ],
    [
      'another Service that has to answer',
      asks({ isOurs: false, isStrict: true }),
      [
        'fail: The ValidatingWebhookConfiguration hpa-bridge leads to another Service: nothing of Knative can be applied.',
      ],
    ],
    [
      'a certificate that ends soon',
      asks({ certificate: good(day(9)) }),
      ['warn: The certificate in the Secret knative-serving/hook-secret is good for 9 more days.'],
    ],
    [
      'no certificate',
      asks({ certificate: { is: 'empty', facts: undefined }, isStrict: true }),
      ['fail: The Secret knative-serving/hook-secret is empty.'],
    ],
    [
      'a bundle that does not fit',
      asks({ distrust: 'No CA in ca.crt.', isStrict: true }),
      [
        'ok: The certificate in the Secret knative-serving/hook-secret is good for 80 more days.',
        'fail: The API server does not trust the webhook: nothing of Knative can be applied. Its caBundle holds no CA that signed the certificate in the Secret knative-serving/hook-secret.',
      ],
    ],
  ])('%s', (_, webhook, says) => expect(found('webhook', { webhook })).toEqual(says));
});

describe('replicas', () => {
  const pods = (...ready: readonly boolean[]): Partial<Facts> => ({
    pods: ok(ready.map((isReady, i) => ({ name: `p${i}`, isReady }))),
  });
  test.each<[Partial<Facts>, RegExp]>([
    [pods(), /^fail: No pod/],
    [pods(false), /^fail: No pod of hpa-bridge is ready: p0/],
    [pods(true), /^warn: One pod/],
    [pods(true, false), /^warn: Of hpa-bridge p1 is not ready/],
    [pods(true, true), /^ok: 2 pods/],
  ])('%j', (changed, says) => expect(found('replicas', changed)).toEqual([expect.stringMatching(says)]));
});

describe('metrics-protocol', () => {
  const ask = (version: string, protocol?: string): readonly string[] =>
    found('config', {
      deployments: controller(version),
      configMaps: maps(
        'config-observability',
        protocol === undefined ? {} : { 'metrics-protocol': protocol },
      ),
    });
  test.each([
    ['v1.19.0', undefined],
    ['1.21', 'none'],
    ['2.0.0', undefined],
  ])('of Knative %s as %s is a warning', (version, protocol) =>
    expect(ask(version, protocol)).toEqual([expect.stringMatching(/^warn: Knative tells no metrics/)]),
  );
  test.each([
    ['1.18.3', undefined],
    ['1.21.0', 'prometheus'],
    ['1.21.0', 'grpc'],
    ['', undefined],
  ])('of Knative %s as %s is none', (version, protocol) =>
    expect(ask(version, protocol)).toEqual([expect.stringMatching(/^ok: /)]),
  );
});

describe('KEDA and external metrics', () => {
  const keda = served(...KNATIVE, 'ScaledObject');
  const operator = (replicas: number) => ok([{ name: 'keda-operator', replicas, version: '2.20.0' }]);
  const unclaimed = ok({ claim: { state: 'unclaimed' }, available: undefined } as const);
  const foreign = ok({ claim: { state: 'foreign', owner: 'keda/metrics' }, available: AVAILABLE } as const);
  test.each<[CheckName, Partial<Facts>, RegExp]>([
    ['keda', {}, /^ok: KEDA is not installed/],
    ['keda', { served: keda }, /^warn: ScaledObjects are served, and no Deployment/],
    ['keda', { served: keda, kedaOperators: operator(0) }, /^fail: KEDA 2\.20\.0 is scaled to 0/],
    ['keda', { served: keda, kedaOperators: operator(1) }, /^ok: KEDA 2\.20\.0 is installed/],
    ['external-metrics', { apiService: unclaimed }, /^warn: .* served by nobody/],
    ['external-metrics', { apiService: foreign }, /^warn: .* served by keda\/metrics/],
    ['external-metrics', { apiService: foreign, served: keda }, /^ok: .* served by keda\/metrics/],
    [
      'external-metrics',
      {
        apiService: ok({
          claim: { state: 'ours' },
          available: { type: 'Available', status: 'False', message: 'no endpoints.' },
        }),
      },
      /^fail: .* does not reach it: no endpoints\.$/,
    ],
  ])('%s: %j', (check, changed, says) =>
    expect(found(check, changed)).toEqual([expect.stringMatching(says)]),
  );
});

describe('the certificate', () => {
  const unclaimed: Partial<Facts> = {
    apiService: ok({ claim: { state: 'unclaimed' }, available: undefined }),
  };
  test.each<[string, Partial<Facts>, RegExp]>([
    ['that ended', { certificate: until(day(-1)) }, /^fail: .* has ended/],
    ['of the last day', { certificate: until(day(1)) }, /^warn: .* 1 more day\.$/],
    ['that should have been renewed', { certificate: until(day(27)) }, /^warn: .* 27 more days/],
    ['that is good', { certificate: until(day(28)) }, /^ok: .* 28 more days/],
    ['that is none', { certificate: ok({ is: 'given', facts: err('no PEM.') }) }, /^fail: .*: no PEM\.$/],
    ['that is missing', { certificate: ok({ is: 'empty', facts: undefined }) }, /^fail: .* is empty/],
    [
      'that nobody needs',
      { ...unclaimed, certificate: ok({ is: 'absent', facts: undefined }) },
      /^ok: .* is not there: nobody needs/,
    ],
  ])('%s', (_, changed, says) =>
    expect(found('certificate', changed)).toEqual([expect.stringMatching(says)]),
  );
});

describe('a Prometheus', () => {
  const off = (by: number): Answer => answer(number(3, plus(NOW, seconds(by))));
  test.each<[string, Answer, RegExp]>([
    ['that answers', off(0), /^ok: .* answers in 20 ms; 3 targets are up/],
    ['with no target', answer(number(0)), /^warn: .* no target of it is up/],
    ['ahead of us', off(11), /^warn: The clock of Prometheus main .* is 11 s ahead/],
    ['behind us', off(-12), /^warn: The clock .* is 12 s behind/],
    ['that took long to answer', answer(number(3, plus(NOW, seconds(-12))), 9000), /^ok: /],
    ['that is not found', answer({ is: 'prometheus_dns', message: 'unknown.' }), /^warn: .* here: unknown\./],
    ['that refuses us', answer({ is: 'prometheus_unauthorized', message: '401.' }), /^fail: .*: 401\./],
  ])('%s', (_, said, says) =>
    expect(found('prometheus', { servers: asked(said) })).toEqual([expect.stringMatching(says)]),
  );
});

describe('a Prometheus that cannot be reached from here', () => {
  const answers = (outcomes: Readonly<Record<string, number>>): Partial<Facts> => ({
    servers: [
      {
        ...{ name: 'main', address: 'http://prometheus:9090', outcomes },
        answer: answer({ is: 'prometheus_dns', message: 'unknown.' }),
      },
    ],
  });
  test.each<[Partial<Facts>, RegExp]>([
    [
      answers({ dns: 1, vector: 12 }),
      /^ok: .* here: unknown\. hpa-bridge was told since it started: vector \(12\) and dns \(1\)\.$/,
    ],
    [answers({ empty: 2 }), /^ok: /],
    [answers({ dns: 3 }), /^fail: .*: dns \(3\)\.$/],
    [answers({}), /^warn: .* hpa-bridge has not asked it either\.$/],
  ])('%j', (changed, says) => expect(found('prometheus', changed)).toEqual([expect.stringMatching(says)]));
  test('is known from /metrics as a replica writes it', async () => {
    const telemetry = createPromTelemetry();
    telemetry.add('hpa_bridge_prometheus_requests_total', { server: 'main', outcome: 'vector' });
    telemetry.add('hpa_bridge_prometheus_requests_total', { server: 'main', outcome: 'vector' });
    const page = await telemetry.render();
    telemetry.close();
    expect(outcomesIn([page], 'main')).toEqual({ vector: 2 });
  });
  test('is known from the metrics of all replicas, and of that server alone', () => {
    const page = [
      '# TYPE hpa_bridge_prometheus_requests_total counter',
      'hpa_bridge_prometheus_requests_total{server="main",outcome="vector"} 12',
      'hpa_bridge_prometheus_requests_total{outcome="dns",server="main"} 1',
      'hpa_bridge_prometheus_requests_total{server="main2",outcome="vector"} 5',
      'hpa_bridge_prometheus_request_seconds_count{server="main"} 9',
    ].join('\n');
    expect(outcomesIn([page, page], 'main')).toEqual({ vector: 24, dns: 2 });
    expect(outcomesIn([page], 'other')).toEqual({});
  });
});

describe('rights', () => {
  const all = rightsOf('ours', [
    { kind: 'Secret', name: 'our-secret', only: 'external metrics' },
    { kind: 'Secret', name: 'hook-secret', only: 'the webhook' },
    { kind: 'APIService', name: 'v1', only: 'external metrics' },
    { kind: 'ValidatingWebhookConfiguration', name: 'hook', only: 'the webhook' },
  ]);
  const one = (text: string) => {
    const right = all.find((each) => rightText(each) === text);
    if (right === undefined) throw new Error(`no right ${text}`);
    return right;
  };

  test('what external metrics alone need is a warning', () => {
    const missing = [
      one('list pods'),
      one('create apiservices.apiregistration.k8s.io'),
      one('list revisions.serving.knative.dev'),
    ];
    expect(found('rights', { missingRights: ok(missing) })).toEqual([
      'fail: The ServiceAccount of hpa-bridge may not list pods and list revisions.serving.knative.dev.',
      'warn: The ServiceAccount of hpa-bridge may not create apiservices.apiregistration.k8s.io, which is needed for external metrics.',
    ]);
  });
  test('what is not installed needs none', () => {
    const missing = ok([
      one('create apiservices.apiregistration.k8s.io'),
      one('patch secrets hook-secret'),
      one('list validatingwebhookconfigurations.admissionregistration.k8s.io hook'),
    ]);
    const off = maps('config-hpa-bridge', { 'external-metrics': 'off' });
    expect(found('rights', { missingRights: missing, webhook: ok(undefined), configMaps: off })).toEqual([
      'ok: The ServiceAccounts of hpa-bridge may do all that they do.',
    ]);
    expect(found('rights', { missingRights: missing, configMaps: off })).toEqual([
      'warn: The ServiceAccount of hpa-bridge may not patch secrets hook-secret and list validatingwebhookconfigurations.admissionregistration.k8s.io hook, which is needed for the webhook.',
    ]);
  });
  test('a certificate of somebody else is never written', () => {
    const missing = ok([one('patch secrets our-secret'), one('patch secrets hook-secret')]);
    const theirs: CertificateSeen = { ...good(day(80)), is: 'given' };
    expect(found('rights', { missingRights: missing, webhook: asks({ certificate: theirs }) })).toEqual([
      'ok: The ServiceAccounts of hpa-bridge may do all that they do.',
    ]);
    const ours = { certificate: ok(good(day(80))) };
    expect(found('rights', { ...ours, missingRights: missing })).toEqual([
      'warn: The ServiceAccount of hpa-bridge may not patch secrets our-secret, which is needed for external metrics.',
      'warn: The ServiceAccount of hpa-bridge may not patch secrets hook-secret, which is needed for the webhook.',
    ]);
  });
  test('activators have some of their own', () => {
    const missing = activatorRights().filter((each) => rightText(each) === 'patch deployments.apps/scale');
    expect(missing).toHaveLength(1);
    expect(found('rights', { missingOfActivators: ok(missing) })).toEqual([
      'fail: The ServiceAccount of activators may not patch deployments.apps/scale.',
    ]);
  });
  test('are asked for the account, in its place, and of a Secret by its name', () => {
    const account = { namespace: 'ours', name: 'bridge' };
    expect(accessReviewFor(one('patch secrets our-secret'), account)).toEqual({
      user: 'system:serviceaccount:ours:bridge',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ours', 'system:authenticated'],
      resourceAttributes: {
        ...{ group: '', version: 'v1', resource: 'secrets', subresource: undefined },
        ...{ verb: 'patch', namespace: 'ours', name: 'our-secret' },
      },
    });
    expect(accessReviewFor(one('patch deployments.apps/scale'), account)).toMatchObject({
      resourceAttributes: { subresource: 'scale', namespace: undefined, name: undefined },
    });
    expect(one('create apiservices.apiregistration.k8s.io').name).toBeUndefined();
  });
});
