import { disagreements } from '../annotation/agree.ts';
import type { Mistake } from '../annotation/mistake.ts';
import { readSettings, withConsequences } from '../annotation/parse.ts';
import { resolvedInitialScale, scaleBounds } from '../annotation/resolve.ts';
import type { Settings } from '../annotation/settings.ts';
import { controllerOf } from '../k8s/meta.ts';
import { RESOURCES } from '../k8s/resources.ts';
import { unknownServer } from '../prometheus/choose-server.ts';
import { err, ok, type Result } from '../result.ts';
import { scalerOf, type Scaler } from './backend.ts';
import { scalerBounds } from './bounds.ts';
import { kedaTriggerOf } from './keda-trigger.ts';
import type { Backend, Intent, Signal } from './intent.ts';
import { queryFactsOf } from './query-template.ts';
import { signalOf, type ChosenSignal } from './signal.ts';
import { hasStarted } from './start.ts';
import type { Keeper } from '../k8s/knative-services.ts';
import { isZeroCapable, keeperOf, maySleep } from '../zero/keeper.ts';
import type { World } from './world.ts';

export interface Intended {
  readonly intent: Intent;
  readonly backend: Backend;
  /** Who keeps the Services and Endpoints. */
  readonly keeper: Keeper;
  /** What was ignored or not understood; nothing of it keeps the objects from being built. */
  readonly mistakes: readonly Mistake[];
}

/** The annotations that the user's choice is read from: the Revision's, which nobody defaulted; without one, the PodAutoscaler's. */
export const annotationsOf = ({ revision, pa }: World): Readonly<Record<string, string>> =>
  (revision ?? pa).metadata.annotations;

/** True while the Revision that owns the PodAutoscaler is not in the cache yet: read alone, every PodAutoscaler asks for cpu. */
export const awaitsRevision = ({ pa, revision }: World): boolean =>
  revision === undefined && controllerOf(pa.metadata)?.kind === RESOURCES.Revision.kind;

/** What the user and the platform owner want, or every reason why nothing can be built from it. */
export function intentOf(world: World): Result<Intended, readonly Mistake[]> {
  const annotations = annotationsOf(world);
  const { settings, mistakes: read } = readSettings(annotations);
  const scaler = scalerOf(world, settings);
  const signal = signalFor(world, settings, scaler.ok ? scaler.value.scaler : 'keda');
  const { reachability } = world.pa.spec;
  const { autoscaler } = world.config;
  const mistakes = withConsequences(annotations, read, [
    ...(scaler.ok ? scaler.value.mistakes : scaler.error),
    ...(signal.ok ? signal.value.mistakes : [signal.error]),
    ...unknownServer(settings, world.config),
    ...disagreements(settings, autoscaler, reachability, annotations),
    ...unbuildable(world),
  ]);
  if (!scaler.ok || !signal.ok || mistakes.some(({ effect }) => effect === 'refused')) return err(mistakes);
  const chosen = signal.value.signal;
  const backend = backendFor(scaler.value.scaler, chosen);
  const zeroCapable = isZeroCapable(world, settings, { signal: chosen, backend });
  const keeper = keeperOf(world, settings, zeroCapable);
  const intent: Intent = {
    pa: world.pa,
    settings,
    config: world.config,
    signal: chosen,
    bounds: scalerBounds(scaleBounds(settings, autoscaler, reachability), {
      initial: resolvedInitialScale(settings, autoscaler),
      awaited: !hasStarted(world, settings) && reachability !== 'Unreachable',
    }),
    sleeps: zeroCapable && maySleep(world, settings, keeper),
    labels: world.pa.metadata.labels,
    annotations: childAnnotations(world),
  };
  return ok({ intent, backend, keeper, mistakes });
}

function signalFor(world: World, settings: Settings, scaler: Scaler): Result<ChosenSignal, Mistake> {
  // Whoever brings a scaler of their own need not tell us what it scales by.
  const named = settings.metric === 'concurrency' || settings.metric === 'rps';
  if (scaler === 'own' && !named) return ok({ signal: { from: 'triggers' }, mistakes: [] });
  // An override says all that KEDA is to know: nothing else is looked at, as upstream has it.
  if (scaler === 'keda' && settings.scaledObjectOverride !== undefined)
    return ok({ signal: { from: 'triggers' }, mistakes: [] });
  return signalOf({
    settings,
    annotations: annotationsOf(world),
    facts: queryFactsOf(world.pa, world.revision),
    deploymentName: world.pa.spec.scaleTargetRef.name,
    withoutMetric: world.config.bridge.signalWithoutMetric,
    tenancy: world.config.bridge.tenancy,
    askedBy:
      scaler === 'keda' && kedaTriggerOf({ settings, config: world.config }) === 'prometheus'
        ? 'keda'
        : 'bridge',
  });
}

const backendFor = (scaler: Scaler, { from }: Signal): Backend =>
  from === 'concurrency' || from === 'rps' || scaler === 'own' ? 'none' : scaler;

const LONGEST_NAME = 63;
/** The API server's limit for all annotations of an object together, less the room for those that we add. */
const MOST_ANNOTATION_BYTES = 256 * 1024 - 256;

/** Why no child can be made whatever the annotations say. */
function unbuildable(world: World): readonly Mistake[] {
  const { name } = world.pa.metadata;
  const size = bytesOf(childAnnotations(world));
  const refusals: readonly (readonly [boolean, string, string])[] = [
    [
      name.length > LONGEST_NAME,
      'metadata.name',
      `metadata.name is ${name.length} characters long: expected at most ${LONGEST_NAME}, because Services and ScaledObjects of that name are made.`,
    ],
    [
      size > MOST_ANNOTATION_BYTES,
      'metadata.annotations',
      `metadata.annotations are ${size} bytes in all: expected at most ${MOST_ANNOTATION_BYTES}, because they are copied to the objects that are made.`,
    ],
  ];
  return refusals
    .filter(([applies]) => applies)
    .map(([, key, message]) => ({ effect: 'refused', key, message }));
}

function bytesOf(annotations: Readonly<Record<string, string>>): number {
  const encoder = new TextEncoder();
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + encoder.encode(key + value).length,
    0,
  );
}

/** KEDA's switches, such as `autoscaling.keda.sh/paused`: Knative copies them to the PodAutoscaler once and never again. */
const isKedas = (key: string): boolean =>
  key.startsWith('autoscaling.keda.sh/') || key.startsWith('scaledobject.keda.sh/');

/** What every child carries: the PodAutoscaler's annotations, with KEDA's switches as the Revision has them now. */
export function childAnnotations({ pa, revision }: World): Readonly<Record<string, string>> {
  if (revision === undefined) return pa.metadata.annotations;
  return Object.fromEntries([
    ...Object.entries(pa.metadata.annotations).filter(([key]) => !isKedas(key)),
    ...Object.entries(revision.metadata.annotations).filter(([key]) => isKedas(key)),
  ]);
}
