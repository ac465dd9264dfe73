import { shown } from '../shown.ts';
import type { LiveConfig } from '../config/live.ts';
import type { Json } from '../json.ts';
import { either } from '../either.ts';
import { parseQuantity } from '../k8s/quantity.ts';
import type { Trigger } from '../k8s/write/scaled-object.ts';
import type { Intent } from './intent.ts';
import { ADDRESS_EXPECTS } from '../prometheus-address.ts';
import { bridgeTrigger } from './bridge-trigger.ts';
import { kedaAsksUs } from './keda-trigger.ts';
import { checkAddress } from './prometheus-address.ts';
import { prometheusTrigger } from './prometheus-trigger.ts';
import { part } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';
import { metricTypeOf, targetText } from './scaled-object-target.ts';

/** Without a target, cpu is held at this many percent of its request (serving: pkg/apis/autoscaling). */
const DEFAULT_CPU_TARGET = 70;

/** The trigger that the signal asks for; none when only `extra-prometheus-triggers` count. */
export function defaultTrigger(intent: Intent): Part<Trigger | undefined> {
  const { signal } = intent;
  if (signal.from === 'query')
    return kedaAsksUs(intent) ? bridgeTrigger(intent, signal) : prometheusTrigger(intent, signal);
  if (signal.from !== 'resource') return part(undefined);
  const target = signal.target ?? (signal.resource === 'cpu' ? DEFAULT_CPU_TARGET : undefined);
  if (target === undefined) return part(undefined);
  const { value: metricType, mistakes } = metricTypeOf(signal.resource, intent.settings);
  const value = targetText(signal.resource, metricType, target);
  const trigger = {
    type: signal.resource,
    name: `default-trigger-${signal.resource}`,
    metadata: { value: value.value },
    metricType,
  };
  return part(trigger, [...mistakes, ...value.mistakes]);
}

/** The triggers of a value that the shape has let through; a trigger that lacks a field has been refused already and is left out. */
export const triggersOf = (value: Json | undefined): readonly Trigger[] =>
  Array.isArray(value) ? value.filter(isTrigger) : [];

const isTrigger = (value: unknown): value is Trigger =>
  typeof value === 'object' && value !== null && 'type' in value && 'metadata' in value;

/** Names must be unique where they are given (KEDA: scaletriggers_types.go). */
export function repeatedNames(triggers: readonly Trigger[]): readonly string[] {
  const names = triggers.flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]));
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

const isResource = (type: string): boolean => type === 'cpu' || type === 'memory';

/** What KEDA or the platform owner would refuse about a trigger, as clauses. Values of metadata are not repeated: they may be secret. */
export function triggerProblems(trigger: Trigger, config: LiveConfig): readonly string[] {
  const { type, metricType, useCachedMetrics, authenticationRef } = trigger;
  const allowed = ['cpu', 'memory', ...config.bridge.allowedTriggerTypes];
  if (!allowed.includes(type))
    return [
      `has the type ${shown(type)}: expected ${either(allowed)} (see allowed-trigger-types in config-hpa-bridge)`,
    ];
  const problems = isResource(type) ? resourceProblems(trigger) : [];
  if (type === 'prometheus') problems.push(...prometheusProblems(trigger, config));
  if (!isResource(type) && metricType === 'Utilization')
    problems.push(`has the metricType Utilization: expected AverageValue or Value for ${type}`);
  if (useCachedMetrics === true && (isResource(type) || type === 'cron'))
    problems.push(`has useCachedMetrics, which KEDA does not take for ${type}: expected no such field`);
  if (authenticationRef?.name === '')
    problems.push(
      'has an authenticationRef with an empty name: expected the name of a TriggerAuthentication',
    );
  return problems;
}

function resourceProblems({ type, metricType, metadata }: Trigger): string[] {
  const problems: string[] = [];
  if (metricType !== 'Utilization' && metricType !== 'AverageValue')
    problems.push(
      `${metricType === undefined ? 'needs a metricType' : `has the metricType ${metricType}`}: expected Utilization or AverageValue for ${type}`,
    );
  const { value } = metadata;
  const good = metricType === 'Utilization' ? /^[1-9]\d{0,8}$/.test(value ?? '') : isPositiveQuantity(value);
  const expected =
    metricType === 'Utilization'
      ? 'a whole percentage above 0, for example "60"'
      : 'a Kubernetes quantity above 0, for example "500m"';
  if (!good) problems.push(`${wantOf(value, 'value')}: expected ${expected}`);
  return problems;
}

function isPositiveQuantity(text: string | undefined): boolean {
  const quantity = parseQuantity(text ?? '');
  return quantity.ok && quantity.value.amount.unscaled > 0n;
}

/** Missing or wrong; what is wrong is not shown. */
const wantOf = (text: string | undefined, field: string): string =>
  text === undefined ? `needs metadata.${field}` : `has a wrong metadata.${field}`;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const isNumber = (text: string | undefined): boolean => JSON_NUMBER.test(text ?? '');

function prometheusProblems({ metadata }: Trigger, config: LiveConfig): readonly string[] {
  const { query = '', threshold, activationThreshold } = metadata;
  const problems = [...addressProblems(metadata['serverAddress'], config)];
  if (query.trim() === '')
    problems.push(
      'needs metadata.query: expected PromQL that gives one number, for example "sum(queue_depth)"',
    );
  if (!isNumber(threshold) || !(Number(threshold) >= 0.001))
    problems.push(
      `${wantOf(threshold, 'threshold')}: expected a plain number of at least 0.001, for example "1000"`,
    );
  if (activationThreshold !== undefined && !isNumber(activationThreshold))
    problems.push(
      `${wantOf(activationThreshold, 'activationThreshold')}: expected a plain number, for example "0.5"`,
    );
  return problems;
}

function addressProblems(serverAddress: string | undefined, config: LiveConfig): readonly string[] {
  const address = serverAddress?.trim() ?? '';
  if (address === '') return [`needs metadata.serverAddress: expected ${ADDRESS_EXPECTS}`];
  const checked = checkAddress(address, config);
  return checked.ok ? [] : [`is wrong in metadata.serverAddress, which ${checked.error}`];
}
