import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { eventually } from './api.ts';
import { BESIDE_CERT_MANAGER, BESIDE_THE_OPERATOR, VALUES } from './chart-values.ts';
import {
  helm,
  lint,
  objectsOf,
  refusal,
  template,
  templateText,
  uninstall,
  upgrade,
  yamlOf,
  type Rendered,
  type Values,
} from './helm.ts';
import { API_SERVICE, externalApi, externalApiAvailable, freeExternalApi } from './external-api.ts';
import { KINDS } from './kinds.ts';
import { api, kubectl, LAB, namespace, SYSTEM } from './lab.ts';

/** What Helm says beside what config says. */
const HELMS = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
];

const nameOf = ({ kind, metadata }: Rendered): string =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

const byName = (objects: readonly Rendered[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    objects.map((object) => {
      const labels = Object.entries(object.metadata.labels ?? {}).filter(([key]) => !HELMS.includes(key));
      return [
        nameOf(object),
        { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(labels) } },
      ];
    }),
  );

const dryRun = (objects: readonly Rendered[]): Promise<string> =>
  kubectl(
    ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--output=name', '-f', '-'],
    yamlOf(objects),
  );

test('with its own values it is what kubectl apply -k config applies', async () => {
  const config = objectsOf(await kubectl(['kustomize', 'config']));
  expect(byName(await template())).toEqual(byName(config));
});

describe.each(
  Object.entries({
    ...VALUES,
    ...BESIDE_CERT_MANAGER,
    'beside the Prometheus operator': BESIDE_THE_OPERATOR,
  }),
)('%s', (_, values) => {
  test('Helm’s lint has nothing to say', async () => {
    const { code, out } = await lint(values);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('0 chart(s) failed') });
    expect(out).not.toMatch(/\[(WARNING|ERROR)\]/);
  });
});

test.each(Object.entries(VALUES))('a real API server takes it: %s', async (_, values) => {
  const objects = await template(values);
  expect((await dryRun(objects)).trim().split('\n')).toHaveLength(objects.length);
});

test('labels of the owner are added, and none that selects pods is lost', async () => {
  const objects = await template(VALUES['all that can be said of pods']);
  for (const { metadata } of objects.filter(({ metadata }) => metadata.name !== 'more'))
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'hpa-bridge', cost: 'platform' });
  const pods = objects.map(({ spec }) => spec?.template?.metadata?.labels);
  expect(pods).toContainEqual({
    'app.kubernetes.io/name': 'hpa-bridge',
    'app.kubernetes.io/component': 'controller',
    cost: 'platform',
    team: 'platform',
  });
});

test('the Prometheus operator’s definitions take monitors and rules; Grafana’s sidecar finds the dashboards', async () => {
  const files = ['servicemonitors', 'podmonitors', 'prometheusrules'].flatMap((plural) => [
    '-f',
    `${LAB.run}/manifests/prometheus-operator/monitoring.coreos.com_${plural}.yaml`,
  ]);
  await kubectl(['apply', '--server-side', ...files]);
  try {
    await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    const objects = await template(BESIDE_THE_OPERATOR);
    const added = objects.filter(({ kind }) => /^(ServiceMonitor|PodMonitor|PrometheusRule)$/.test(kind));
    expect(added.map(({ kind, metadata }) => [kind, metadata.labels?.['release']]).sort()).toEqual([
      ['PodMonitor', 'kube-prometheus-stack'],
      ['PrometheusRule', 'kube-prometheus-stack'],
      ['ServiceMonitor', 'kube-prometheus-stack'],
    ]);
    await dryRun(objects);
  } finally {
    await kubectl(['delete', ...files]);
  }
});

test('cert-manager’s definitions take what it is asked for, and it is told where the authorities belong', async () => {
  const files = ['certificates', 'issuers'].flatMap((plural) => [
    '-f',
    `${LAB.run}/manifests/cert-manager/cert-manager.io_${plural}.yaml`,
  ]);
  await kubectl(['apply', '--server-side', ...files]);
  try {
    await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
    const rendered = await Promise.all(Object.values(BESIDE_CERT_MANAGER).map((values) => template(values)));
    const asked = rendered.map((objects) => {
      const called = (wanted: string): readonly string[] =>
        objects
          .filter(({ kind }) => kind === wanted)
          .map(({ metadata }) => metadata.name)
          .sort();
      const injected = objects.flatMap(({ kind, metadata }) => {
        const from = metadata.annotations?.['cert-manager.io/inject-ca-from'];
        return from === undefined ? [] : [`${kind} ${from}`];
      });
      return {
        certificates: called('Certificate'),
        issuers: called('Issuer'),
        secrets: called('Secret'),
        injected: injected.sort(),
      };
    });
    const services = ['hpa-bridge-external-metrics', 'hpa-bridge-webhook', 'hpa-bridge-keda'];
    expect(asked).toEqual([
      {
        certificates: ['hpa-bridge-ca', ...services].sort(),
        issuers: ['hpa-bridge-ca', 'hpa-bridge-selfsigned'],
        secrets: [],
        injected: [
          `APIService ${SYSTEM}/hpa-bridge-external-metrics`,
          `MutatingWebhookConfiguration ${SYSTEM}/hpa-bridge-webhook`,
          `ValidatingWebhookConfiguration ${SYSTEM}/hpa-bridge-webhook`,
        ],
      },
      { certificates: ['hpa-bridge-external-metrics'], issuers: [], secrets: [], injected: [] },
    ]);
    for (const objects of rendered)
      expect((await dryRun(objects)).trim().split('\n')).toHaveLength(objects.length);
  } finally {
    await kubectl(['delete', '--wait=false', ...files]);
  }
});

test.each(['defaults', 'all that can be said of pods'])(
  'its pods are taken where Pod Security is restricted: %s',
  async (name) => {
    // The network of the node is what restricted pods may not have.
    const values = {
      ...VALUES[name],
      controller: { ...(VALUES[name]?.['controller'] as object), useHostNetwork: false },
    };
    const found = (await template(values)).find(({ kind }) => kind === 'Deployment');
    // The namespace has no account but its default one.
    const spec = { ...found?.spec?.template?.spec, serviceAccountName: 'default' };
    await using space = await namespace('restricted');
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await api.patch(KINDS.namespace, undefined, space.name, { metadata: { labels } });
    await eventually(() => api.get(KINDS.serviceAccount, space.name, 'default'));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: space.name, name: 'one' }, spec };
    await kubectl(['create', '--dry-run=server', '-f', '-'], stringify(pod));
  },
);

test.each<[Values, string | RegExp]>([
  [{ replicaCount: 3 }, "additional properties 'replicaCount' not allowed"],
  [{ controller: { replicaCount: 'two' } }, "at '/controller/replicaCount': got string, want integer"],
  [
    { controller: { settings: { workers: 1000 } } },
    /'\/controller\/settings\/workers': maximum: got 1,?000, want 256/,
  ],
  [
    { controller: { logging: { level: 'loud' } } },
    "'/controller/logging/level': value must be one of 'debug', 'info', 'warn', 'error', 'off', false",
  ],
  [{ config: { backend: 'vpa' } }, "'/config/backend': value must be one of 'auto', 'keda', 'hpa'"],
  [{ config: { bakend: 'hpa' } }, "'/config': additional properties 'bakend' not allowed"],
  [{ config: { 'polling-interval': 'often' } }, "'/config/polling-interval': 'often' does not match pattern"],
  [{ prometheus: { server: { pathPrefix: '/main' } } }, "'/prometheus/server': missing property 'address'"],
  [
    { prometheus: { server: { address: 'prometheus:9090' } } },
    "'/prometheus/server/address': 'prometheus:9090' does not match",
  ],
  [
    { prometheus: { servers: [{ name: 'main', adress: 'http://a' }] } },
    "additional properties 'adress' not allowed",
  ],
  [
    { certificates: { certManager: { enabled: true, generateCA: false } } },
    "'/certificates/certManager/issuer/name': minLength",
  ],
  [{ certificates: { certManager: { duration: '90 days' } } }, "'/certificates/certManager/duration'"],
  [{ image: { digest: 'sha256:short' } }, "'/image/digest': 'sha256:short' does not match pattern"],
  [
    { webhooks: { failurePolicy: 'Warn' } },
    "'/webhooks/failurePolicy': value must be one of 'Ignore', 'Fail'",
  ],
  [
    { externalMetrics: { mode: 'always' } },
    "'/externalMetrics/mode': value must be one of 'auto', 'on', 'off'",
  ],
])('%j is refused', async (values, why) => {
  expect(await refusal(values)).toEqual(
    expect.stringMatching(typeof why === 'string' ? new RegExp(why.replaceAll(/[/.'()]/g, '\\$&')) : why),
  );
});

test('on and off are words, with quotes and without', async () => {
  const both = await Promise.all(
    [false, 'off'].map((off) =>
      templateText({
        externalMetrics: { mode: off },
        config: { tenancy: off, fallback: off },
        controller: { logging: { level: off } },
      }),
    ),
  );
  expect(both[0]).toBe(both[1]);
  expect(both[0]).toMatch(/^ {2}tenancy: "off"$/m);
  expect(await templateText({ externalMetrics: { mode: true } })).toContain('kind: APIService');
});

describe('rights', () => {
  const secretsIn = async (values: Values): Promise<readonly string[]> =>
    (await template({ activator: { enabled: false }, ...values }))
      .flatMap(({ rules }) => rules ?? [])
      .filter(({ resources }) => resources.includes('secrets'))
      .map(({ resourceNames = ['*'], verbs }) => `${resourceNames.join(' ')}: ${verbs.join(' ')}`)
      .sort();

  test('Secrets are read by name only, and only those that the values name', async () => {
    const [ofMetrics, ofWebhook] = ['external-metrics', 'webhook'].map(
      (part) => `hpa-bridge-${part}: list watch patch`,
    );
    const withoutMetrics = { externalMetrics: { mode: 'off' } };
    const withoutWebhook = { webhooks: { enabled: false } };
    expect(await secretsIn({})).toEqual([ofMetrics, ofWebhook]);
    expect(await secretsIn({ activator: { enabled: true } })).toEqual([
      ofMetrics,
      ofWebhook,
      'routing-serving-certs: list watch',
    ]);
    expect(await secretsIn(withoutMetrics)).toEqual([ofWebhook]);
    expect(await secretsIn({ ...withoutMetrics, ...withoutWebhook })).toEqual([]);
    expect(await secretsIn({ certificates: { secretName: 'mine' } })).toEqual([
      ofWebhook,
      'mine: list watch',
    ]);
    expect(await secretsIn({ webhooks: { secretName: 'mine' } })).toEqual([ofMetrics, 'mine: list watch']);
    expect(await secretsIn({ certificates: { certManager: { enabled: true } } })).toEqual([
      'hpa-bridge-external-metrics-tls: list watch',
      'hpa-bridge-webhook-tls: list watch',
    ]);
    expect(await secretsIn({ certificates: { autoGenerated: false } })).toEqual([
      'hpa-bridge-external-metrics: list watch',
      'hpa-bridge-webhook: list watch',
    ]);
    expect(
      await secretsIn({ ...VALUES['servers with credentials'], ...withoutMetrics, ...withoutWebhook }),
    ).toEqual(['mimir prometheus-ca prometheus-token: get']);
  });

  test('none at all are granted where the owner grants them', async () => {
    const kinds = (await template({ rbac: { create: false }, ...BESIDE_THE_OPERATOR })).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => /Role/.test(kind))).toEqual([]);
  });
});

describe('a release', () => {
  const QUICK = { leaderElection: { leaseDuration: '4s', renewDeadline: '2500ms', retryPeriod: '500ms' } };
  const installed = (values: Values = {}): Values => ({
    image: { repository: 'local/hpa-bridge', tag: '1' },
    controller: QUICK,
    ...values,
  });
  /** Name, identity and address of each Service. */
  const services = (): Promise<string> =>
    kubectl([
      'get',
      'services',
      `--namespace=${SYSTEM}`,
      '--selector=app.kubernetes.io/instance=hpa-bridge',
      '--output=jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.spec.clusterIP}{"\\n"}{end}',
    ]);
  const lease = async (): Promise<{ readonly uid: string; readonly holder: string }> => {
    const held = (await api.list(KINDS.lease, SYSTEM)).filter(({ spec }) =>
      spec.holderIdentity?.startsWith('hpa-bridge-'),
    );
    expect(held).toHaveLength(1);
    const holder = held[0]!.spec.holderIdentity ?? '';
    // Not a pod of a case before.
    await api.get(KINDS.pod, SYSTEM, holder.split('_')[0] ?? '');
    return { uid: held[0]!.metadata.uid, holder };
  };
  const certificate = async (): Promise<string> => {
    const { data = {} } = await api.get(KINDS.secret, SYSTEM, 'hpa-bridge-external-metrics');
    expect(data['tls.crt']).toBeDefined();
    return data['tls.crt']!;
  };
  /** What cases before applied without Helm, which would not take it for its own. */
  const clear = async (): Promise<unknown> =>
    kubectl(['delete', '--ignore-not-found', '--wait', '-f', '-'], yamlOf(await template()));

  test('is not installed over another owner of external metrics', async () => {
    await clear();
    await externalApiAvailable();
    const { code, said } = await helm(
      'install',
      ['hpa-bridge', 'charts/hpa-bridge'],
      installed({ externalMetrics: { mode: 'on' } }),
    );
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringContaining(
        `APIService "${API_SERVICE}" in namespace "" exists and cannot be imported`,
      ),
    });
    expect(await services()).toBe('');
  });

  test('takes over what kubectl applied; keeps addresses, lease, certificate and edits when it is upgraded; takes all of it away', async () => {
    await clear();
    const config = objectsOf(await kubectl(['kustomize', 'config'])).filter(
      ({ kind }) => kind !== 'Deployment',
    );
    await kubectl(['apply', '--server-side', '-f', '-'], yamlOf(config));
    await upgrade(installed());
    try {
      const [addresses, first, shown] = [
        await services(),
        await eventually(lease),
        await eventually(certificate),
      ];
      expect(addresses).toMatch(/^hpa-bridge-keda \S+ 10\./m);
      await api.patch(KINDS.configMap, SYSTEM, 'config-hpa-bridge', { data: { tenancy: 'warn' } });

      await upgrade(
        installed({ config: { backend: 'hpa' }, controller: { ...QUICK, logging: { level: 'debug' } } }),
      );
      const second = await eventually(async () => {
        const now = await lease();
        expect(now.holder).not.toBe(first.holder);
        return now;
      });
      expect([await services(), second.uid, await certificate()]).toEqual([addresses, first.uid, shown]);
      const { data = {} } = await api.get(KINDS.configMap, SYSTEM, 'config-hpa-bridge');
      expect([data['backend'], data['tenancy']]).toEqual(['hpa', 'warn']);
    } finally {
      const mine = await template(installed());
      await uninstall();
      const left = await kubectl(['get', '--ignore-not-found', '--output=name', '-f', '-'], yamlOf(mine));
      expect(left).toBe('');
    }
  });

  test('with its APIService: the certificate in it outlives an upgrade, and it goes with the release', async () => {
    await clear();
    const freed = await freeExternalApi();
    const on = installed({ externalMetrics: { mode: 'on' } });
    try {
      await upgrade(on);
      await externalApiAvailable();
      const { spec, metadata } = await externalApi();
      expect(spec.service).toMatchObject({ namespace: SYSTEM, name: 'hpa-bridge-external-metrics' });
      expect(spec.caBundle).not.toBe('');
      await upgrade({ ...on, additionalLabels: { again: 'yes' } });
      const after = await externalApi();
      expect([after.metadata.uid, after.spec.caBundle]).toEqual([metadata.uid, spec.caBundle]);
      expect(after.metadata.labels).toMatchObject({ again: 'yes' });
      await uninstall();
      expect(await api.find(KINDS.apiService, undefined, API_SERVICE)).toBeUndefined();
    } finally {
      await helm('uninstall', ['hpa-bridge', '--ignore-not-found', '--wait']);
      await freed[Symbol.asyncDispose]();
    }
  });
});
