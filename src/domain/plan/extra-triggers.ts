import { readJsonAnnotation } from '../annotation/json-annotation.ts';
import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import { checkedTriggers } from './checked-triggers.ts';
import type { Intent } from './intent.ts';
import { isRefused, part, type Part } from './scaled-object-part.ts';
import { triggerShape } from './scaled-object-shapes.ts';
import { triggersOf } from './scaled-object-triggers.ts';

/** The triggers of `extra-prometheus-triggers`, checked by what KEDA would refuse and the platform owner does not allow. */
export function extraTriggers(intent: Intent): Part<readonly Trigger[]> {
  const key = keyOfSetting('extraPrometheusTriggers');
  const text = intent.settings.extraPrometheusTriggers;
  if (text === undefined) return part([]);
  const { value, mistakes } = readJsonAnnotation(text, {
    key,
    shape: { is: 'list', of: triggerShape('drop') },
    example: ANNOTATIONS.extraPrometheusTriggers.example,
  });
  const triggers = triggersOf(value);
  // A trigger that does not have its shape has one thing to mend first.
  if (isRefused(mistakes)) return part(triggers, mistakes);
  const checked = checkedTriggers(triggers, intent, { key, list: '' });
  return part(checked.value, [...mistakes, ...checked.mistakes]);
}
