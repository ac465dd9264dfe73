import { resolvedInitialScale, scaleBounds } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import { conditionOf } from '../k8s/read/condition.ts';
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
  (isSksReady(world) && serviceNameOf(world) !== '' && world.readyPods >= startingPods(world, settings));

/** In Knative's terms: Ready, and for the generation that is in force (knative.dev/networking: serverlessservice_lifecycle.go). */
export function isSksReady(world: World): boolean {
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
  firstNonEmpty(ownSks(world)?.serviceName, world.pa.status.serviceName);

/** The Service behind which each pod can be asked. */
export const metricsServiceNameOf = (world: World): string =>
  firstNonEmpty(ownSks(world)?.privateServiceName, world.pa.status.metricsServiceName);

const ownSks = (world: World): NonNullable<World['sks']>['status'] | undefined =>
  ownershipOf(world, 'ServerlessService') === 'ours' ? world.sks?.status : undefined;

const firstNonEmpty = (...names: readonly (string | undefined)[]): string =>
  names.find((name) => name !== undefined && name !== '') ?? '';
