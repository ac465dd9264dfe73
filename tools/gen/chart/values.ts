import { z } from 'zod';
import { BRIDGE_KEYS } from '../../../src/domain/config/bridge.ts';
import { KEDA_KEYS } from '../../../src/domain/config/keda.ts';
import { prometheusServerSchema } from '../../../src/domain/config/prometheus-servers.ts';
import { componentValues, object, objects, strings } from './component-values.ts';
import { components } from './manifests.ts';
import { group, isGroup, jsonSchemaOf, value, type Group, type JsonSchema, type Value } from './value.ts';

const name = z.string();
/** As cert-manager takes it. */
const hours = z.string().regex(/^(\d+(h|m|s))+$/);
const duration = z.string().regex(/^(\d+(ms|s|m|h))+$/);

const image = group('The image, the same for every process.', {
  registry: value(name, '', 'Where it comes from; `global.image.registry` before it.'),
  repository: value(name.min(1), 'hpa-bridge', 'Its name.'),
  tag: value(name, '', 'Its tag; without it the version of the chart.'),
  digest: value(z.string().regex(/^(sha256:[0-9a-f]{64})?$/), '', 'Its digest, which wins over the tag.'),
  pullPolicy: value(z.enum(['Always', 'IfNotPresent', 'Never']), 'IfNotPresent', 'When it is pulled.'),
});

/** A ConfigMap whose keys are shown with their defaults and set where a value is given. */
const keys = (
  doc: string,
  rows: readonly {
    readonly key: string;
    readonly schema?: z.ZodType;
    readonly fallback: string;
    readonly doc: string;
  }[],
): Group =>
  group(
    doc,
    Object.fromEntries(
      rows.map(({ key, schema, fallback, doc: about }): [string, Value] => [
        key,
        { schema: jsonSchemaOf(schema ?? z.string()), fallback: undefined, otherwise: fallback, doc: about },
      ]),
    ),
  );

/** The server named default: all fields of prometheus-servers but the name. Empty, or with an address. */
function defaultServer(): Group {
  const { properties } = jsonSchemaOf(prometheusServerSchema) as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
  const field = (key: string, doc: string): Value => ({
    schema: properties[key] ?? {},
    fallback: undefined,
    doc,
  });
  return group(
    'The Prometheus that is asked where a revision names none, with the fields of docs/prometheus.md. KEDA is told its address too.',
    {
      address: field('address', 'For kube-prometheus-stack `http://prometheus-operated.NAMESPACE.svc:9090`.'),
      pathPrefix: field('pathPrefix', 'A path before `/api/v1/query`.'),
      headers: field('headers', 'Headers of each request.'),
      parameters: field('parameters', 'Parameters in the URL of each request.'),
      timeout: field('timeout', 'From the question until the complete answer.'),
      allowPartial: field('allowPartial', 'Whether a number with warnings counts.'),
      ignoreNullValues: field('ignoreNullValues', 'Whether no number counts as 0.'),
      auth: field('auth', 'Credentials. The right to read Secrets that are named here is granted.'),
      tls: field('tls', 'CA, client certificate and server name. The same.'),
    },
    { if: { minProperties: 1 }, then: { required: ['address'] } },
  );
}

const monitor = (kind: string): Group =>
  group(`A ${kind} of the Prometheus operator.`, {
    enabled: value(z.boolean(), false, 'Whether there is one. The operator has to be installed.'),
    namespace: value(name, '', 'Its namespace; without it the release\u2019s.'),
    additionalLabels: value(strings, {}, 'Its labels, for example `release: kube-prometheus-stack`.'),
    interval: value(
      z.union([z.literal(''), duration]),
      '',
      'How often metrics are read; without it as Prometheus has it.',
    ),
    scrapeTimeout: value(z.union([z.literal(''), duration]), '', 'How long that may take.'),
    jobLabel: value(name, '', 'The label whose value names the job.'),
    targetLabels: value(
      z.array(name),
      [],
      `Labels of the ${kind === 'PodMonitor' ? 'pod' : 'Service'} that series get.`,
    ),
    relabelings: value(objects, [], 'Relabeling of the targets.'),
    metricRelabelings: value(objects, [], 'Relabeling of the series.'),
  });

const prometheus = (names: readonly string[]): Group =>
  group('Prometheus: whom hpa-bridge asks, and who reads its metrics.', {
    server: defaultServer(),
    servers: value(
      z.array(prometheusServerSchema).max(64),
      [],
      'Further servers, as `prometheus-servers` of docs/prometheus.md lists them. The right to read Secrets that they name is granted.',
    ),
    ...Object.fromEntries(
      names.map((component) => [
        component,
        group(`Metrics of the ${component}. One of the two.`, {
          serviceMonitor: monitor('ServiceMonitor'),
          podMonitor: monitor('PodMonitor'),
        }),
      ]),
    ),
    prometheusRules: group('A PrometheusRule with the alerts of hpa-bridge.', {
      enabled: value(z.boolean(), false, 'Whether there is one. The operator has to be installed.'),
      namespace: value(name, '', 'Its namespace; without it the release\u2019s.'),
      additionalLabels: value(strings, {}, 'Its labels, for example `release: kube-prometheus-stack`.'),
      alerts: value(objects, [], 'Rules of yours beside them.'),
      runbookUrl: value(
        name,
        '',
        'Where your runbooks are: `runbook_url` becomes this, a slash and the name of the alert.',
      ),
    }),
  });

/** Without a CA of the release there has to be another issuer. */
const NAMED_ISSUER: JsonSchema = {
  if: { properties: { enabled: { const: true }, generateCA: { const: false } } },
  then: { properties: { issuer: { properties: { name: { minLength: 1 } } } } },
};

const certificates = (): Group =>
  group('Certificates of what is served over TLS: of external metrics and of the webhook.', {
    autoGenerated: value(
      z.boolean(),
      true,
      'Whether hpa-bridge makes and renews them. Without that, and without cert-manager, somebody else fills the Secrets `hpa-bridge-external-metrics` and `hpa-bridge-webhook`, which are only read.',
    ),
    secretName: value(
      name,
      '',
      'A Secret of yours for external metrics, with tls.crt, tls.key and ca.crt for `hpa-bridge-external-metrics.NAMESPACE.svc`; it wins over the others.',
    ),
    certManager: group(
      'cert-manager makes and renews them. It has to be installed, with its injector.',
      {
        enabled: value(z.boolean(), false, 'Whether it does.'),
        generateCA: value(
          z.boolean(),
          true,
          'Whether a CA of this release signs them, which cert-manager makes.',
        ),
        issuer: group('The issuer that signs them with `generateCA: false`; it has to say its CA (ca.crt).', {
          name: value(name, '', 'Its name.'),
          kind: value(name, 'ClusterIssuer', 'Issuer or ClusterIssuer.'),
          group: value(name, 'cert-manager.io', 'Its API group.'),
        }),
        duration: value(z.union([z.literal(''), hours]), '2160h', 'How long a certificate is good.'),
        renewBefore: value(z.union([z.literal(''), hours]), '720h', 'How long before its end it is renewed.'),
        kedaScaler: value(
          z.boolean(),
          false,
          'Whether KEDA asks hpa-bridge over TLS with such a certificate, too; KEDA has to be told of the CA (docs/keda.md).',
        ),
      },
      NAMED_ISSUER,
    ),
  });

/** Every value of the chart. */
export const chartValues = (): Group => {
  const all = components();
  return group('', {
    global: group(
      'For all charts of a release.',
      {
        image: group('For every image.', { registry: value(name, '', 'Where images come from.') }),
      },
      { additionalProperties: true },
    ),
    image,
    imagePullSecrets: value(z.array(z.strictObject({ name })), [], 'Secrets to pull it with.'),
    ...Object.fromEntries(all.map((component) => [component.name, componentValues(component)])),
    config: keys(
      'Keys of the ConfigMap config-hpa-bridge. They may also be edited there, and are in force within seconds.',
      Object.values(BRIDGE_KEYS).filter(({ key }) => key !== BRIDGE_KEYS.prometheusServers.key),
    ),
    kedaConfig: keys(
      'Keys of the ConfigMap config-autoscaler-keda, which is made if one is set, or `prometheus.server.address`.',
      Object.values(KEDA_KEYS),
    ),
    prometheus: prometheus(all.map(({ name: component }) => component)),
    externalMetrics: group('external.metrics.k8s.io, for HPAs (docs/external-metrics.md).', {
      mode: value(
        z.enum(['auto', 'on', 'off']),
        'auto',
        'auto: hpa-bridge takes it where no other program has it; on: its APIService is part of the release, which fails where another one is; off: neither served nor taken.',
      ),
    }),
    certificates: certificates(),
    webhooks: group('Mistakes are told when an object of Knative is applied (docs/admission.md).', {
      enabled: value(z.boolean(), true, 'Whether the API server asks hpa-bridge.'),
      failurePolicy: value(
        z.enum(['Ignore', 'Fail']),
        'Ignore',
        'What becomes of an object when nobody answers. With Fail, nothing of Knative can be applied then.',
      ),
      timeoutSeconds: value(z.int().min(1).max(30), 3, 'How long the API server waits for the answer.'),
      namespaceSelector: value(object, {}, 'Labels of the namespaces that are asked about; without it all.'),
      secretName: value(
        name,
        '',
        'A Secret of yours with tls.crt, tls.key and ca.crt for `hpa-bridge-webhook.NAMESPACE.svc`; it wins over `certificates`.',
      ),
      models: group('What downloads a model is put into Services that want it (docs/models.md).', {
        enabled: value(
          z.boolean(),
          true,
          'Whether the API server asks hpa-bridge to, in the namespaces of the selector.',
        ),
        failurePolicy: value(
          z.enum(['Ignore', 'Fail']),
          'Fail',
          'What becomes of a Service that wants a model when nobody answers. With Ignore, its pods start without one.',
        ),
        namespaceSelector: value(
          object,
          {},
          'Labels of the namespaces in which it is; without it `hpa-bridge.dev/models: enabled`.',
        ),
      }),
    }),
    dashboards: group('Dashboards for Grafana, as ConfigMaps that its sidecar finds.', {
      enabled: value(z.boolean(), false, 'Whether there are any.'),
      namespace: value(
        name,
        '',
        'Their namespace; without it the release\u2019s. The sidecar looks only in its own unless its `searchNamespace` says otherwise.',
      ),
      labels: value(strings, { grafana_dashboard: '1' }, 'What the sidecar looks for.'),
      annotations: value(strings, { grafana_folder: 'hpa-bridge' }, 'Where Grafana shows them.'),
    }),
    rbac: group('Roles and bindings.', { create: value(z.boolean(), true, 'Whether they are made.') }),
    serviceAccount: group('The account of the controller.', {
      create: value(z.boolean(), true, 'Whether it is made.'),
      name: value(name, '', 'Its name; without it `hpa-bridge`.'),
      annotations: value(strings, {}, 'Its annotations.'),
    }),
    networkPolicy: group('What may reach the pods, and whom they may reach.', {
      enabled: value(z.boolean(), false, 'Whether there are policies.'),
      ingressFrom: value(
        objects,
        [],
        'Peers that may reach the ports; without them everybody, as the API server has no label.',
      ),
      extraEgress: value(
        objects,
        [],
        'Rules beside those to DNS, to ports 443 and 6443 of the API server, and to port 9090 of pods and Prometheus.',
      ),
    }),
    additionalLabels: value(strings, {}, 'Labels of every object.'),
    additionalAnnotations: value(strings, {}, 'Annotations of every object.'),
    extraObjects: value(z.array(z.union([object, z.string()])), [], 'Further objects, as templates.'),
  });
};

/** Each value by its path, in the order of values.yaml. */
export const valuesBelow = (node: Group, path = ''): readonly (readonly [string, Value])[] =>
  Object.entries(node.values).flatMap(([key, child]): readonly (readonly [string, Value])[] => {
    const place = path === '' ? key : `${path}.${key}`;
    return isGroup(child) ? valuesBelow(child, place) : [[place, child]];
  });
