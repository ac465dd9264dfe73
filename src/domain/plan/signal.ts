import type { Mistake } from '../annotation/mistake.ts';
import type { Settings } from '../annotation/settings.ts';
import { placeIn } from '../annotation/json-text.ts';
import { ANNOTATIONS, keyOfSetting, presentKey, type Setting } from '../annotation/table.ts';
import { checkQuery, type QueryRules } from '../promql/check.ts';
import { shown } from '../shown.ts';
import { err, ok, type Result } from '../result.ts';
import { holdsSecret } from '../without-secrets.ts';
import type { Signal } from './intent.ts';
import { derivedQuery, fillQuery, type QueryFacts } from './query-template.ts';

/** What the choice of a signal depends on. */
export interface SignalInputs {
  readonly settings: Settings;
  /** The annotations that the settings were read from, for the spelling of their keys. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly facts: QueryFacts;
  readonly deploymentName: string;
  readonly withoutMetric: 'concurrency' | 'cpu';
  readonly tenancy: QueryRules['tenancy'];
  /** KEDA cannot read every answer that an own question can. */
  readonly askedBy: 'keda' | 'bridge';
}

export interface ChosenSignal {
  readonly signal: Signal;
  readonly mistakes: readonly Mistake[];
}

const chosen = (signal: Signal, mistakes: readonly Mistake[] = []): Result<ChosenSignal, Mistake> =>
  ok({ signal, mistakes });

/** Where the number comes from that the revision scales by. The error is why nothing can be built. */
export function signalOf(inputs: SignalInputs): Result<ChosenSignal, Mistake> {
  const { settings } = inputs;
  const { metric, target } = settings;
  if (metric === 'cpu' || metric === 'memory') return resource(inputs, metric);
  if (settings.prometheusQuery !== undefined) return query(inputs, settings.prometheusQuery);
  if (metric === 'concurrency' || metric === 'rps') return chosen({ from: metric });
  if (metric !== undefined) return named(inputs, metric);
  // A target that does not parse asks for cpu, too, with the backend's own target.
  if (presentKey(inputs.annotations, 'target') !== undefined)
    return chosen({ from: 'resource', resource: 'cpu', target });
  // As upstream has it: cpu, and the triggers beside it.
  if (inputs.withoutMetric === 'cpu') return chosen({ from: 'resource', resource: 'cpu', target: undefined });
  return chosen({ from: hasTriggers(settings) ? 'triggers' : 'concurrency' });
}

const hasTriggers = (settings: Settings): boolean =>
  settings.extraPrometheusTriggers !== undefined || settings.scaledObjectOverride !== undefined;

function resource(inputs: SignalInputs, name: 'cpu' | 'memory'): Result<ChosenSignal, Mistake> {
  const { settings } = inputs;
  const key = written(inputs, 'prometheusQuery');
  const beside: readonly Mistake[] =
    settings.prometheusQuery === undefined
      ? []
      : [
          {
            effect: 'ignored',
            key,
            message: `${key} has no effect, because ${keyOfSetting('metric')} is ${shown(name)}: expected another metric, or none, to scale by the query.`,
          },
        ];
  return chosen({ from: 'resource', resource: name, target: settings.target }, beside);
}

function query(inputs: SignalInputs, template: string): Result<ChosenSignal, Mistake> {
  const key = written(inputs, 'prometheusQuery');
  if (template.trim() === '')
    return refused(
      key,
      `${key} is empty: expected PromQL that gives one number, for example ${ANNOTATIONS.prometheusQuery.example}.`,
    );
  const filled = fillQuery(template, inputs.facts);
  if (!filled.ok) {
    const { at, wrong } = filled.error;
    return err({ effect: 'refused', key, message: `${key}: ${wrong}.`, at });
  }
  const checked = checkQuery(filled.value.query, rulesOf(inputs));
  if (!checked.ok) {
    const at = filled.value.originOf(checked.error.at);
    // What is wrong may be quoted word by word: who pasted an address with a password here does not find it in an event.
    const wrong = holdsSecret(template) ? 'is not PromQL' : checked.error.wrong;
    const message = `${key} ${wrong} at ${placeIn(template, at)}: expected ${checked.error.expected}.`;
    return err({ effect: 'refused', key, message, at });
  }
  const { query: text, advice } = checked.value;
  const mistakes = advice.map((clause): Mistake => ({ effect: 'advice', key, message: `${key} ${clause}.` }));
  return measured(inputs, { query: text, derived: false }, mistakes);
}

const rulesOf = ({ facts, deploymentName, tenancy, askedBy }: SignalInputs): QueryRules => ({
  namespace: facts.namespace,
  tenancy,
  scalar: askedBy === 'bridge',
  words: [
    facts.revisionName,
    facts.namespace,
    facts.serviceName,
    facts.configurationName,
    facts.revisionUID,
    deploymentName,
  ],
});

function named(inputs: SignalInputs, metric: string): Result<ChosenSignal, Mistake> {
  const key = written(inputs, 'metric');
  if (metric === '')
    return refused(
      key,
      `${key} is empty: expected cpu, memory, concurrency, rps or the name of a metric in Prometheus, for example ${ANNOTATIONS.metric.example}.`,
    );
  if (inputs.settings.target === undefined && hasTriggers(inputs.settings))
    return chosen({ from: 'triggers' });
  const derived = derivedQuery(metric, inputs.facts.namespace, inputs.deploymentName);
  if (!derived.ok) return refused(key, `${key} is ${shown(metric)}${derived.error}.`);
  return measured(inputs, { query: derived.value, derived: true });
}

function measured(
  { settings }: SignalInputs,
  what: { readonly query: string; readonly derived: boolean },
  mistakes: readonly Mistake[] = [],
): Result<ChosenSignal, Mistake> {
  const { target } = settings;
  if (target !== undefined) return chosen({ from: 'query', ...what, target }, mistakes);
  if (hasTriggers(settings)) return chosen({ from: 'triggers' });
  const key = keyOfSetting('target');
  return refused(
    key,
    `${key} is missing: expected what one pod should carry of the queried value, a number above 0, for example ${ANNOTATIONS.target.example}.`,
  );
}

const refused = (key: string, message: string): Result<never, Mistake> =>
  err({ effect: 'refused', key, message });

const written = ({ annotations }: SignalInputs, setting: Setting): string =>
  presentKey(annotations, setting) ?? keyOfSetting(setting);
