import { endpointsView, type Endpoints } from '../../src/domain/k8s/read/endpoints.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { PodAutoscaler } from '../../src/domain/k8s/read/pod-autoscaler.ts';
import { serviceView, type Service } from '../../src/domain/k8s/read/service.ts';
import type { World } from '../../src/domain/plan/world.ts';
import { rfc3339 } from '../../src/domain/rfc3339.ts';
import { instant, ms, type Ms } from '../../src/domain/time.ts';
import type { Activators, RevisionServices } from '../../src/domain/zero/seen.ts';
import { byPa, configOf, deploymentOf, NAME, NAMESPACE, NOW, paOf, worldOf } from './world.ts';

export const PODS = ['10.1.0.1', '10.1.0.2'] as const;
export const OURS = ['10.9.0.1', '10.9.0.2'] as const;
export const KNATIVES = ['10.8.0.1'] as const;

const at = (ip: string): { readonly ip: string } => ({ ip });

export const activatorsOf = (changed: Partial<Activators> = {}): Activators => ({
  installed: true,
  ours: OURS.map(at),
  knatives: KNATIVES.map(at),
  knativesHeard: false,
  heard: true,
  ...changed,
});

const PORTS = [
  { name: 'http', port: 8012, protocol: 'TCP' },
  { name: 'https', port: 8112, protocol: 'TCP' },
];

/** Endpoints of `worldOf`'s revision with these addresses. */
export const endpointsOf = (
  ips: readonly string[],
  {
    name = NAME,
    type = 'Public',
    ...metadata
  }: JsonObject & { readonly name?: string; readonly type?: string } = {},
): Endpoints =>
  endpointsView.parse({
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `endpoints-${name}`,
      resourceVersion: '500',
      labels: {
        app: NAME,
        'serving.knative.dev/revision': NAME,
        'networking.internal.knative.dev/serverlessservice': NAME,
        'networking.internal.knative.dev/serviceType': type,
      },
      annotations: paOf().metadata.annotations,
      ownerReferences: [byPa()],
      ...metadata,
    },
    subsets: ips.length === 0 ? [] : [{ addresses: ips.map(at), ports: PORTS }],
  });

export const serviceOf = (name: string, spec: JsonObject = {}): Service =>
  serviceView.parse({
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `service-${name}`,
      resourceVersion: '400',
      labels: { 'networking.internal.knative.dev/serverlessservice': NAME },
      ownerReferences: [byPa()],
    },
    spec: { clusterIP: '10.0.0.1', ...spec },
  });

/** Services that the bridge keeps, with these addresses behind them. */
export const servicesOf = (
  behindPublic: readonly string[],
  behindPrivate: readonly string[],
): RevisionServices => ({
  publicService: serviceOf(NAME),
  privateService: serviceOf(`${NAME}-private`),
  publicEndpoints: endpointsOf(behindPublic),
  privateEndpoints: endpointsOf(behindPrivate, { name: `${NAME}-private`, type: 'Private' }),
  beyond: [],
  slices: [],
});

/** A PodAutoscaler of which `Active` has said this for so long. */
export function activePa(
  status: 'True' | 'False' | 'Unknown',
  length: Ms,
  short: Readonly<Record<string, string>> = {},
  { started = true, spec = {} }: { readonly started?: boolean; readonly spec?: JsonObject } = {},
): PodAutoscaler {
  const lastTransitionTime = rfc3339(instant(NOW - length));
  const said = (type: string, is: string): JsonObject => ({ type, status: is, lastTransitionTime });
  return paOf(short, {
    spec,
    status: {
      observedGeneration: 1,
      serviceName: NAME,
      metricsServiceName: `${NAME}-private`,
      desiredScale: 1,
      actualScale: 1,
      conditions: [
        said('Active', status),
        said('Ready', status),
        said('SKSReady', 'True'),
        said('ScaleTargetInitialized', started ? 'True' : 'Unknown'),
      ],
    },
  });
}

export const CONCURRENCY = { metric: 'concurrency' } as const;
export const minute = ms(60_000);

/** A revision scaled by its requests that serves from one pod and has had none for an hour, with these changes. */
export const servingWorld = (changed: Partial<World> = {}): World =>
  worldOf({
    pa: activePa('True', ms(3_600_000), CONCURRENCY),
    config: configOf(),
    deployment: deploymentOf(1),
    readyPods: 1,
    services: servicesOf([PODS[0]], [PODS[0]]),
    activators: activatorsOf(),
    pods: { status: { desiredScale: 0, excessBurstCapacity: 0 }, problem: undefined },
    requests: { busyAt: undefined, heldAt: undefined, watchedSince: instant(NOW - 3_600_000) },
    ...changed,
  });

/** The same on its way to zero: inactive for so long, with activators behind its Service. */
export const idleWorld = (inactiveFor: Ms, changed: Partial<World> = {}): World =>
  servingWorld({
    pa: activePa('False', inactiveFor, CONCURRENCY),
    services: servicesOf(OURS, [PODS[0]]),
    ...changed,
  });

/** What lets the last pods of `idleWorld` go. */
export const QUIET = { at: NOW, endpoints: '500', inPath: true, inFlight: 0 } as const;

/** The same without pods. */
export const asleepWorld = (changed: Partial<World> = {}): World =>
  servingWorld({
    pa: activePa('False', ms(3_600_000), CONCURRENCY),
    deployment: deploymentOf(0),
    readyPods: 0,
    services: servicesOf(OURS, []),
    ...changed,
  });

/** Nothing behind the private Service. */
export const NO_PODS = endpointsOf([], { name: `${NAME}-private`, type: 'Private' });
