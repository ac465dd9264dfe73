import type { ScalePaths, ServedKind } from './kind.ts';
import { objectSchema } from './kind.ts';
import {
  ANYTHING,
  flag,
  integer,
  keyed,
  list,
  open,
  oneOf,
  setOf,
  text,
  texts,
  whole,
  type Schema,
} from './schema.ts';

const conditions = keyed(['type'], open({ type: text, status: text }, ['type', 'status']));
const selector = whole(open({ matchLabels: texts }));
const protocol: Schema = { type: 'string', default: 'TCP' };

const container = open(
  {
    name: text,
    image: text,
    ports: keyed(
      ['containerPort', 'protocol'],
      open({ containerPort: integer, protocol }, ['containerPort']),
    ),
    env: keyed(['name'], open({ name: text, value: text }, ['name'])),
    volumeMounts: keyed(['mountPath'], open({ mountPath: text, name: text })),
  },
  ['name'],
);
const podSpec = open({
  containers: keyed(['name'], container),
  initContainers: keyed(['name'], container),
  volumes: keyed(['name'], open({ name: text })),
  imagePullSecrets: keyed(['name'], open({ name: text })),
  nodeName: text,
});

const policies = list(open({ type: oneOf('Pods', 'Percent'), value: integer, periodSeconds: integer }));
const rules = open({ policies, selectPolicy: text, stabilizationWindowSeconds: integer });

/** Of both kinds of webhooks. */
const webhookConfiguration = open({
  webhooks: keyed(
    ['name'],
    open(
      {
        name: text,
        clientConfig: open({ service: open({ namespace: text, name: text }), caBundle: text }),
      },
      ['name', 'clientConfig'],
    ),
  ),
});

const SCHEMAS = {
  Namespace: open({ spec: open({ finalizers: list(text) }), status: open({ phase: text, conditions }) }),
  Node: open({ status: open({ conditions }) }),
  Pod: open({ spec: podSpec, status: open({ phase: text, podIP: text, conditions }) }, ['spec']),
  Service: open({
    spec: open({
      selector: whole(texts),
      ports: keyed(['port', 'protocol'], open({ name: text, port: integer, protocol })),
    }),
    status: open({ conditions }),
  }),
  Endpoints: open({
    subsets: list(open({ addresses: list(open({ ip: text })), notReadyAddresses: list(open({ ip: text })) })),
  }),
  ConfigMap: open({ data: texts, binaryData: texts, immutable: flag }),
  Secret: open({ data: texts, stringData: texts, type: { ...text, default: 'Opaque' } }),
  ServiceAccount: open({ secrets: keyed(['name'], open({ name: text })) }),
  Event: open(
    {
      involvedObject: whole(ANYTHING),
      related: whole(ANYTHING),
      reason: text,
      message: text,
      type: text,
      count: integer,
      firstTimestamp: { ...text, nullable: true },
      lastTimestamp: { ...text, nullable: true },
      eventTime: { ...text, nullable: true },
    },
    ['involvedObject'],
  ),
  Deployment: open(
    {
      spec: open({ replicas: integer, selector, template: open({ spec: podSpec }) }, [
        'selector',
        'template',
      ]),
      status: open({ replicas: integer, readyReplicas: integer, conditions }),
    },
    ['spec'],
  ),
  ReplicaSet: open(
    {
      spec: open({ replicas: integer, selector, template: open({ spec: podSpec }) }, ['selector']),
      status: open({ replicas: integer, conditions }),
    },
    ['spec'],
  ),
  HorizontalPodAutoscaler: open(
    {
      spec: open(
        {
          scaleTargetRef: open({ apiVersion: text, kind: text, name: text }, ['kind', 'name']),
          minReplicas: integer,
          maxReplicas: integer,
          metrics: list(open({ type: text }, ['type'])),
          behavior: open({ scaleUp: rules, scaleDown: rules }),
        },
        ['scaleTargetRef'],
      ),
      status: open({
        observedGeneration: integer,
        currentReplicas: integer,
        desiredReplicas: integer,
        currentMetrics: list(ANYTHING),
        conditions,
      }),
    },
    [],
  ),
  Lease: open({
    spec: open({
      holderIdentity: text,
      leaseDurationSeconds: integer,
      leaseTransitions: integer,
      renewTime: text,
      acquireTime: text,
    }),
  }),
  EndpointSlice: open(
    { addressType: text, endpoints: list(open({ addresses: setOf(text) })), ports: list(ANYTHING) },
    ['addressType'],
  ),
  APIService: open(
    {
      spec: open({
        service: open({ namespace: text, name: text, port: { type: 'integer', default: 443 } }),
        caBundle: text,
        insecureSkipTLSVerify: flag,
        group: text,
        version: text,
        groupPriorityMinimum: integer,
        versionPriority: integer,
      }),
      status: open({ conditions }),
    },
    ['spec'],
  ),
  ValidatingWebhookConfiguration: webhookConfiguration,
  MutatingWebhookConfiguration: webhookConfiguration,
  CustomResourceDefinition: open(
    {
      spec: open(
        { group: text, names: open({ plural: text, kind: text }), scope: text, versions: list(ANYTHING) },
        ['group', 'names', 'scope', 'versions'],
      ),
      status: open({ conditions }),
    },
    ['spec'],
  ),
} as const satisfies Record<string, Schema>;

type CoreKind = keyof typeof SCHEMAS;

interface Row {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly cluster?: true;
  readonly status?: true;
  readonly scale?: ScalePaths;
  readonly counted?: true;
}

const WORKLOAD: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

const ROWS: Readonly<Record<CoreKind, Row>> = {
  Namespace: {
    group: '',
    version: 'v1',
    plural: 'namespaces',
    shortNames: ['ns'],
    cluster: true,
    status: true,
  },
  Node: { group: '', version: 'v1', plural: 'nodes', shortNames: ['no'], cluster: true, status: true },
  Pod: { group: '', version: 'v1', plural: 'pods', shortNames: ['po'], status: true, counted: true },
  Service: { group: '', version: 'v1', plural: 'services', shortNames: ['svc'], status: true },
  Endpoints: { group: '', version: 'v1', plural: 'endpoints', shortNames: ['ep'] },
  ConfigMap: { group: '', version: 'v1', plural: 'configmaps', shortNames: ['cm'] },
  Secret: { group: '', version: 'v1', plural: 'secrets' },
  ServiceAccount: { group: '', version: 'v1', plural: 'serviceaccounts', shortNames: ['sa'] },
  Event: { group: '', version: 'v1', plural: 'events', shortNames: ['ev'] },
  Deployment: {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    shortNames: ['deploy'],
    status: true,
    counted: true,
    scale: WORKLOAD,
  },
  ReplicaSet: {
    group: 'apps',
    version: 'v1',
    plural: 'replicasets',
    shortNames: ['rs'],
    status: true,
    counted: true,
    scale: WORKLOAD,
  },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    version: 'v2',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    status: true,
  },
  Lease: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' },
  EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', counted: true },
  APIService: {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    plural: 'apiservices',
    cluster: true,
    status: true,
  },
  ValidatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    cluster: true,
    counted: true,
  },
  MutatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    cluster: true,
    counted: true,
  },
  CustomResourceDefinition: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    shortNames: ['crd'],
    cluster: true,
    status: true,
    counted: true,
  },
};

const served = (name: CoreKind, row: Row): ServedKind => ({
  group: row.group,
  version: row.version,
  plural: row.plural,
  kind: name,
  singular: name.toLowerCase(),
  shortNames: row.shortNames ?? [],
  namespaced: row.cluster !== true,
  custom: false,
  status: row.status === true,
  counted: row.counted === true,
  schema: objectSchema(SCHEMAS[name]),
  ...(row.scale === undefined ? {} : { scale: row.scale }),
});

/** The kinds that an API server serves by itself. */
export const CORE_KINDS = Object.fromEntries(
  Object.entries(ROWS).map(([name, row]) => [name, served(name as CoreKind, row)]),
) as Readonly<Record<CoreKind, ServedKind>>;
