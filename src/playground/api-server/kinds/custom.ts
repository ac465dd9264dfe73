import type { KubeObject } from '../../../domain/k8s/meta.ts';
import {
  ANYTHING,
  atLeast,
  between,
  flag,
  integer,
  list,
  oneOf,
  open,
  struct,
  text,
  texts,
  whole,
  type Schema,
} from './schema.ts';

const condition = struct(
  { type: text, status: text, severity: text, reason: text, message: text, lastTransitionTime: text },
  ['status', 'type'],
);
const conditions: Schema = { type: 'array', items: condition };
const knativeStatus = { annotations: texts, conditions, observedGeneration: integer };
const word: Schema = { type: 'string', minLength: 1 };

const policy = struct({ type: text, value: integer, periodSeconds: integer }, [
  'periodSeconds',
  'type',
  'value',
]);
const rules = struct({
  policies: list(policy),
  selectPolicy: text,
  stabilizationWindowSeconds: between(0, 3600),
  tolerance: { 'x-kubernetes-int-or-string': true },
});

const scaledObjectSpec = struct(
  {
    scaleTargetRef: struct({ apiVersion: text, kind: text, name: word, envSourceContainerName: text }, [
      'name',
    ]),
    minReplicaCount: atLeast(0),
    maxReplicaCount: atLeast(1),
    idleReplicaCount: atLeast(0),
    pollingInterval: atLeast(1),
    cooldownPeriod: atLeast(0),
    initialCooldownPeriod: atLeast(0),
    fallback: struct(
      {
        failureThreshold: atLeast(0),
        replicas: atLeast(0),
        behavior: {
          ...oneOf('static', 'currentReplicas', 'currentReplicasIfHigher', 'currentReplicasIfLower'),
          default: 'static',
        },
      },
      ['failureThreshold', 'replicas'],
    ),
    advanced: struct({
      horizontalPodAutoscalerConfig: struct({
        name: text,
        behavior: struct({ scaleUp: rules, scaleDown: rules }),
      }),
      restoreToOriginalReplicaCount: flag,
      scalingModifiers: struct({
        formula: text,
        target: text,
        activationTarget: text,
        metricType: oneOf('AverageValue', 'Value'),
      }),
    }),
    triggers: {
      type: 'array',
      minItems: 1,
      items: struct(
        {
          type: word,
          name: text,
          metadata: texts,
          metricType: text,
          useCachedMetrics: flag,
          authenticationRef: struct(
            { name: text, kind: oneOf('TriggerAuthentication', 'ClusterTriggerAuthentication') },
            ['name'],
          ),
        },
        ['metadata', 'type'],
      ),
    },
  },
  ['scaleTargetRef', 'triggers'],
);

interface Row {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly cluster?: true;
  readonly schema: Schema;
}

const SERVING = 'serving.knative.dev';
const opaque = (shortNames: readonly string[], plural: string): Row => ({
  group: SERVING,
  version: 'v1',
  plural,
  shortNames,
  schema: struct({ spec: ANYTHING, status: ANYTHING }),
});
const authentication = struct({ spec: ANYTHING, status: ANYTHING }, ['spec']);

const ROWS = {
  Service: opaque(['kservice', 'ksvc'], 'services'),
  Configuration: opaque(['config', 'cfg'], 'configurations'),
  Route: opaque(['rt'], 'routes'),
  Revision: opaque(['rev'], 'revisions'),
  PodAutoscaler: {
    group: 'autoscaling.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'podautoscalers',
    shortNames: ['kpa', 'pa'],
    schema: struct({
      spec: struct(
        {
          containerConcurrency: integer,
          protocolType: text,
          reachability: text,
          scaleTargetRef: whole(struct({ apiVersion: text, kind: text, name: text })),
        },
        ['protocolType', 'scaleTargetRef'],
      ),
      status: struct(
        {
          ...knativeStatus,
          actualScale: integer,
          desiredScale: integer,
          metricsServiceName: text,
          serviceName: text,
        },
        ['metricsServiceName', 'serviceName'],
      ),
    }),
  },
  Metric: {
    group: 'autoscaling.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'metrics',
    shortNames: [],
    schema: struct({
      spec: struct({ panicWindow: integer, stableWindow: integer, scrapeTarget: text }, [
        'panicWindow',
        'scrapeTarget',
        'stableWindow',
      ]),
      status: struct(knativeStatus),
    }),
  },
  ServerlessService: {
    group: 'networking.internal.knative.dev',
    version: 'v1alpha1',
    plural: 'serverlessservices',
    shortNames: ['sks'],
    schema: struct({
      spec: struct(
        {
          mode: text,
          numActivators: integer,
          protocolType: text,
          objectRef: whole(
            struct({
              apiVersion: text,
              kind: text,
              name: text,
              namespace: text,
              uid: text,
              resourceVersion: text,
              fieldPath: text,
            }),
          ),
        },
        ['objectRef', 'protocolType'],
      ),
      status: struct({ ...knativeStatus, privateServiceName: text, serviceName: text }),
    }),
  },
  ScaledObject: {
    group: 'keda.sh',
    version: 'v1alpha1',
    plural: 'scaledobjects',
    shortNames: ['so'],
    schema: struct({ spec: scaledObjectSpec, status: open({ conditions }) }, ['spec']),
  },
  TriggerAuthentication: {
    group: 'keda.sh',
    version: 'v1alpha1',
    plural: 'triggerauthentications',
    shortNames: ['ta'],
    schema: authentication,
  },
  ClusterTriggerAuthentication: {
    group: 'keda.sh',
    version: 'v1alpha1',
    plural: 'clustertriggerauthentications',
    shortNames: ['cta'],
    cluster: true,
    schema: authentication,
  },
} as const satisfies Record<string, Row>;

/** Kinds of Knative and KEDA that the server defines when it starts. */
export type CustomKind = keyof typeof ROWS;
export const CUSTOM_KINDS = Object.keys(ROWS) as readonly CustomKind[];

/**
 * The CustomResourceDefinition of a built-in custom kind: what the server creates when it starts, and what a test creates again after it has
 * deleted it. Field names, required fields and ranges are those of Knative Serving 1.22 and KEDA 2.21.
 */
export function definitionOf(name: CustomKind): KubeObject {
  const row: Row = ROWS[name];
  const singular = name.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${row.plural}.${row.group}` },
    spec: {
      group: row.group,
      names: {
        kind: name,
        listKind: `${name}List`,
        plural: row.plural,
        singular,
        shortNames: row.shortNames,
      },
      scope: row.cluster === true ? 'Cluster' : 'Namespaced',
      versions: [
        {
          name: row.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', ...row.schema } },
        },
      ],
    },
  };
}
