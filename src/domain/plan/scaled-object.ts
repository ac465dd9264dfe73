import type { Mistake } from '../annotation/mistake.ts';
import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../k8s/meta.ts';
import { apiVersionOf, RESOURCES } from '../k8s/resources.ts';
import type { ScaledObjectSpec, Trigger } from '../k8s/write/scaled-object.ts';
import { controllerReferenceTo } from '../k8s/write/owned-by.ts';
import { err, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { shown } from '../shown.ts';
import { isAlwaysActive } from '../zero/keda-rest.ts';
import { extraTriggers } from './extra-triggers.ts';
import type { Intent } from './intent.ts';
import { kedaAsksUs } from './keda-trigger.ts';
import { modifierProblems, scalingModifiers } from './scaled-object-modifiers.ts';
import { objectIn, overrideSpec } from './scaled-object-override.ts';
import { kedasOutage } from './scaled-object-outage.ts';
import { isRefused, part, refused } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';
import { behaviorOf } from './scaled-object-rules.ts';
import { defaultTrigger, repeatedNames, triggersOf } from './scaled-object-triggers.ts';

/** A ScaledObject and what was odd about the annotations that it was made from. */
export interface BuiltScaledObject {
  readonly object: KubeObject;
  /** None of them refused. */
  readonly mistakes: readonly Mistake[];
}

/**
 * The ScaledObject of a revision, holding only the fields that we mean to own (autoscaler-keda: resources/keda.go). Refused when KEDA,
 * the HPA or the platform owner would refuse it; then the error lists every mistake, refused or not. `rests`: nobody needs a pod, and KEDA is
 * not to bring one back. Never throws.
 */
export function scaledObjectFor(
  intent: Intent,
  { rests = false }: { readonly rests?: boolean } = {},
): Result<BuiltScaledObject, readonly Mistake[]> {
  const spec =
    intent.settings.scaledObjectOverride === undefined ? builtSpec(intent) : overriddenSpec(intent);
  if (isRefused(spec.mistakes)) return err(spec.mistakes);
  const pauses = rests && isAlwaysActive(spec.value.triggers) ? { [PAUSED]: 'true' } : {};
  const annotated = { ...intent, annotations: { ...pauses, ...intent.annotations } };
  return ok({ object: scaledObject(annotated, spec.value), mistakes: spec.mistakes });
}

function builtSpec(intent: Intent): Part<ScaledObjectSpec> {
  const first = defaultTrigger(intent);
  const extra = extraTriggers(intent);
  const modifiers = scalingModifiers(intent);
  const behavior = behaviorOf(intent);
  const triggers = first.value === undefined ? extra.value : [first.value, ...extra.value];
  const horizontalPodAutoscalerConfig = {
    name: intent.pa.metadata.name,
    ...(behavior.value === undefined ? {} : { behavior: behavior.value }),
  };
  // Where KEDA asks us, outages are ours to get through.
  const outage = kedaAsksUs(intent) ? part({}) : kedasOutage(intent, triggers);
  const spec: ScaledObjectSpec = {
    ...outage.value,
    scaleTargetRef: targetOf(intent),
    ...leastOf(intent, triggers),
    maxReplicaCount: intent.bounds.max,
    advanced: {
      horizontalPodAutoscalerConfig,
      ...(modifiers.value === undefined ? {} : { scalingModifiers: modifiers.value }),
    },
    triggers,
  };
  const key = keyOfSetting('scalingModifiers');
  return part(spec, [
    ...first.mistakes,
    ...extra.mistakes,
    ...triggerListMistakes(triggers, extra, keyOfSetting('extraPrometheusTriggers')),
    ...modifiers.mistakes,
    ...(isRefused([...extra.mistakes, ...modifiers.mistakes])
      ? []
      : modifierProblems(modifiers.value, triggers).map((problem) => refused(key, problem))),
    ...behavior.mistakes,
    ...outage.mistakes,
  ]);
}

/** Keeps KEDA from scaling at all (keda: apis/keda/v1alpha1/scaledobject_types.go). */
const PAUSED = 'autoscaling.keda.sh/paused';

/** The longest that KEDA takes, 68 years: it never takes the last pod itself, not even of a revision whose triggers were never active. */
const NEVER = 2147483647;

/** The minimum; of a revision that sleeps it is 0, so that KEDA leaves it alone there and wakes it, while we alone put it to sleep. */
const leastOf = (
  { sleeps, bounds }: Intent,
  triggers: readonly Trigger[],
): Pick<ScaledObjectSpec, 'minReplicaCount'> & JsonObject =>
  sleeps && bounds.min === 1 && !isAlwaysActive(triggers)
    ? { minReplicaCount: 0, cooldownPeriod: NEVER, initialCooldownPeriod: NEVER }
    : { minReplicaCount: bounds.min };

/** The override with what is ours in it: what is scaled, how far, and the name that we find the HPA by. */
function overriddenSpec(intent: Intent): Part<ScaledObjectSpec> {
  const override = overrideSpec(intent);
  const given = override.value ?? {};
  const advanced = objectIn(given, 'advanced');
  const triggers = triggersOf(given['triggers']);
  const spec: ScaledObjectSpec = {
    minReplicaCount: intent.bounds.min,
    ...given,
    ...(intent.sleeps ? leastOf(intent, triggers) : {}),
    scaleTargetRef: { ...objectIn(given, 'scaleTargetRef'), ...targetOf(intent) },
    maxReplicaCount: intent.bounds.max,
    advanced: {
      ...advanced,
      horizontalPodAutoscalerConfig: {
        ...objectIn(advanced, 'horizontalPodAutoscalerConfig'),
        name: intent.pa.metadata.name,
      },
    },
    triggers,
  };
  const key = keyOfSetting('scaledObjectOverride');
  return part(spec, [...override.mistakes, ...triggerListMistakes(triggers, override, key)]);
}

/** At least one trigger, no name twice. A list that could not be read is not also called empty. */
function triggerListMistakes(
  triggers: readonly Trigger[],
  { mistakes }: Part<unknown>,
  key: string,
): readonly Mistake[] {
  if (triggers.length > 0)
    return repeatedNames(triggers).map((name) =>
      refused(key, `makes two triggers named ${shown(name)}: expected names that differ`),
    );
  if (isRefused(mistakes)) return [];
  return [
    key === keyOfSetting('scaledObjectOverride')
      ? refused(
          key,
          `has no triggers: expected at least one in spec.triggers, for example ${ANNOTATIONS.scaledObjectOverride.example}`,
        )
      : refused(
          keyOfSetting('target'),
          `is missing, so there is nothing to scale by: expected a number above 0, for example ${ANNOTATIONS.target.example}, or triggers in ${keyOfSetting('extraPrometheusTriggers')}`,
        ),
  ];
}

/** The Deployment of the revision. Empty words are left out: KEDA has defaults for them. */
function targetOf({ pa }: Intent): ScaledObjectSpec['scaleTargetRef'] {
  const { name, apiVersion, kind } = pa.spec.scaleTargetRef;
  return { name, ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }) };
}

const unlessEmpty = (field: string, map: Readonly<Record<string, string>>): JsonObject =>
  Object.keys(map).length === 0 ? {} : { [field]: map };

function scaledObject({ pa, labels, annotations }: Intent, spec: JsonObject): KubeObject {
  const { name, namespace } = pa.metadata;
  return {
    apiVersion: apiVersionOf(RESOURCES.ScaledObject),
    kind: RESOURCES.ScaledObject.kind,
    metadata: {
      name,
      namespace,
      ...unlessEmpty('labels', labels),
      ...unlessEmpty('annotations', annotations),
      ownerReferences: [controllerReferenceTo(pa)],
    },
    spec,
  };
}
