import { readJsonAnnotation } from '../annotation/json-annotation.ts';
import type { Settings } from '../annotation/settings.ts';
import type { Mistake } from '../annotation/mistake.ts';
import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkedTriggers } from './checked-triggers.ts';
import type { Intent } from './intent.ts';
import { modifierProblems, modifiersOf } from './scaled-object-modifiers.ts';
import { ignored, isRefused, part, refused } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';
import { overrideShape } from './scaled-object-shapes.ts';
import { triggersOf } from './scaled-object-triggers.ts';

const KEY = keyOfSetting('scaledObjectOverride');

/**
 * The `spec` of `scaled-object-override` as the user wrote it, fields that we do not know included, less what is not the user's to say;
 * undefined without the annotation. Metadata and status of the override never count.
 */
export function overrideSpec(intent: Intent): Part<JsonObject | undefined> {
  const text = intent.settings.scaledObjectOverride;
  if (text === undefined) return part(undefined);
  const { value, mistakes } = readJsonAnnotation(text, {
    key: KEY,
    shape: overrideShape,
    example: ANNOTATIONS.scaledObjectOverride.example,
  });
  const spec = objectIn(value, 'spec');
  const triggers = triggersOf(spec['triggers']);
  const checked = checkedTriggers(triggers, intent, { key: KEY, list: 'spec.triggers' });
  const checks = [
    ...checked.mistakes,
    ...modifierProblems(modifiersOf(objectIn(spec, 'advanced')['scalingModifiers']), triggers).map(
      (problem) => refused(KEY, `spec.advanced.scalingModifiers ${problem}`),
    ),
    ...replicaMistakes(spec, intent),
  ];
  // Without a readable value there is one thing to mend first.
  const asked = 'triggers' in spec ? { ...spec, triggers: checked.value } : spec;
  return part(withoutSleep(asked), isRefused(mistakes) ? mistakes : [...mistakes, ...checks]);
}

/** Whether an override, if there is one, leaves it open that there be no pods: it asks for none at least, and for none to idle with. */
export function mayRest({ scaledObjectOverride: text }: Pick<Settings, 'scaledObjectOverride'>): boolean {
  if (text === undefined) return true;
  const { value } = readJsonAnnotation(text, {
    key: KEY,
    shape: overrideShape,
    example: ANNOTATIONS.scaledObjectOverride.example,
  });
  const { minReplicaCount = 0, idleReplicaCount = 0 } = objectIn(value, 'spec');
  return minReplicaCount === 0 && idleReplicaCount === 0;
}

/** The object in a field; an empty one when there is none. */
export function objectIn(value: Json | undefined, field: string): JsonObject {
  const inner = isJsonObject(value) ? value[field] : undefined;
  return isJsonObject(inner) ? inner : {};
}

/** Its own minimum counts, but nobody sleeps who cannot be woken: 0 becomes 1, and idling at 0 is left out. */
function replicaMistakes(
  { minReplicaCount, idleReplicaCount, cooldownPeriod, initialCooldownPeriod }: JsonObject,
  intent: Intent,
): readonly Mistake[] {
  const min = typeof minReplicaCount === 'number' ? minReplicaCount : undefined;
  const mistakes: Mistake[] = [];
  if (min === 0 && !intent.sleeps)
    mistakes.push(ignored(KEY, 'sets spec.minReplicaCount to 0, which has no effect: expected at least 1'));
  if (min !== undefined && min > intent.bounds.max)
    mistakes.push(
      refused(
        KEY,
        `sets spec.minReplicaCount to ${min}: expected at most ${intent.bounds.max}, the maximum of the revision`,
      ),
    );
  if (idleReplicaCount === 0)
    mistakes.push(
      ignored(
        KEY,
        'sets spec.idleReplicaCount to 0, which has no effect, because a request could not wake the revision: expected no such field',
      ),
    );
  mistakes.push(...cooldownMistakes({ cooldownPeriod, initialCooldownPeriod }, intent));
  const least = Math.max(1, min ?? intent.bounds.min);
  if (typeof idleReplicaCount === 'number' && idleReplicaCount >= least)
    mistakes.push(
      refused(
        KEY,
        `sets spec.idleReplicaCount to ${idleReplicaCount}: expected less than ${least}, the minimum`,
      ),
    );
  return mistakes;
}

const cooldownMistakes = (cooldowns: JsonObject, { sleeps }: Intent): readonly Mistake[] =>
  Object.entries(cooldowns)
    .filter(([, value]) => sleeps && value !== undefined)
    .map(([field]) =>
      ignored(
        KEY,
        `sets spec.${field}, which has no effect, because hpa-bridge puts the revision to sleep, not KEDA: expected no such field`,
      ),
    );

function withoutSleep(spec: JsonObject): JsonObject {
  const { minReplicaCount, idleReplicaCount, ...rest } = spec;
  return {
    ...rest,
    ...(typeof minReplicaCount === 'number' && minReplicaCount > 0 ? { minReplicaCount } : {}),
    ...(typeof idleReplicaCount === 'number' && idleReplicaCount > 0 ? { idleReplicaCount } : {}),
  };
}
