import { readJsonAnnotation } from '../annotation/json-annotation.ts';
import type { JsonNode } from '../annotation/json-text.ts';
import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import { SECOND } from '../go/duration.ts';
import { isJsonObject } from '../json.ts';
import type { Behavior, ScalingRules } from '../k8s/write/scaled-object.ts';
import type { Intent } from './intent.ts';
import { part, refused } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';
import { rulesShape } from './scaled-object-shapes.ts';

const LONGEST = 3600n;

/**
 * `behavior` of the HPA: the window on both sides, each replaced whole by its rules annotation (autoscaler-keda: resources/keda.go).
 * Undefined when nothing is asked for.
 */
export function behaviorOf({ settings }: Pick<Intent, 'settings'>): Part<Behavior | undefined> {
  const up = rulesOf('hpaScaleUpRules', settings);
  const down = rulesOf('hpaScaleDownRules', settings);
  const replaced = up.value !== undefined && down.value !== undefined;
  const window = replaced ? part(undefined) : windowRules(settings.window);
  const scaleUp = up.value ?? window.value;
  const scaleDown = down.value ?? window.value;
  const behavior = {
    ...(scaleUp === undefined ? {} : { scaleUp }),
    ...(scaleDown === undefined ? {} : { scaleDown }),
  };
  const mistakes = [...window.mistakes, ...up.mistakes, ...down.mistakes];
  return part(Object.keys(behavior).length === 0 ? undefined : behavior, mistakes);
}

/** The HPA takes whole seconds up to an hour; a fraction is cut off, as autoscaler-keda does. */
function windowRules(window: bigint | undefined): Part<ScalingRules | undefined> {
  if (window === undefined) return part(undefined);
  const seconds = window / SECOND;
  if (seconds >= 0n && seconds <= LONGEST) return part({ stabilizationWindowSeconds: Number(seconds) });
  const clause = `is ${seconds}s: expected 0s to ${LONGEST}s, as long as an HPA can wait, for example ${ANNOTATIONS.window.example}`;
  return part(undefined, [refused(keyOfSetting('window'), clause)]);
}

/** The rules of one direction; `{}` and `null` mean the HPA's defaults. */
function rulesOf(
  setting: 'hpaScaleUpRules' | 'hpaScaleDownRules',
  settings: Intent['settings'],
): Part<ScalingRules | undefined> {
  const text = settings[setting];
  if (text === undefined) return part(undefined);
  const { example } = ANNOTATIONS[setting];
  const { value, mistakes } = readJsonAnnotation(text, {
    key: keyOfSetting(setting),
    shape: rulesShape('drop'),
    example,
    hint: oneLevelTooDeep,
  });
  const rules = isJsonObject(value) ? Object.entries(value) : [];
  return part(
    Object.fromEntries(rules.filter(([, given]) => !Array.isArray(given) || given.length > 0)),
    mistakes,
  );
}

function oneLevelTooDeep(node: JsonNode): string | undefined {
  const names = node.kind === 'object' ? node.fields.map(({ name }) => name) : [];
  const wrapper = names.find((name) => /^(?:scaleup|scaledown|behavior)$/i.test(name));
  return wrapper === undefined ? undefined : `holds its rules inside ${wrapper}: expected them at the top`;
}
