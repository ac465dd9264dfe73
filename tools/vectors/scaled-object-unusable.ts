import { parseFloat64 } from '../../src/domain/go/parse-float.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { at, itemsIn, objectIn, textAt } from './scaled-object-case.ts';
import { textsOf } from './texts.ts';

// What KEDA, its CRD, the HPA and the API server refuse of an object, said once more and without our builder.

const LARGEST = 2 ** 31 - 1;

const isNumber = (text: string | undefined): boolean =>
  /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text ?? '');

const isResource = (trigger: Json): boolean => ['cpu', 'memory'].includes(textAt(trigger, 'type'));

function resourceTriggerUnusable(trigger: Json): boolean {
  const type = at(trigger, 'metricType');
  const value = textsOf(at(trigger, 'metadata'))['value'] ?? '';
  if (at(trigger, 'useCachedMetrics') === true) return true;
  if (type === 'Utilization') return !/^[1-9]\d*$/.test(value);
  return type !== 'AverageValue' || !/^[+]?[\d.]+([numkMGTPE]|[KMGTPE]i)?$/.test(value);
}

export const MODES = ['apiKey', 'basic', 'tls', 'bearer', 'custom', 'oauth'];

function queryTriggerUnusable(trigger: Json): boolean {
  const {
    serverAddress = '',
    query = '',
    threshold,
    activationThreshold = '0',
    authModes,
  } = textsOf(at(trigger, 'metadata'));
  return (
    addressUnusable(serverAddress) ||
    query.trim() === '' ||
    !isNumber(threshold) ||
    Number(threshold) < 0.001 ||
    !isNumber(activationThreshold) ||
    (authModes !== undefined && authModes.split(',').some((mode) => !MODES.includes(mode.trim())))
  );
}

/** Of the kinds that Go reads a trigger into. */
const isTyped = (trigger: Json): boolean =>
  Object.values(objectIn(trigger, 'metadata')).every(
    (value) => typeof value === 'string' || value === null,
  ) &&
  ['object', 'undefined'].includes(typeof at(trigger, 'metadata')) &&
  ['object', 'undefined'].includes(typeof at(trigger, 'authenticationRef'));

const KINDS = ['', 'TriggerAuthentication', 'ClusterTriggerAuthentication'];

/** What KEDA, or the schema of its CRD, refuses about one trigger. */
function triggerUnusable(trigger: Json): boolean {
  if (!isTyped(trigger)) return true;
  const type = textAt(trigger, 'type');
  const metricType = textAt(trigger, 'metricType') || 'AverageValue';
  if (type === '' || at(trigger, 'metadata') === null || at(trigger, 'authenticationRef', 'name') === '')
    return true;
  if (!KINDS.includes(textAt(trigger, 'authenticationRef', 'kind'))) return true;
  if (isResource(trigger)) return resourceTriggerUnusable(trigger);
  if (!['AverageValue', 'Value'].includes(metricType)) return true;
  if (type === 'cron' && at(trigger, 'useCachedMetrics') === true) return true;
  return type === 'prometheus' && queryTriggerUnusable(trigger);
}

export function triggersUnusable(triggers: readonly Json[]): boolean {
  const names = triggers
    .map((trigger) => at(trigger, 'name'))
    .filter((name) => name !== undefined && name !== '');
  return triggers.length === 0 || new Set(names).size < names.length || triggers.some(triggerUnusable);
}

const integer = (value: Json | undefined, from: number, to: number): boolean =>
  typeof value === 'number' && value >= from && value <= to;

const isTolerance = (value: Json): boolean =>
  /^\s*\+?\d*\.?\d+\.?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?\s*$/.test(
    typeof value === 'number' ? String(value) : textAt(value),
  );

/** What the API server refuses about one direction of an HPA's behavior. */
export function rulesUnusable(rules: JsonObject): boolean {
  const { stabilizationWindowSeconds = 0 } = rules;
  return (
    !integer(stabilizationWindowSeconds, 0, 3600) ||
    (rules['selectPolicy'] !== undefined &&
      !['Max', 'Min', 'Disabled'].includes(textAt(rules, 'selectPolicy'))) ||
    !isTolerance(rules['tolerance'] ?? '0') ||
    itemsIn(rules, 'policies').some(
      (policy) =>
        !['Pods', 'Percent'].includes(textAt(policy, 'type')) ||
        !integer(at(policy, 'value'), 1, LARGEST) ||
        !integer(at(policy, 'periodSeconds'), 1, 1800),
    )
  );
}

/** What KEDA's webhook refuses about the formula and its target. */
export function modifiersUnusable(spec: JsonObject): boolean {
  const modifiers = objectIn(spec, 'advanced', 'scalingModifiers');
  if (Object.keys(modifiers).length === 0) return false;
  const {
    formula = '',
    target = '',
    activationTarget = '0',
    metricType = 'AverageValue',
  } = textsOf(modifiers);
  const names = itemsIn(spec, 'triggers')
    .filter((trigger) => !isResource(trigger))
    .map((trigger) => at(trigger, 'name'));
  const used = formula.match(/\b[a-zA-Z_]\w*\b(?!\s*\()/g) ?? [];
  const parsed = parseFloat64(target);
  return (
    formula === '' ||
    used.some((name) => !names.includes(name)) ||
    !(parsed.ok && parsed.value > 0) ||
    !parseFloat64(activationTarget).ok ||
    !['AverageValue', 'Value'].includes(metricType)
  );
}

export const behaviorIn = (spec: JsonObject, side: 'scaleUp' | 'scaleDown'): JsonObject =>
  objectIn(spec, 'advanced', 'horizontalPodAutoscalerConfig', 'behavior', side);

export const anyBehaviorUnusable = (spec: JsonObject): boolean =>
  rulesUnusable(behaviorIn(spec, 'scaleUp')) || rulesUnusable(behaviorIn(spec, 'scaleDown'));

/** What is wrong with numbers of an override: zeroes that Go's types put where it says nothing, and what the CRD refuses. */
function countsUnusable(spec: JsonObject): boolean {
  const { idleReplicaCount, minReplicaCount = 1, maxReplicaCount, pollingInterval = 1, fallback } = spec;
  return (
    at(fallback, 'failureThreshold') === 0 ||
    at(fallback, 'replicas') === 0 ||
    !integer(pollingInterval, 1, LARGEST) ||
    !integer(at(spec, 'cooldownPeriod') ?? 0, 0, LARGEST) ||
    !integer(minReplicaCount, 0, Number(maxReplicaCount)) ||
    Number(idleReplicaCount ?? -1) >= Math.max(1, Number(minReplicaCount))
  );
}

const isScaledObject = (object: JsonObject): boolean =>
  ['', 'keda.sh/v1alpha1'].includes(textAt(object, 'apiVersion')) &&
  ['', 'ScaledObject'].includes(textAt(object, 'kind'));

/** What the API server, KEDA or the HPA refuses about a whole object that came from an override. */
export function overrideUnusable(object: JsonObject): boolean {
  const spec = objectIn(object, 'spec');
  const triggers = triggersUnusable(itemsIn(spec, 'triggers'));
  return (
    triggers ||
    modifiersUnusable(spec) ||
    anyBehaviorUnusable(spec) ||
    countsUnusable(spec) ||
    !isScaledObject(object)
  );
}

/** What makes a text no address to ask. */
export const addressUnusable = (address: string): boolean =>
  !/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/i.test(address) || !URL.canParse(address);
