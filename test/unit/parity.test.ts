import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { parseBoot } from '../../src/domain/config/boot-reading.ts';
import { BOOT } from '../../src/domain/config/boot.ts';
import { BRIDGE_DEFAULTS, BRIDGE_KEYS, parseBridgeConfig } from '../../src/domain/config/bridge.ts';
import { MODEL_NAME } from '../../src/domain/admission/model.ts';
import { MODELS_LABEL, WEBHOOK_CONFIGURATION, WEBHOOK_PATHS } from '../../src/domain/admission/webhooks.ts';
import { spellings } from '../../src/domain/annotation/table.ts';
import {
  RIGHTS_BY_KUBERNETES,
  RIGHTS_EVERYWHERE,
  RIGHTS_IN_SYSTEM,
  RIGHTS_OF_ACTIVATOR,
} from '../../src/domain/doctor/rights.ts';
import { API_SERVICE } from '../../src/domain/external-metrics/discovery.ts';
import { TRUST_CONFIG_MAP } from '../../src/domain/external-metrics/trust.ts';
import { EXAMPLE_KEY } from '../../src/domain/config/unknown-keys.ts';
import { bridgeConfigExample } from '../../src/domain/config/bridge-example.ts';
import { RESOURCES, type Kind } from '../../src/domain/k8s/resources.ts';
import { HELD_REVISION_METRICS, REVISION_METRICS } from '../../src/domain/revision-metrics/table.ts';
import { METRICS } from '../../src/domain/telemetry.ts';
import { filesUnder } from '../files.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
interface Subject {
  readonly kind: string;
  readonly name: string;
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef?: { readonly name: string };
  readonly subjects?: readonly Subject[];
  readonly rules?: readonly Rule[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: { readonly spec?: PodSpec };
    readonly ports?: readonly { readonly port: number }[];
  };
}
interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  }[];
}

const read = (path: string): string => readFileSync(path, 'utf8');
const manifests = (path: string): Manifest[] =>
  parseAllDocuments(read(path)).map((document) => document.toJS() as Manifest);
const shipped = filesUnder('config', '.yaml')
  .filter((file) => !file.endsWith('/kustomization.yaml'))
  .flatMap(manifests);

/** The bindings of a ServiceAccount of ours; other subjects get rights to us, not for us. */
const bindingsOf = (account: string): readonly Manifest[] =>
  shipped.filter(({ subjects }) => subjects?.some(({ name }) => name === account) === true);
const ours = bindingsOf('hpa-bridge');
const rules = (kind: string, account = 'hpa-bridge'): readonly Rule[] => {
  const roles = bindingsOf(account).map(({ roleRef }) => roleRef?.name);
  return shipped
    .filter((manifest) => manifest.kind === kind && roles.includes(manifest.metadata.name))
    .flatMap((manifest) => manifest.rules ?? []);
};

/** `group/resource: verbs`, all rules about a resource together. */
const rulesOf = (kind: string, account?: string): string[] => {
  const verbs = new Map<string, string[]>();
  for (const rule of rules(kind, account))
    for (const group of rule.apiGroups)
      for (const name of rule.resources)
        verbs.set(`${group}/${name}`, [...(verbs.get(`${group}/${name}`) ?? []), ...rule.verbs]);
  return [...verbs].map(([resource, all]) => `${resource}: ${[...new Set(all)].sort().join(' ')}`).sort();
};

describe('the rights that we ask for are the rights that we use', () => {
  /** A cache lists and watches; nothing asks for one object. */
  const READ = ['list', 'watch'];
  const asked = (needs: typeof RIGHTS_EVERYWHERE): string[] =>
    Object.entries(needs)
      .flatMap(([kind, parts]) =>
        Object.entries(parts).map(([part, verbs]) => {
          const { group, plural } = RESOURCES[kind as Kind];
          return `${group}/${plural}${part}: ${[...verbs].sort().join(' ')}`;
        }),
      )
      .sort();

  test('in every namespace', () => expect(rulesOf('ClusterRole')).toEqual(asked(RIGHTS_EVERYWHERE)));
  test('in our own', () => expect(rulesOf('Role')).toEqual(asked(RIGHTS_IN_SYSTEM)));
  test('every kind that we know is in one of them, or granted by a role of Kubernetes', () => {
    const tables = [RIGHTS_EVERYWHERE, RIGHTS_IN_SYSTEM, RIGHTS_BY_KUBERNETES, RIGHTS_OF_ACTIVATOR];
    const kinds = new Set(tables.flatMap((table) => Object.keys(table)));
    expect([...kinds].sort()).toEqual(Object.keys(RESOURCES).sort());
  });
  test('of the activator', () => {
    expect(rulesOf('ClusterRole', 'hpa-bridge-activator')).toEqual(asked(RIGHTS_OF_ACTIVATOR));
    expect(rulesOf('Role', 'hpa-bridge-activator')).toEqual(
      asked({ ConfigMap: { '': READ }, Secret: { '': READ } }),
    );
  });
  test('no wildcard', () => {
    for (const rule of [...rulesOf('ClusterRole'), ...rulesOf('Role')]) expect(rule).not.toContain('*');
  });
  test('APIService, webhooks and Secrets by name; nothing but making an APIService is for every name', () => {
    const all = [...rules('ClusterRole'), ...rules('Role')];
    const limited = all.filter(({ resources }) =>
      /^(secrets|apiservices|mutatingwebhookconfigurations,validatingwebhookconfigurations)$/.test(
        resources.join(),
      ),
    );
    expect(
      limited.map(({ resources, resourceNames, verbs }) => [...resources, ...(resourceNames ?? verbs)]),
    ).toEqual([
      ['apiservices', API_SERVICE],
      ['apiservices', 'create'],
      ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations', WEBHOOK_CONFIGURATION],
      ['secrets', BOOT.externalMetricsSecret.default],
      ['secrets', BOOT.webhookSecret.default],
    ]);
  });
  test('roles of Kubernetes: to ask about others, and to read whom the API server trusts', () => {
    const foreign = ours.filter(
      ({ roleRef }) => !shipped.some(({ metadata }) => metadata.name === roleRef?.name),
    );
    expect(foreign.map(({ kind, metadata, roleRef }) => [kind, metadata.namespace, roleRef?.name])).toEqual([
      ['ClusterRoleBinding', undefined, 'system:auth-delegator'],
      ['RoleBinding', TRUST_CONFIG_MAP.namespace, 'extension-apiserver-authentication-reader'],
    ]);
  });
});

describe('config-hpa-bridge', () => {
  const data = shipped.find((manifest) => manifest.metadata.name === 'config-hpa-bridge')?.data ?? {};
  const example = data[EXAMPLE_KEY] ?? '';

  test('shows the keys, and nothing else is set', () => {
    expect(Object.keys(data)).toEqual([EXAMPLE_KEY]);
    expect(example).toBe(bridgeConfigExample());
  });

  test('its example names every key and reads back as the defaults', () => {
    const shown = parse(example) as Record<string, string>;
    expect(Object.keys(shown).sort()).toEqual(
      Object.values(BRIDGE_KEYS)
        .map(({ key }) => key)
        .sort(),
    );
    expect(parseBridgeConfig(shown)).toEqual({ ok: true, value: BRIDGE_DEFAULTS });
  });
});

test('kustomization.yaml lists every manifest of its folder', () => {
  const { resources, transformers } = parse(read('config/kustomization.yaml')) as {
    resources: string[];
    transformers: string[];
  };
  const files = filesUnder('config', '.yaml').map((file) => file.slice('config/'.length));
  expect([...resources, ...transformers, 'kustomization.yaml'].sort()).toEqual(files.sort());
});

test('the image of the manifests bears the version of package.json', () => {
  const { images } = parse(read('config/kustomization.yaml')) as { images: { newTag: string }[] };
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(images.map(({ newTag }) => newTag)).toEqual([version]);
});

/** The one container of each Deployment, by its command. */
const containers = shipped.flatMap((manifest) => manifest.spec?.template?.spec?.containers ?? []);
const containerOf = (command: string): (typeof containers)[number] =>
  containers.find(({ args }) => args[0] === command)!;

interface PortSetting {
  readonly env?: string;
  readonly default?: string;
}
const OWN_PORTS: readonly (readonly [string, readonly PortSetting[]])[] = [
  ['controller', [BOOT.externalMetricsPort, BOOT.kedaScalerPort, BOOT.webhookPort, BOOT.statPort]],
  ['activator', [BOOT.proxyHttpPort, BOOT.proxyH2cPort, BOOT.proxyTlsPort]],
];
test.each(OWN_PORTS)(
  'the Deployment of the %s sets variables that we read and opens the ports that we listen on',
  (command, own) => {
    expect(containers).toHaveLength(2);
    const { args, env, ports } = containerOf(command);
    expect(args).toEqual([command]);
    const rows: { env?: string }[] = Object.values(BOOT);
    for (const { name } of env) expect(rows.map((row) => row.env)).toContain(name);
    const portOf = (row: PortSetting): string | undefined =>
      env.find(({ name }) => name === row.env)?.value ?? row.default;
    expect(ports.map(({ containerPort }) => String(containerPort))).toEqual(
      [BOOT.httpPort, ...own].map(portOf),
    );
  },
);

test('an activator may take as long to end as its pod is given', () => {
  const { spec } = shipped.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'hpa-bridge-activator',
  )!;
  const grace = spec?.template?.spec?.terminationGracePeriodSeconds ?? 0;
  const boot = parseBoot({ env: {}, flags: {}, hostname: 'a', unique: '1' });
  const { lameDuck, drainTimeout } = boot.ok ? boot.value : { lameDuck: 0, drainTimeout: 0 };
  expect(lameDuck + drainTimeout).toBeGreaterThan(500_000);
  // And some seconds for what comes after the last request.
  expect(lameDuck + drainTimeout).toBeLessThanOrEqual(grace * 1000 - 5000);
});

test('the Service of external metrics is called as we expect and leads to a port of the pods', () => {
  const services = parseAllDocuments(read('config/external-metrics.yaml')).map(
    (each) => each.toJS() as unknown,
  );
  expect(services).toContainEqual(
    expect.objectContaining({
      kind: 'Service',
      metadata: { name: BOOT.externalMetricsService.default },
      spec: expect.objectContaining({ ports: [{ name: 'https', port: 443, targetPort: 'ext-metrics' }] }),
    }),
  );
  expect(containerOf('controller').ports.map(({ name }) => name)).toContain('ext-metrics');
});

test('the webhook asks the Service that we have a certificate for, where we answer', () => {
  const documents = parseAllDocuments(read('config/webhook.yaml')).map((each) => each.toJS() as unknown);
  const [transformer] = manifests('config/namespace.yaml');
  const service = {
    name: BOOT.webhookService.default,
    namespace: transformer?.metadata.namespace,
    port: 443,
  };
  for (const [kind, path] of Object.entries(WEBHOOK_PATHS))
    expect(documents).toContainEqual(
      expect.objectContaining({
        kind,
        metadata: { name: WEBHOOK_CONFIGURATION },
        webhooks: [expect.objectContaining({ clientConfig: { service: { ...service, path } } })],
      }),
    );
  expect(documents).toContainEqual(
    expect.objectContaining({
      kind: 'Service',
      metadata: { name: service.name },
      spec: expect.objectContaining({ ports: [{ name: 'https', port: 443, targetPort: 'webhook' }] }),
    }),
  );
  expect(containerOf('controller').ports.map(({ name }) => name)).toContain('webhook');
});

test('the API server asks about models where Services name them, and in namespaces with the label', () => {
  const found = manifests('config/webhook.yaml').find(({ kind }) => kind === 'MutatingWebhookConfiguration');
  const [label = '', labelled] = MODELS_LABEL.split('=');
  const words = [...spellings('injectModel'), 'initContainers', MODEL_NAME, 'volumes', MODEL_NAME];
  const expression: unknown = expect.stringMatching(new RegExp(words.join('.*'), 's'));
  expect(found).toMatchObject({
    webhooks: [
      {
        namespaceSelector: { matchLabels: { [label]: labelled } },
        matchConditions: [{ expression }, {}, {}],
      },
    ],
  });
});

test('KEDA is sent to the Service that is installed for it', () => {
  const [transformer] = manifests('config/namespace.yaml');
  const namespace = transformer?.metadata.namespace;
  const service = manifests('config/service.yaml').find(({ metadata }) => metadata.name.endsWith('-keda'));
  const ports = (service?.spec?.ports ?? []).map(({ port }) => port);
  expect(ports.map((port) => `${service?.metadata.name}.${namespace}.svc:${port}`)).toEqual([
    BRIDGE_KEYS.kedaScalerAddress.fallback,
  ]);
});

const DECLARED = Object.keys({ ...METRICS, ...REVISION_METRICS, ...HELD_REVISION_METRICS });
const SUFFIX = /_(bucket|sum|count)$/;
const documents = [
  'README.md',
  ...filesUnder('docs', '.md'),
  ...(existsSync('dashboards') ? filesUnder('dashboards', '') : []),
];

test.each(documents)('%s mentions only series that we declare', (file) => {
  for (const [name] of read(file).matchAll(/\bhpa_bridge_\w*[a-z]/g))
    expect(DECLARED).toContain(DECLARED.includes(name) ? name : name.replace(SUFFIX, ''));
});

test.each(documents)('%s links only to files that exist', (file) => {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
    expect({ link: target, exists: existsSync(`${folder}${target}`) }).toEqual({
      link: target,
      exists: true,
    });
});

test.each(documents.filter((file) => file.endsWith('.md')))(
  '%s runs only scripts that package.json has',
  (file) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script = ''] of read(file).matchAll(/(?:^|`)npm (?:run )?((?!run\b|ci\b)[a-z][a-z:]*)/gm))
      expect(Object.keys(scripts)).toContain(script);
  },
);
