import { readJsonAnnotation } from '../annotation/json-annotation.ts';
import { both, either } from '../either.ts';
import { shown } from '../shown.ts';
import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
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
    example: ANNOTATIONS.scalingModifiers.example,
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
  if (formula === undefined) problems.push('needs a formula, for example "requests + queue"');
  else problems.push(...unknownNames(formula, triggers));
  if (target === undefined) problems.push('needs a target, for example "5"');
  else if (!(numberOf(target) > 0))
    problems.push(`has the target ${shown(target)}: expected a number above 0, for example "5"`);
  if (activationTarget !== undefined && !Number.isFinite(numberOf(activationTarget)))
    problems.push(`has the activationTarget ${shown(activationTarget)}: expected a number, for example "1"`);
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
  const names = [...known].filter((name) => name !== undefined && name !== '');
  const named = names.length === 0 ? 'triggers with names' : either(names.map((name) => shown(name ?? '')));
  return [
    `uses ${both(unknown.map((name) => shown(name)))} in its formula, which no trigger is named: expected ${named}; ${keyOfSetting('triggerPrometheusName')} names the trigger of the query, in letters and digits`,
  ];
}
