import type { AutoscalerConfig } from '../../src/domain/config/autoscaler.ts';
import type { BridgeConfig } from '../../src/domain/config/bridge.ts';
import type { KedaConfig } from '../../src/domain/config/keda.ts';
import { LIVE_DEFAULTS, type LiveConfig } from '../../src/domain/config/live.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { keyOf } from '../../src/domain/key.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
  type HorizontalPodAutoscaler,
  type ScaledObject,
  type ServerlessService,
} from '../../src/domain/k8s/read/children.ts';
import { podAutoscalerView, type PodAutoscaler } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { revisionView, type Revision } from '../../src/domain/k8s/read/revision.ts';
import { deploymentView, type Deployment } from '../../src/domain/k8s/read/workload.ts';
import { NOTHING_AROUND, type World } from '../../src/domain/plan/world.ts';
import { instant } from '../../src/domain/time.ts';

export const NAMESPACE = 'default';
export const NAME = 'hello-00001';
export const UID = 'aaaaaaaa-0000-0000-0000-000000000001';
export const SCALED_OBJECT_UID = 'bbbbbbbb-0000-0000-0000-000000000001';
export const HPA_CLASS = 'hpa.autoscaling.knative.dev';
export const TARGET_REF = { apiVersion: 'apps/v1', kind: 'Deployment', name: `${NAME}-deployment` };
/** 2026-01-02T03:04:05Z */
export const NOW = instant(1_767_323_045_000);

/** The defaults of the ConfigMaps, with what a test changes. */
export const configOf = (
  changed: {
    readonly autoscaler?: Partial<AutoscalerConfig>;
    readonly keda?: Partial<KedaConfig>;
    readonly bridge?: Partial<BridgeConfig>;
  } = {},
): LiveConfig => ({
  ...LIVE_DEFAULTS,
  autoscaler: { ...LIVE_DEFAULTS.autoscaler, ...changed.autoscaler },
  keda: { ...LIVE_DEFAULTS.keda, ...changed.keda },
  bridge: { ...LIVE_DEFAULTS.bridge, ...changed.bridge },
});

/** `{ target: '70' }` as annotations: keys without a slash get Knative's prefix, and the class is set. */
export const annotationsOf = (short: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'autoscaling.knative.dev/class': HPA_CLASS,
  ...Object.fromEntries(
    Object.entries(short).map(([key, value]) => [
      key.includes('/') ? key : `autoscaling.knative.dev/${key}`,
      value,
    ]),
  ),
});

export const paOf = (
  short: Readonly<Record<string, string>> = {},
  changed: { readonly status?: JsonObject; readonly metadata?: JsonObject; readonly spec?: JsonObject } = {},
): PodAutoscaler =>
  podAutoscalerView.parse({
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      uid: UID,
      resourceVersion: '100',
      generation: 1,
      labels: { app: NAME, 'serving.knative.dev/revision': NAME },
      annotations: annotationsOf(short),
      ...changed.metadata,
    },
    spec: { scaleTargetRef: TARGET_REF, protocolType: 'http1', ...changed.spec },
    ...(changed.status === undefined ? {} : { status: changed.status }),
  });

export const revisionOf = (short: Readonly<Record<string, string>> = {}): Revision =>
  revisionView.parse({
    metadata: { name: NAME, namespace: NAMESPACE, uid: 'ffff', annotations: annotationsOf(short) },
  });

const owner = (apiVersion: string, kind: string, uid: string): Json => ({
  apiVersion,
  kind,
  name: NAME,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
export const byPa = (uid = UID): Json =>
  owner('autoscaling.internal.knative.dev/v1alpha1', 'PodAutoscaler', uid);
export const byScaledObject = (uid = SCALED_OBJECT_UID): Json =>
  owner('keda.sh/v1alpha1', 'ScaledObject', uid);

interface ChildChange {
  readonly owners?: readonly Json[];
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

const childOf = (uid: string, { owners = [byPa()], metadata, spec, status }: ChildChange): JsonObject => ({
  metadata: {
    name: NAME,
    namespace: NAMESPACE,
    uid,
    resourceVersion: `v-${uid}`,
    generation: 1,
    ownerReferences: owners,
    ...metadata,
  },
  spec: { ...spec },
  ...(status === undefined ? {} : { status }),
});

export const hpaOf = (change: ChildChange = {}): HorizontalPodAutoscaler =>
  horizontalPodAutoscalerView.parse(
    childOf('dddd', { ...change, spec: { scaleTargetRef: TARGET_REF, maxReplicas: 10, ...change.spec } }),
  );
export const scaledObjectOf = (change: ChildChange = {}): ScaledObject =>
  scaledObjectView.parse(
    childOf(SCALED_OBJECT_UID, {
      ...change,
      spec: { scaleTargetRef: TARGET_REF, maxReplicaCount: 10, ...change.spec },
    }),
  );
export const sksOf = (change: ChildChange & { readonly ready?: boolean } = {}): ServerlessService => {
  const { ready = true } = change;
  return serverlessServiceView.parse(
    childOf('cccc', {
      ...change,
      status: {
        observedGeneration: 1,
        serviceName: NAME,
        privateServiceName: `${NAME}-private`,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }],
        ...change.status,
      },
    }),
  );
};

/** The HPA that KEDA makes for the ScaledObject. `orphaned`: as the garbage collector leaves it after an orphaning deletion. */
export const kedasHpaOf = (
  change: ChildChange & { readonly orphaned?: boolean } = {},
): HorizontalPodAutoscaler =>
  hpaOf({
    owners: change.orphaned === true ? [] : [byScaledObject()],
    ...change,
    metadata: {
      labels: {
        app: NAME,
        'app.kubernetes.io/managed-by': 'keda-operator',
        'app.kubernetes.io/part-of': NAME,
        'scaledobject.keda.sh/name': NAME,
      },
      ...change.metadata,
    },
  });

/** Conditions as they are stored after the revision has started. */
export const STARTED: JsonObject = {
  observedGeneration: 1,
  serviceName: NAME,
  metricsServiceName: `${NAME}-private`,
  desiredScale: 1,
  actualScale: 1,
  conditions: ['Active', 'Ready', 'SKSReady', 'ScaleTargetInitialized'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
};

/** A world with nothing in it but the PodAutoscaler. */
export const worldOf = (changed: Partial<World> = {}): World => {
  const pa = changed.pa ?? paOf();
  return {
    key: keyOf(pa.metadata.namespace, pa.metadata.name),
    at: NOW,
    pa,
    revision: undefined,
    config: configOf(),
    kedaServed: false,
    ...NOTHING_AROUND,
    ...changed,
  };
};

/** The Deployment of `worldOf`'s PodAutoscaler, told to have so many replicas. */
export const deploymentOf = (replicas: number): Deployment =>
  deploymentView.parse({
    metadata: {
      name: paOf().spec.scaleTargetRef.name,
      namespace: paOf().metadata.namespace,
      resourceVersion: '70',
    },
    spec: { replicas },
  });
