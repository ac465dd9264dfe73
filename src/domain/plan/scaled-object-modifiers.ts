import { readJsonAnnotation } from '../annotation/json-annotation.ts';
import { shown } from '../shown.ts';
import { keyOfSetting } from '../annotation/table.ts';
import { isJsonObject } from '../json.ts';
import type { Json } from '../json.ts';
import type { ScalingModifiers, Trigger } from '../k8s/write/scaled-object.ts';
import type { Intent } from './intent.ts';
import { part } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';
import { modifiersShape } from './scaled-object-shapes.ts';

/** `scaling-modifiers`; undefined when it is absent or says nothing. */
export function scalingModifiers({ settings }: Intent): Part<ScalingModifiers | undefined> {
  if (settings.scalingModifiers === undefined) return part(undefined);
  const { value, mistakes } = readJsonAnnotation(settings.scalingModifiers, {
    key: keyOfSetting('scalingModifiers'),
    shape: modifiersShape('drop'),
    example: '{"formula":"(a + b) / 2","target":"5"}',
  });
  return part(modifiersOf(value), mistakes);
}

/** Empty texts count as absent, as KEDA reads them; modifiers without any text are none. */
export function modifiersOf(value: Json | undefined): ScalingModifiers | undefined {
  if (!isJsonObject(value)) return undefined;
  const given = Object.entries(value).filter(([, text]) => text !== '');
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** What KEDA's webhook would refuse about modifiers beside these triggers, as clauses (KEDA: scaledobject_webhook.go). */
export function modifierProblems(
  modifiers: ScalingModifiers | undefined,
  triggers: readonly Trigger[],
): readonly string[] {
  if (modifiers === undefined) return [];
  const { formula, target, activationTarget } = modifiers;
  const problems: string[] = [];
  if (formula === undefined) problems.push('needs a formula');
  else problems.push(...unknownNames(formula, triggers));
  if (target === undefined || !(numberOf(target) > 0))
    problems.push('needs a target, which must be a number more than 0, such as "5"');
  if (activationTarget !== undefined && !Number.isFinite(numberOf(activationTarget)))
    problems.push('has an activationTarget that is not a number such as "1"');
  return problems;
}

const numberOf = (text: string): number =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;

const WORDS = new Set(
  'true false nil not and or in matches contains startsWith endsWith let if else'.split(' '),
);

/**
 * Names that a formula uses and no trigger has. Only plain arithmetic is looked through: with closures, strings, maps or `let` the rule
 * is left to KEDA.
 */
function unknownNames(formula: string, triggers: readonly Trigger[]): readonly string[] {
  if (/["'`{}#|;[\]]|\blet\b|\/[/*]/.test(formula)) return [];
  const known = new Set(
    triggers.flatMap(({ type, name }) => (type === 'cpu' || type === 'memory' ? [] : [name])),
  );
  const used = [...formula.matchAll(/(?<![\w.$])[a-zA-Z_$][\w$]*(?!\s*\()(?![\w$])/g)].map(([word]) => word);
  const unknown = [...new Set(used)].filter((word) => !WORDS.has(word) && !known.has(word));
  if (unknown.length === 0) return [];
  const names = [...known].filter((name) => name !== undefined && name !== '').join(', ') || 'none';
  return [
    `uses ${unknown.map(shown).join(', ')} in its formula, but no trigger has that name (named triggers other than cpu and memory: ${names}); give triggers names that are letters and digits, such as trigger-prometheus-name: requests`,
  ];
}
