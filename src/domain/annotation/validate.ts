import type { AutoscalerConfig } from '../config/autoscaler.ts';
import { HOUR, isWholeSeconds, nanos, parseDuration, printDuration, type Nanos } from '../go/duration.ts';
import { parseFloat64 } from '../go/parse-float.ts';
import { atoi, parseInt32 } from '../go/parse-int.ts';
import { LONGEST_WINDOW, SHORTEST_WINDOW } from './limits.ts';
import type { Annotations } from './parse.ts';
import { HPA_CLASS, KPA_CLASS } from './resolve.ts';
import { keyOfSetting, presentKey, type Setting } from './table.ts';

/** One error of Knative's admission: equal messages are one error with all their paths. */
export interface FieldError {
  readonly message: string;
  readonly paths: readonly string[];
}

/** A key as the user spelt it, and its text. */
interface Found {
  readonly key: string;
  readonly text: string;
}

type Rule = (annotations: Annotations, config: AutoscalerConfig) => readonly FieldError[];

const NONE: readonly FieldError[] = [];
const MOST = 2147483647;

const error = (message: string, ...paths: readonly string[]): readonly FieldError[] => [{ message, paths }];
const invalid = (text: string, path: string): readonly FieldError[] => error(`invalid value: ${text}`, path);
const outOfBounds = (
  { key, text }: Found,
  least: number | string,
  most: number | string,
): readonly FieldError[] => error(`expected ${least} <= ${text} <= ${most}`, key);

function find(annotations: Annotations, setting: Setting): Found | undefined {
  const key = presentKey(annotations, setting);
  return key === undefined ? undefined : { key, text: annotations[key] ?? '' };
}

/** A rule on one annotation; absent ones break none. */
const on =
  (setting: Setting, rule: (found: Found, config: AutoscalerConfig) => readonly FieldError[]): Rule =>
  (annotations, config) => {
    const found = find(annotations, setting);
    return found === undefined ? NONE : rule(found, config);
  };

/** A rule on a double; comparisons are such that NaN breaks none. */
const float = (setting: Setting, check: (value: number, found: Found) => readonly FieldError[]): Rule =>
  on(setting, (found) => {
    const parsed = parseFloat64(found.text);
    return parsed.ok ? check(parsed.value, found) : invalid(found.text, found.key);
  });

const percentage = (setting: Setting, least: number, most: number): Rule =>
  float(setting, (value, found) => (value < least || value > most ? outOfBounds(found, least, most) : NONE));

function lasting(setting: Setting, least: Nanos, most: Nanos, precision: 'seconds' | 'any'): Rule {
  return on(setting, (found) => {
    const parsed = parseDuration(found.text);
    if (!parsed.ok) return invalid(found.text, found.key);
    if (parsed.value < least || parsed.value > most)
      return outOfBounds(found, printDuration(least), printDuration(most));
    return precision === 'any' || isWholeSeconds(parsed.value)
      ? NONE
      : error('must be specified with at most second precision', found.key);
  });
}

/** A scale, 0 when it is absent or broken, and what is wrong with it. */
function scaleOf(found: Found | undefined): readonly [scale: number, errors: readonly FieldError[]] {
  if (found === undefined) return [0, NONE];
  const parsed = parseInt32(found.text);
  if (parsed.ok && parsed.value >= 0) return [parsed.value, NONE];
  if (!parsed.ok && parsed.error.because === 'syntax') return [0, invalid(found.text, found.key)];
  return [0, outOfBounds(found, 0, MOST)];
}

function maxWithinLimit(found: Found | undefined, max: number, limit: number): readonly FieldError[] {
  if (found === undefined || limit === 0) return NONE;
  if (max > limit) return outOfBounds({ key: found.key, text: max.toString() }, 1, limit);
  return max === 0 ? error(`max-scale=0 (unlimited), must be less than ${limit}`, found.key) : NONE;
}

function activation(found: Found | undefined, min: number, max: number): readonly FieldError[] {
  if (found === undefined) return NONE;
  const parsed = parseInt32(found.text);
  if (!parsed.ok) return invalid(found.text, found.key);
  const start = parsed.value;
  if (min > start) return error(`min-scale=${min} is greater than activation-scale=${start}`, found.key);
  if (max !== 0 && max < start)
    return error(`max-scale=${max} is less than activation-scale=${start}`, found.key);
  return start < 2 ? error(`activation-scale=${start} must be greater than 1`, found.key) : NONE;
}

const scales: Rule = (annotations, { maxScaleLimit }) => {
  const maxFound = find(annotations, 'maxScale');
  const [min, minErrors] = scaleOf(find(annotations, 'minScale'));
  const [max, maxErrors] = scaleOf(maxFound);
  const order =
    max !== 0 && max < min
      ? error(
          `max-scale=${max} is less than min-scale=${min}`,
          keyOfSetting('maxScale'),
          keyOfSetting('minScale'),
        )
      : NONE;
  return [
    ...minErrors,
    ...maxErrors,
    ...order,
    ...maxWithinLimit(maxFound, max, maxScaleLimit),
    ...activation(find(annotations, 'activationScale'), min, max),
  ];
};

const initialScale = on('initialScale', ({ key, text }, { allowZeroInitialScale }) => {
  const parsed = atoi(text);
  if (!parsed.ok) return invalid(text, key);
  if (parsed.value < 0n) return invalid(text, `${key} must be greater than 0`);
  return parsed.value === 0n && !allowZeroInitialScale
    ? invalid(text, `${key}=0 not allowed by cluster`)
    : NONE;
});

const knownClass = on('class', ({ key, text }) =>
  text.endsWith('.knative.dev') && text !== KPA_CLASS && text !== HPA_CLASS ? invalid(text, key) : NONE,
);

const metricOfClass: Rule = (annotations, { podAutoscalerClass }) => {
  const found = find(annotations, 'metric');
  if (found === undefined) return NONE;
  const named = find(annotations, 'class')?.text ?? podAutoscalerClass;
  const fits =
    named === KPA_CLASS
      ? found.text === 'concurrency' || found.text === 'rps'
      : named !== HPA_CLASS || found.text !== '';
  return fits ? NONE : invalid(found.text, found.key);
};

const ALGORITHMS: readonly string[] = ['', 'linear', 'weighted-exponential', 'weightedExponential'];

const algorithm: Rule = (annotations) => {
  const found = find(annotations, 'metricAggregationAlgorithm');
  if (found === undefined || find(annotations, 'class')?.text !== KPA_CLASS) return NONE;
  return ALGORITHMS.includes(found.text) ? NONE : invalid(found.text, found.key);
};

const RULES: readonly Rule[] = [
  knownClass,
  scales,
  percentage('panicWindowPercentage', 1, 100),
  percentage('panicThresholdPercentage', 110, 1000),
  float('target', (value, { key, text }) =>
    value < 0.01 ? error(`target ${text} should be at least 0.01`, key) : NONE,
  ),
  percentage('targetUtilizationPercentage', 1, 100),
  float('targetBurstCapacity', (value, { key, text }) =>
    value < 0 && value !== -1 ? invalid(text, key) : NONE,
  ),
  lasting('window', SHORTEST_WINDOW, LONGEST_WINDOW, 'seconds'),
  lasting('scaleToZeroPodRetentionPeriod', nanos(0n), HOUR, 'any'),
  lasting('scaleDownDelay', nanos(0n), HOUR, 'seconds'),
  metricOfClass,
  algorithm,
  initialScale,
];

/**
 * What Knative's admission says about the annotations of a revision template or PodAutoscaler (serving:
 * pkg/apis/autoscaling/annotation_validation.go): every error, equal messages merged, sorted by message. None means valid.
 */
export function validateAnnotations(
  config: AutoscalerConfig,
  annotations: Annotations,
): readonly FieldError[] {
  const paths = new Map<string, Set<string>>();
  for (const found of RULES.flatMap((rule) => rule(annotations, config)))
    paths.set(found.message, new Set([...(paths.get(found.message) ?? []), ...found.paths]));
  return [...paths]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([message, keys]) => ({ message, paths: [...keys].sort() }));
}

/** The errors as one text, one a line. */
export const fieldErrorsText = (errors: readonly FieldError[]): string =>
  errors.map(({ message, paths }) => `${message}: ${paths.join(', ')}`).join('\n');
