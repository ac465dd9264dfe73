import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts';
import { FAULTS } from '../domain/fault.ts';
import { nameOf, namespaceOf, type Key } from '../domain/key.ts';
import { keyOfMeta, type HasMeta } from '../domain/k8s/meta.ts';
import { conditionOf, type Condition } from '../domain/k8s/read/condition.ts';
import type {
  HorizontalPodAutoscaler,
  ScaledObject,
  ServerlessService,
} from '../domain/k8s/read/children.ts';
import type { PodAutoscaler } from '../domain/k8s/read/pod-autoscaler.ts';

/** One thing that was seen to happen to a revision, in words. */
export interface Sight {
  readonly about: Key;
  /** made, changed, removed, fine, waiting, to be looked at */
  readonly mark: '+' | '~' | '-' | '=' | '.' | '!';
  readonly text: string;
}

type Change<T> = { readonly before: T | undefined; readonly after: T | undefined };

const PREFIX = 'autoscaling.knative.dev/';

/** What a condition means when it is True. */
const MEANING: Readonly<Record<string, string>> = {
  Ready: 'everything that the revision needs to scale is in place',
  Active: 'the revision may take requests',
  ScaleTargetInitialized: 'its first pods have been ready',
  SKSReady: 'its Services lead to its pods',
  AnnotationsValid: 'every annotation is understood',
  SignalAvailable: 'the query has a value',
};

/** A PodAutoscaler: what it asks for, then each condition and scale that moved. */
export function showPodAutoscaler({ before, after }: Change<PodAutoscaler>): readonly Sight[] {
  if (after === undefined) return before === undefined ? [] : [showGone(before)];
  const about = keyOfMeta(after.metadata);
  const sights: Sight[] = [];
  const asked = asksOf(after);
  if (before === undefined) sights.push({ about, mark: '+', text: `asks for ${asked}` });
  else if (asksOf(before) !== asked) sights.push({ about, mark: '~', text: `now asks for ${asked}` });
  sights.push(...showConditions(about, before?.status.conditions ?? [], after.status.conditions));
  const scale = scaleOf(after);
  if (scale !== '' && scale !== (before === undefined ? '' : scaleOf(before)))
    sights.push({ about, mark: '=', text: scale });
  return sights;
}

const showGone = ({ metadata }: PodAutoscaler): Sight => ({
  about: keyOfMeta(metadata),
  mark: '-',
  text: 'the PodAutoscaler is gone, and what it owned goes with it',
});

/** The conditions that say something new, the summary last. */
function showConditions(
  about: Key,
  before: readonly Condition[],
  after: readonly Condition[],
): readonly Sight[] {
  const parts = after.filter(({ type }) => type !== SUMMARY);
  return [...parts, ...after.filter(({ type }) => type === SUMMARY)].flatMap((condition) => {
    const old = conditionOf(before, condition.type);
    if (saysNothing(condition) || (old !== undefined && saysOf(old) === saysOf(condition))) return [];
    const cause = condition.type === SUMMARY ? parts.find((part) => isCause(part, condition)) : undefined;
    const text =
      cause === undefined ? saysOf(condition) : `${SUMMARY} is ${condition.status}, as ${cause.type} is`;
    return [{ about, mark: markOf(condition), text }];
  });
}

const SUMMARY = 'Ready';

/** True is the bad news of it; that it is over is said by SignalAvailable. */
const INVERTED = 'FallbackActive';

const markOf = ({ type, status, reason }: Condition): Sight['mark'] => {
  if (type === INVERTED) return '!';
  if (status === 'True') return '=';
  return status === 'Unknown' && reason !== INVALID ? '.' : '!';
};

const INVALID = FAULTS.annotation_invalid.reason;

const saysNothing = ({ type, status, reason = '', message = '' }: Condition): boolean =>
  type === INVERTED ? status !== 'True' : status === 'Unknown' && reason === '' && message === '';

/** The summary repeats the words of the condition that it follows. */
const isCause = (part: Condition, summary: Condition): boolean =>
  summary.status !== 'True' &&
  part.status === summary.status &&
  part.reason === summary.reason &&
  part.message === summary.message;

/** The annotations that the user can write, without those that Knative adds to every PodAutoscaler. */
function asksOf({ metadata: { annotations } }: PodAutoscaler): string {
  const named = Object.entries(annotations)
    .filter(([key]) => key.startsWith(PREFIX) || key.startsWith('hpa-bridge.dev/'))
    .map(([key, value]) => [key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key, value] as const);
  const hasQuery = named.some(([key]) => key === 'query' || key === 'prometheus-query');
  const asked = named
    .filter(([key, value]) => key !== 'class' && !(hasQuery && key === 'metric' && value === 'cpu'))
    .map(([key, value]) => `${key}=${/^[\w.:/%-]+$/.test(value) ? value : quoted(value)}`);
  return asked.length === 0 ? 'nothing in particular' : asked.join(' ');
}

function saysOf({ type, status, reason = '', message = '' }: Condition): string {
  if (status === 'True' && type !== INVERTED) return `${type}: ${MEANING[type] ?? 'True'}`;
  const why = [reason, message].filter((part) => part !== '').join(', ');
  return `${type} is ${status}${why === '' ? '' : `: ${why}`}`;
}

/** A wanted scale below 0 is one that nobody knows. */
function scaleOf({ status: { actualScale = 0, desiredScale = -1 } }: PodAutoscaler): string {
  if (desiredScale >= 0) return `scale: ${actualScale} ready of ${desiredScale} wanted`;
  return actualScale > 0 ? `scale: ${actualScale} ready` : '';
}

/** A ScaledObject, as what KEDA is told to do. */
export const showScaledObject = (change: Change<ScaledObject>): readonly Sight[] =>
  showChild('ScaledObject', change, ({ spec }) => {
    const range = `${numberAt(spec, 'minReplicaCount') ?? 0} to ${numberAt(spec, 'maxReplicaCount') ?? 100} pods`;
    return `KEDA keeps ${range} by ${listAt(spec, 'triggers').map(triggerOf).join(' and ') || 'nothing'}`;
  });

/** What stands behind a goal, by the trigger's metric type. */
const PER: Readonly<Record<string, string>> = { Utilization: ' %', Value: '' };

function triggerOf(trigger: JsonObject): string {
  const metadata = objectAt(trigger, 'metadata');
  const type = textAt(trigger, 'type') ?? 'a trigger';
  const query = textAt(metadata, 'query');
  const goal = textAt(metadata, 'threshold') ?? textAt(metadata, 'value');
  const of = query === undefined ? type : `${type} ${quoted(query)}`;
  return goal === undefined ? of : `${of} at ${goal}${PER[textAt(trigger, 'metricType') ?? ''] ?? ' a pod'}`;
}

/** Without escapes: what is read is a query, not a string literal. */
const quoted = (text: string): string => (text.includes('"') ? `'${text}'` : `"${text}"`);

/** An HPA, as what Kubernetes is told to do. */
export const showHorizontalPodAutoscaler = (change: Change<HorizontalPodAutoscaler>): readonly Sight[] =>
  showChild('HorizontalPodAutoscaler', change, ({ spec }) => {
    const range = `${numberAt(spec, 'minReplicas') ?? 1} to ${numberAt(spec, 'maxReplicas') ?? 0} pods`;
    return `Kubernetes keeps ${range} by ${listAt(spec, 'metrics').map(metricOf).join(' and ') || 'cpu at 80 %'}`;
  });

function metricOf(metric: JsonObject): string {
  const resource = objectAt(metric, 'resource');
  const external = objectAt(metric, 'external');
  const name = textAt(resource, 'name') ?? textAt(objectAt(external, 'metric'), 'name') ?? 'a metric';
  const target = objectAt(textAt(resource, 'name') === undefined ? external : resource, 'target');
  const percent = numberAt(target, 'averageUtilization');
  if (percent !== undefined) return `${name} at ${percent} %`;
  const each = textAt(target, 'averageValue');
  const whole = textAt(target, 'value');
  if (each !== undefined) return `${name} at ${each} a pod`;
  return whole === undefined ? name : `${name} at ${whole}`;
}

/** A ServerlessService, as the way that requests take. */
export const showServerlessService = (change: Change<ServerlessService>): readonly Sight[] =>
  showChild('ServerlessService', change, ({ spec }) =>
    textAt(spec, 'mode') === 'Proxy'
      ? 'requests go through the activator (mode Proxy)'
      : 'requests go straight to the pods (mode Serve)',
  );

function showChild<T extends HasMeta>(
  kind: string,
  { before, after }: Change<T>,
  describe: (object: T) => string,
): readonly Sight[] {
  const either = after ?? before;
  if (either === undefined) return [];
  const about = keyOfMeta(either.metadata);
  if (after === undefined) return [{ about, mark: '-', text: `removed ${kind}` }];
  const text = describe(after);
  if (before === undefined) return [{ about, mark: '+', text: `${kind}: ${text}` }];
  return describe(before) === text ? [] : [{ about, mark: '~', text: `${kind}: ${text}` }];
}

/** What a Kubernetes event says of its object. */
export const showEvent = (about: Key, event: { type: string; reason: string; message: string }): Sight => ({
  about,
  mark: event.type === 'Warning' ? '!' : '=',
  text: `event ${event.reason}: ${event.message}`,
});

export interface Page {
  /** Columns of the terminal. */
  readonly width: number;
  /** Columns that names take; a longer name pushes its own line. */
  readonly nameWidth: number;
  readonly paint: (what: 'time' | 'name' | Sight['mark'], text: string) => string;
}

/** `12:00:01  default/query  + text`, with what does not fit continued below the text. `time` has eight columns. */
export function renderSight({ about, mark, text }: Sight, time: string, page: Page): string {
  const name = namespaceOf(about) === 'default' ? nameOf(about) : about;
  const indent = time.length + 2 + page.nameWidth + 2 + 2;
  const [first = '', ...more] = wrap(text, Math.max(30, page.width - indent));
  const head = `${page.paint('time', time)}  ${page.paint('name', name.padEnd(page.nameWidth))}  ${page.paint(mark, mark)} ${first}`;
  return [head, ...more.map((line) => `${' '.repeat(indent)}${line}`)].join('\n');
}

/** Lines of at most `width` columns, broken between words; a word that is longer keeps its line to itself. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const objectAt = (object: JsonObject, field: string): JsonObject => {
  const value = object[field];
  return isJsonObject(value) ? value : {};
};
const listAt = (object: JsonObject, field: string): readonly JsonObject[] => {
  const value = object[field];
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => isJsonObject(item)) : [];
};
const textAt = (object: JsonObject, field: string): string | undefined => {
  const value = object[field];
  return typeof value === 'string' ? value : undefined;
};
const numberAt = (object: JsonObject, field: string): number | undefined => {
  const value = object[field];
  return typeof value === 'number' ? value : undefined;
};
