import { scaleBounds } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import { controllerOf, isControlledBy, type HasMeta } from '../k8s/meta.ts';
import { RESOURCES } from '../k8s/resources.ts';
import { readyAddresses, type Address } from '../k8s/read/endpoints.ts';
import { SERVICES_OF, type Keeper } from '../k8s/knative-services.ts';
import { mayRest } from '../plan/scaled-object-override.ts';
import type { Backend, Signal } from '../plan/intent.ts';
import type { World } from '../plan/world.ts';

/** On a Revision: `active` while a route leads to it. */
const ROUTING_STATE = 'serving.knative.dev/routingState';

/** A revision that its settings let go to zero, scaled by something that can be brought back from there. */
export const isZeroCapable = (
  { config, pa }: Pick<World, 'config' | 'pa'>,
  settings: Settings,
  { signal, backend }: { readonly signal: Signal; readonly backend: Backend },
): boolean =>
  config.autoscaler.enableScaleToZero &&
  scaleBounds(settings, config.autoscaler, pa.spec.reachability).min === 0 &&
  comesBack(settings, signal, backend);

/** What the user's own object says is theirs, and so is the minimum of an override. */
function comesBack(settings: Settings, { from }: Signal, backend: Backend): boolean {
  if (backend === 'none') return from === 'concurrency' || from === 'rps';
  return backend === 'hpa' || mayRest(settings);
}

/** Whether revisions sleep behind activators of Knative, for which the Services are Knative's. */
export const sleepsBehindKnative = ({ config }: Pick<World, 'config'>): boolean =>
  config.bridge.zero === 'knative-activator';

/** Those who hold requests of a revision that sleeps, and see to it that it is woken. */
export function wakersOf(world: Pick<World, 'activators' | 'config'>, keeper: Keeper): readonly Address[] {
  const { ours, knatives, knativesHeard } = world.activators;
  if (keeper === 'bridge' && ours.length > 0) return ours;
  return sleepsBehindKnative(world) && knativesHeard ? knatives : [];
}

/** Whether a revision that could go to zero does so, with its Services in these hands. One that is to be handed back at once does not. */
export const maySleep = (
  world: World,
  { services: wish }: Pick<Settings, 'services'>,
  keeper: Keeper,
): boolean => (keeper === 'bridge' ? wish !== 'knative' : sleepsBehindKnative(world));

/**
 * Who is to keep the Services: who is asked for, else who keeps them now. What a ServerlessService has left behind is the bridge's, and so is
 * a revision that can go to zero where somebody can wake it, if it is new or nothing routes to it any more.
 */
export function keeperOf(
  world: World,
  { services }: Pick<Settings, 'services'>,
  zeroCapable: boolean,
): Keeper {
  const { publicService } = world.services;
  const wish = services ?? (sleepsBehindKnative(world) ? 'knative' : undefined);
  if (isKeptByBridge(world)) return wish === 'knative' && mayHandBack(world) ? 'knative' : 'bridge';
  if (world.sks !== undefined)
    return isAskedFor(world, wish, zeroCapable) && mayAdopt(world) ? 'bridge' : 'knative';
  return wish ?? keeperOfNone(world, publicService, zeroCapable);
}

/** Of a revision that nobody keeps yet. */
function keeperOfNone(
  { pa, activators }: World,
  publicService: HasMeta | undefined,
  zeroCapable: boolean,
): Keeper {
  const isOurs =
    publicService === undefined
      ? zeroCapable && activators.installed
      : isOrphanOf(publicService, pa.metadata.name);
  return isOurs ? 'bridge' : 'knative';
}

/** A ServerlessService goes on only with pods: without any, nobody would wake the revision while it changes hands. */
const mayHandBack = ({ services, deployment }: World): boolean =>
  deployment?.spec.replicas !== 0 && readyAddresses(services.privateEndpoints).length > 0;

/** Whether the bridge is to take over from a ServerlessService: where it is told to, and for a revision that is to sleep because nothing routes to it. */
const isAskedFor = (world: World, wish: Settings['services'], zeroCapable: boolean): boolean =>
  wish === undefined ? zeroCapable && isUnrouted(world) : wish === 'bridge';

/**
 * Routes have turned away from it (serving: pkg/reconciler/configuration and pkg/reconciler/labeler). That it is `Unreachable` says less: so is
 * a revision that routes lead to and that has no pod ready.
 */
const isUnrouted = ({ revision }: World): boolean => revision?.metadata.labels[ROUTING_STATE] === 'reserve';

/** Nobody takes over what somebody else made, or what they could not keep. */
const mayAdopt = ({ pa, sks, activators }: World): boolean =>
  sks !== undefined && isControlledBy(sks.metadata, pa.metadata.uid) && activators.ours.length > 0;

/** What a ServerlessService leaves behind that is removed without its children; for a moment they may still name it. */
export function isOrphanOf({ metadata }: HasMeta, revision: string): boolean {
  if (metadata.labels[SERVICES_OF] !== revision) return false;
  const owner = controllerOf(metadata);
  return owner === undefined || (owner.kind === RESOURCES.ServerlessService.kind && owner.name === revision);
}

/** True when the bridge keeps the Services, whatever the annotations say now. */
export const isKeptByBridge = ({
  pa,
  services: { publicService },
}: Pick<World, 'pa'> & { readonly services: Pick<World['services'], 'publicService'> }): boolean =>
  publicService !== undefined && isControlledBy(publicService.metadata, pa.metadata.uid);
