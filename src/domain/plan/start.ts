import { resolvedInitialScale, scaleBounds } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import { conditionOf } from '../k8s/read/condition.ts';
import { privateServiceNameOf } from '../k8s/write/revision-services.ts';
import { isControlledBy } from '../k8s/meta.ts';
import { readyAddresses } from '../k8s/read/endpoints.ts';
import { isKeptByBridge } from '../zero/keeper.ts';
import { ownershipOf } from './ownership.ts';
import type { World } from './world.ts';

/** The conditions that the PodAutoscaler's Ready sums up. */
export const DEPENDENTS = ['Active', 'ScaleTargetInitialized', 'SKSReady'] as const;

/** True once enough pods have been ready; it never turns back. Where nothing is said of it, Ready says it with the rest. */
export const isInitialised = ({ pa: { status } }: Pick<World, 'pa'>): boolean =>
  (conditionOf(status.conditions, 'ScaleTargetInitialized') ?? conditionOf(status.conditions, 'Ready'))
    ?.status === 'True';

/** Ready pods from which on the revision has started: upstream's minimum or the initial scale, whichever is more. */
export const startingPods = ({ config, pa }: World, settings: Settings): number =>
  Math.max(
    scaleBounds(settings, config.autoscaler, pa.spec.reachability).min,
    resolvedInitialScale(settings, config.autoscaler),
  );

/** True from the moment on in which enough pods are ready behind services that exist. */
export const hasStarted = (world: World, settings: Settings): boolean =>
  isInitialised(world) ||
  (areServicesReady(world) &&
    serviceNameOf(world) !== '' &&
    world.readyPods >= startingPods(world, settings));

/** Whether requests can reach the revision, or those who hold them for it. */
export const areServicesReady = (world: World): boolean =>
  isKeptByBridge(world) ? areOurServicesReady(world) : isSksReady(world);

function areOurServicesReady({ pa, services: { privateService, publicEndpoints } }: World): boolean {
  return (
    [privateService, publicEndpoints].every(
      (child) => child !== undefined && isControlledBy(child.metadata, pa.metadata.uid),
    ) && readyAddresses(publicEndpoints).length > 0
  );
}

/** In Knative's terms: Ready, and for the generation that is in force (knative.dev/networking: serverlessservice_lifecycle.go). */
function isSksReady(world: World): boolean {
  const { sks } = world;
  return (
    sks !== undefined &&
    ownershipOf(world, 'ServerlessService') === 'ours' &&
    (sks.status.observedGeneration ?? 0) === sks.metadata.generation &&
    conditionOf(sks.status.conditions, 'Ready')?.status === 'True'
  );
}

/** The revision's Service. A name that was told is never taken back: Knative would call the revision not deployed. */
export const serviceNameOf = (world: World): string =>
  firstNonEmpty(knownNames(world)?.serviceName, world.pa.status.serviceName);

/** The Service behind which each pod can be asked. */
export const metricsServiceNameOf = (world: World): string =>
  firstNonEmpty(knownNames(world)?.privateServiceName, world.pa.status.metricsServiceName);

type ServiceNames = Pick<NonNullable<World['sks']>['status'], 'serviceName' | 'privateServiceName'>;

/** The names of the Services, once they exist. */
function knownNames(world: World): ServiceNames | undefined {
  const { name } = world.pa.metadata;
  if (isKeptByBridge(world)) return { serviceName: name, privateServiceName: privateServiceNameOf(name) };
  return ownershipOf(world, 'ServerlessService') === 'ours' ? world.sks?.status : undefined;
}

const firstNonEmpty = (...names: readonly (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '';
